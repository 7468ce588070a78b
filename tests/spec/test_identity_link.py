"""Linking plain tables in a notebook: what goes in, what comes out."""

from __future__ import annotations

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from rooftree.identity import Model, link, link_new
from rooftree.vocabulary.errors import UserError
from tests.lib.households import make

HERE = {
    "id": ["a", "b"],
    "Forename": ["Margaret", "Stanley"],
    "Surname": ["Marsh", "Marsh"],
    "DOB": ["27/03/1950", "02/10/1948"],
    "Address line 1": ["1 Ash Road", "1 Ash Road"],
    "Postcode": ["ZX1 1AA", "zx11aa"],
}
THERE = {
    "id": ["x", "y"],
    "Forename": ["Peggy", "Albert"],
    "Surname": ["Marsh", "Dale"],
    "DOB": ["1950-03-27", "19300101"],
    "Address line 1": ["1 Ash Road", "7 Elm Road"],
    "Postcode": ["ZX1 1AA", "ZX9 9ZZ"],
}


def pairs(result) -> list[tuple[str, str]]:
    """The linked pairs, as plain tuples."""
    table = result.links.select(["unique_id_l", "unique_id_r"]).to_pylist()
    return [(row["unique_id_l"], row["unique_id_r"]) for row in table]


@pytest.mark.parametrize(
    "read", [pd.DataFrame, pa.table, lambda rows: duckdb.from_arrow(pa.table(rows))]
)
def test_any_table_that_arrow_reads(read) -> None:
    assert pairs(link(read(HERE), read(THERE))) == [("a", "x")]


def test_columns_are_said_where_names_do_not_tell() -> None:
    odd = {{"Surname": "SN"}.get(name, name): values for name, values in THERE.items()}
    plain = {{"Surname": "SN"}.get(name, name): values for name, values in HERE.items()}
    assert pairs(link(pa.table(plain), pa.table(odd), columns={"family_name": "SN"})) == [
        ("a", "x")
    ]


def test_a_link_shows_its_levels() -> None:
    (row,) = link(pa.table(HERE), pa.table(THERE)).links.to_pylist()
    assert row["given"] == "nickname"
    assert row["date_of_birth"] == "same"
    assert row["surname_and_home"] == "same surname, same home"
    assert row["probability"] > 0.99


def test_a_national_number_is_read_only_when_asked() -> None:
    """Named `soc_sec_id` or `ni_number`, it is passed over unless `columns` says so."""
    numbered = pa.table({**HERE, "ni_number": ["AB123456C", "AB123456C"]})
    assert "ni_number" not in link(numbered).links.column_names
    assert pairs(link(numbered)) == []


def test_ids_that_repeat_are_refused() -> None:
    twice = pa.table({**HERE, "id": ["a", "a"]})
    with pytest.raises(UserError, match="more than once"):
        link(twice)


def test_a_table_without_anything_to_compare_is_refused() -> None:
    with pytest.raises(UserError, match="no column that linkage can compare"):
        link(pa.table({"id": ["a"], "colour": ["red"]}))


def test_a_threshold_is_a_probability() -> None:
    with pytest.raises(UserError, match="match probability"):
        link(pa.table(HERE), threshold=12)


def test_no_records_and_one_record_give_no_links() -> None:
    empty = pa.table({name: pa.array([], pa.string()) for name in HERE})
    assert link(empty).links.num_rows == 0
    assert link(pa.table(HERE).slice(0, 1)).clusters.num_rows == 1


@pytest.fixture(scope="module")
def crowd() -> pa.Table:
    return make(4_000, seed=11)


@pytest.fixture(scope="module")
def linked(crowd: pa.Table):
    return link(crowd, truth=crowd.select(["unique_id", "person"]))


def test_people_of_one_household_stay_apart(linked) -> None:
    """By the strict measure: a cluster is right only if it holds exactly the records of one person."""
    clusters = linked.diagnostics.evaluation.clusters
    assert clusters.precision.value >= 0.985
    assert clusters.f1 >= 0.965


def test_a_saved_model_gives_the_same_links(crowd: pa.Table, linked) -> None:
    again = link(crowd, model=linked.model.to_json())
    assert again.links.equals(linked.links)
    assert Model.from_json(linked.model.to_json()) == linked.model


def test_the_order_of_records_does_not_matter(crowd: pa.Table, linked) -> None:
    turned = link(crowd.take(list(range(crowd.num_rows - 1, -1, -1))))
    assert turned.links.equals(linked.links)
    assert turned.clusters.equals(linked.clusters)


def test_new_records_link_to_existing_ones_as_in_a_full_run(crowd: pa.Table, linked) -> None:
    existing, new = crowd.slice(0, 3_900), crowd.slice(3_900)
    found = set(pairs(link_new(existing, new, linked.model)))
    arrived = set(new["unique_id"].to_pylist())
    full = {pair for pair in pairs(linked) if arrived & set(pair)}
    assert len(found & full) >= 0.97 * len(full)
    assert all(arrived & set(pair) for pair in found)


def test_a_model_of_another_version_is_refused(linked) -> None:
    with pytest.raises(UserError, match="Train a new one"):
        Model.from_json('{"m": {}}')
    with pytest.raises(UserError, match="another version"):
        Model.from_json(linked.model.to_json().replace("nickname", "pet name"))
