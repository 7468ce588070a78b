"""The Regulator's file of Tenant Satisfaction Measures 2023-24, through our own reading and functions."""

from __future__ import annotations

import datetime as dt
import statistics
from pathlib import Path

import pyarrow as pa
import pytest

from rooftree.pipeline.plain_file import read_tsm
from rooftree.survey import definitions
from rooftree.survey.comparison import compare_years
from rooftree.survey.perception import measures
from rooftree.survey.regulator import ANSWERS, RegulatorFile, reconcile
from rooftree.survey.sample_size import achieved_margin, by_rule
from rooftree.vocabulary.errors import NotFound

pytestmark = pytest.mark.realdata
SHIPPED = definitions.load()
RULE = SHIPPED.size_rule_on(dt.date(2024, 3, 31))

# landlord, tenants, required, achieved, margin, TP01
LANDLORDS = [
    ("Babergh District Council", 3_458, 512, 596, 3.7, 64.20),
    ("Mid Suffolk District Council", 3_289, 508, 681, 3.3, 63.62),
    ("Bernicia Group", 13_381, 989, 3_633, 1.4, 80.73),
]


@pytest.fixture(scope="module")
def files(real_data: Path) -> dict[str, RegulatorFile]:
    return read_tsm(next((real_data / "tsm").glob("*.xlsx")))


def test_every_landlord_is_read_and_the_notes_are_not_taken_for_one(files):
    found = {population: file.landlords.num_rows for population, file in files.items()}
    assert found == {"lcra": 355, "lcho": 56, "combined": 2}
    rented = files["lcra"]
    assert len(rented.notes) == 5
    assert (rented.not_given, rented.not_required) == (2_601, 2_549)
    assert rented.answers.num_rows == 355 * (12 * 5 + 6)
    assert rented.shares.num_rows == 355 * 12


def test_every_measure_of_every_landlord_is_the_share_of_its_counts(files):
    """355 of 355 for each of the twelve: the only figure of the sheet that does not follow is one margin,
    written as a share and not as a percentage."""
    (odd,) = reconcile(files["lcra"], RULE).to_pylist()
    assert odd["figure"] == "margin_percent"
    assert 100 * odd["published"] == pytest.approx(odd["computed"], abs=0.01)


def test_the_required_sample_follows_the_rule_for_all(files):
    rows = files["lcra"].landlords.to_pylist()
    assert sum(by_rule(int(row["population"]), RULE).n == row["required"] for row in rows) == 355


def test_two_landlords_of_home_owners_carry_each_others_figures(files):
    odd = [r for r in reconcile(files["lcho"], RULE).to_pylist() if r["figure"] == "required"]
    assert {(row["published"], row["computed"]) for row in odd} == {(557, 534), (534, 557)}


def test_the_median_landlord(files):
    said = [
        row["percent"] for row in files["lcra"].shares.to_pylist()
        if row["measure"] == "TP01" and row["percent"] is not None
    ]  # fmt: skip
    assert len(said) == 355
    assert round(statistics.median(said), 1) == 71.3


@pytest.mark.parametrize(("name", "tenants", "needed", "achieved", "margin", "tp01"), LANDLORDS)
def test_the_figures_of_a_landlord(files, name, tenants, needed, achieved, margin, tp01):
    file = files["lcra"]
    code = file.code_of(name)
    (row,) = [row for row in file.landlords.to_pylist() if row["landlord_code"] == code]
    assert (row["population"], row["required"], row["achieved"]) == (tenants, needed, achieved)
    assert row["margin_percent"] == margin
    assert round(100 * achieved_margin(achieved, population=tenants), 1) == margin
    found = file.measures(name).to_pylist()
    assert [line["variable"] for line in found] == [f"tp{n:02}" for n in range(1, 13)]
    assert round(100 * found[0]["estimate"], 2) == tp01
    assert found[0]["low"] < found[0]["estimate"] < found[0]["high"]


def test_a_landlords_responses_give_its_published_measures(files):
    """The counts written out again as responses go through the measures to the same percentages."""
    file = files["lcra"]
    code = file.code_of("Babergh District Council")
    columns = {}
    for measure in SHIPPED.measures_on(dt.date(2024, 3, 31)):
        words = [c.key for c in SHIPPED.code_lists[measure.answers].codes] + ["not_applicable"]
        counts = {
            row["answer"]: int(row["n"] or 0) for row in file.answers.to_pylist()
            if row["landlord_code"] == code and row["measure"] == measure.code
        }  # fmt: skip
        values = [
            word for answer, word in zip(ANSWERS, words, strict=True)
            for word in [word] * counts.get(answer, 0)
        ]  # fmt: skip
        columns[measure.code] = values + [None] * (596 - len(values))
    table = pa.table({"household": [f"h{n}" for n in range(596)], **columns})
    made = measures(
        table, on=dt.date(2024, 3, 31), definitions=SHIPPED, household="household"
    ).table.to_pylist()
    published = {
        row["variable"]: row["published_percent"] for row in file.measures(code).to_pylist()
    }
    assert {row["variable"]: 100 * row["estimate"] for row in made} == pytest.approx(published)


def test_neighbours_are_compared_with_what_the_numbers_can_tell(files):
    file = files["lcra"]
    near = compare_years(
        file.measures("Babergh District Council"), file.measures("Mid Suffolk District Council")
    )
    verdicts = dict(
        zip(near.table["variable"].to_pylist(), near.table["verdict"].to_pylist(), strict=True)
    )
    assert verdicts["tp01"] == "no difference shown"
    far = compare_years(file.measures("Bernicia Group"), file.measures("Babergh District Council"))
    assert far.table["verdict"].to_pylist()[0] == "higher"


def test_a_name_that_is_nearly_right_is_helped(files):
    with pytest.raises(NotFound, match="Did you mean Babergh District Council"):
        files["lcra"].code_of("Baberg District Council")
