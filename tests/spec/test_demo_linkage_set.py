"""The linkage set: two systems' records of the same people with the mistakes in the stated shares."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from rooftree.demo.linkage_set import linkage_set


@pytest.fixture(scope="module")
def tables() -> tuple[pa.Table, pa.Table, pa.Table]:
    return linkage_set(homes=4_000, seed=2)


def joined(tables: tuple[pa.Table, pa.Table, pa.Table], system: str) -> dict[int, list[dict]]:
    housing, crm, truth = tables
    person = {r["person_ref"]: r["person"] for r in truth.to_pylist() if r["system"] == system}
    found: dict[int, list[dict]] = {}
    for record in (housing if system == "housing" else crm).to_pylist():
        found.setdefault(person[record["person_ref"]], []).append(record)
    return found


def test_every_record_has_its_truth(tables: tuple) -> None:
    housing, crm, truth = tables
    assert truth.num_rows == housing.num_rows + crm.num_rows
    refs = {(r["system"], r["person_ref"]) for r in truth.to_pylist()}
    assert refs == {("housing", r) for r in housing["person_ref"].to_pylist()} | {
        ("crm", r) for r in crm["person_ref"].to_pylist()
    }


def test_two_and_a_half_records_per_home(tables: tuple) -> None:
    assert 2.2 < (tables[0].num_rows + tables[1].num_rows) / 4_000 < 3.0


def test_mistakes_are_in_the_stated_shares(tables: tuple) -> None:
    _, crm, _ = tables
    assert 0.27 < crm["date_of_birth"].null_count / crm.num_rows < 0.33
    held, seen = joined(tables, "housing"), joined(tables, "crm")
    both = [(held[p][0], c) for p, records in seen.items() for c in records if p in held]
    surname = sum(h["family_name"] != c["family_name"] for h, c in both) / len(both)
    given = sum(h["given_name"] != c["given_name"] for h, c in both) / len(both)
    place = sum(h["postcode"] != c["postcode"] for h, c in both) / len(both)
    assert 0.05 < surname < 0.11  # four in a hundred changed, the others are slips
    assert 0.10 < given < 0.24  # nicknames, initials and slips
    assert 0.07 < place < 0.18  # one in ten moved
    swapped = sum(
        (h["date_of_birth"].day, h["date_of_birth"].month)
        == (c["date_of_birth"].month, c["date_of_birth"].day)
        and h["date_of_birth"] != c["date_of_birth"]
        for h, c in both
        if h["date_of_birth"] and c["date_of_birth"]
    )
    assert swapped > 5


def test_the_hard_cases_are_there(tables: tuple) -> None:
    _, crm, truth = tables
    for flag in ("twin", "same_name", "mover", "duplicate"):
        assert pc.sum(truth[flag]).as_py() > 3, flag  # type: ignore[attr-defined]
    phones = [p for p in crm["phone"].to_pylist() if p]
    assert len(set(phones)) < len(phones)


def test_contact_records_name_no_tenancy_unless_asked(tables: tuple) -> None:
    _, crm, _ = tables
    assert crm["tenancy_ref"].null_count == crm.num_rows
    _, with_refs, _ = linkage_set(homes=300, seed=2, references=True)
    assert 0.3 < with_refs["tenancy_ref"].null_count / with_refs.num_rows < 0.5


def test_the_same_seed_gives_the_same_records() -> None:
    one, two = linkage_set(homes=200, seed=9), linkage_set(homes=200, seed=9)
    assert all(a.equals(b) for a, b in zip(one, two, strict=True))
