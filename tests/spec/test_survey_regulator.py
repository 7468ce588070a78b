"""Reading the Regulator's file: a made-up sheet with its headings, and what is wrong with a file said by place."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from rooftree.survey import definitions
from rooftree.survey.regulator import read_regulator, reconcile
from rooftree.vocabulary.errors import DataError, NotFound

SHIPPED = definitions.load()
LAYOUT = SHIPPED.layouts["tsm_2024"]
RULE = SHIPPED.size_rule_on(dt.date(2024, 3, 31))

_SATISFIED = (
    "very satisfied", "fairly satisfied", "neither satisfied nor dissatisfied", "fairly dissatisfied",
    "very dissatisfied",
)  # fmt: skip


def sheet(**changes: list[str | None]) -> dict[str, list[str | None]]:
    """Two landlords and a note, under headings as the Regulator writes them."""
    columns: dict[str, list[str | None]] = {
        "Landlord name": [
            "Elm Valley Homes",
            "Ash Borough Council",
            "Notes:",
            "2. A note of the file.",
        ],
        "Landlord code": ["X1", "X2", None, None],
        "Landlord type": ["PRP", "LARP", None, None],
        "Landlord group size (homes owned, LCRA and LCHO combined)": [
            "<5,000",
            "<5,000",
            None,
            None,
        ],
        "Landlord predominant region": ["South", "North", None, None],
        "Relevant\xa0tenant population size (LCRA)": ["1000", "2,500", None, None],
        "Required minimum sample size2,3": ["278", "485", None, None],
        "Total sample size achieved": ["300", "500", None, None],
        "Estimated margin of error achieved2 %": ["4.7", "3.9", None, None],
        "Tenants excluded from sample frame": ["0", "[X]", None, None],
        "Sample or census": ["Sample", "Sample", None, None],
        "Predominant collection method": ["Telephone", "[Z]", None, None],
        "Were weighted responses used to calculate tenant perception measures": [
            "No",
            "No",
            None,
            None,
        ],
    }
    for method in ("Telephone", "Internet", "FacetoFace", "Postal", "SMS", "Other"):
        columns[f"Number of responses by method - {method}"] = ["50", "[X]", None, None]
    columns["Proportion of respondents who report that they are satisfied (TP01)"] = [
        "66.666666667", "50", None, None,
    ]  # fmt: skip
    counts = (("120", "100"), ("80", "150"), ("40", "50"), ("40", "100"), ("20", "100"))
    for word, (first, second) in zip(_SATISFIED, counts, strict=True):
        heading = (
            f"Number of respondents who report that they are {word}\u200b with the service (TP01)"
        )
        columns[heading] = [first, second, None, None]
    columns["Number of respondents who report 'not applicable/ don't know' (TP01)"] = [
        "7",
        "[X]",
        None,
        None,
    ]
    return {**columns, **changes}


def test_a_sheet_becomes_landlords_answers_and_shares():
    file = read_regulator(sheet(), population="lcra", layout=LAYOUT)
    assert file.landlords["population"].to_pylist() == [1000, 2500]
    assert file.landlords["main_method"].to_pylist() == ["Telephone", None]
    assert file.answers.num_rows == 12
    assert file.notes == ("2. A note of the file.",)
    assert (file.not_given, file.not_required) == (8, 1)
    (row,) = file.measures("elm valley homes").to_pylist()
    assert (row["estimate"], row["n"], row["n_missing"]) == (pytest.approx(2 / 3), 300, 7)
    assert reconcile(file, RULE).num_rows == 0


def test_figures_that_do_not_follow_from_one_another_are_listed():
    odd = sheet(**{"Required minimum sample size2,3": ["300", "485", None, None]})
    (row,) = reconcile(read_regulator(odd, population="lcra", layout=LAYOUT), RULE).to_pylist()
    assert row == {"landlord_code": "X1", "figure": "required", "published": 300, "computed": 278}


def test_another_years_headings_are_named_one_by_one():
    columns = sheet()
    columns["Size of population"] = columns.pop("Relevant\xa0tenant population size (LCRA)")
    columns["Region"] = columns.pop("Landlord predominant region")
    with pytest.raises(DataError) as error:
        read_regulator(columns, population="lcra", layout=LAYOUT)
    assert len(error.value.problems) == 2
    assert (
        "TSM24_LCRA_Perception: the heading 'Relevant tenant population size' is not there"
        in str(error.value)
    )


def test_a_cell_that_is_no_number_and_a_landlord_that_stands_twice():
    bad = sheet(**{
        "Landlord code": ["X1", "X1", None, None],
        "Total sample size achieved": ["300", "n/a", None, None],
        "Number of respondents who report that they like the service (TP01)": ["1", "1", None, None],
    })  # fmt: skip
    with pytest.raises(DataError) as error:
        read_regulator(pa.table(bad), population="lcra", layout=LAYOUT)
    told = str(error.value)
    assert "landlord X1 stands in more than one row" in told
    assert "X1: Total sample size achieved: is no number" in told
    assert "does not say which answer it counts" in told


def test_a_landlord_that_is_not_there():
    file = read_regulator(sheet(), population="lcra", layout=LAYOUT)
    with pytest.raises(NotFound, match="Did you mean Elm Valley Homes"):
        file.code_of("Elm Valley Hom")
