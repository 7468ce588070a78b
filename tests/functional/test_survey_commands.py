"""`rooftree survey` on files, as an analyst without a workspace meets it."""

from __future__ import annotations

from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from rooftree import survey
from tests.functional.conftest import rooftree
from tests.lib.survey_data import Sample, make, write

SATISFIED = ("--counts", "very_satisfied", "--counts", "fairly_satisfied", "--not-counted", "NA")


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make(7)


@pytest.fixture(scope="module")
def folder(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("survey")
    write(sample, made)
    rows = (made / "sample.csv").read_text().splitlines()
    (made / "last.csv").write_text("\n".join([rows[0], *rows[41:]]) + "\n")
    return made


def test_how_many_answers_are_required():
    answer = rooftree("survey", "size", "3458", "--answers", "596", "--on", "2024-03-31")
    assert answer.code == 0
    assert "512 answers are required of 3,458 tenants" in answer.out
    assert "596 answers give plus or minus 3.7 points. That is enough." in answer.out
    told = rooftree("survey", "size", "3458", "--on", "2024-03-31", "--json").json
    assert (told["required"]["n"], told["margin"]) == (512, None)
    assert rooftree("survey", "size", "10", "--answers", "20").code == 2


def test_answers_are_weighted_and_written(folder: Path, sample: Sample):
    answer = rooftree(
        "survey", "weigh", folder / "sample.csv", folder / "margins.csv", "--weight", "weight",
        "--out", folder / "weighted.parquet",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert "Design effect of the weights (Kish) 1.19" in answer.out
    written = pq.read_table(folder / "weighted.parquet")["calibrated_weight"].to_pylist()
    ours = survey.rake(sample.table, sample.margins, weight="weight").weights
    assert written == pytest.approx(ours.tolist())
    told = rooftree(
        "survey", "weigh", folder / "sample.csv", folder / "margins.csv", "--weight", "weight", "--json",
        "--trim", "0.3,2",
    ).json  # fmt: skip
    assert told["diagnostics"]["largest_over_mean"] <= 2.003
    assert len(told["margins"]) == 9


def test_an_estimate_is_the_one_of_the_library(folder: Path, sample: Sample):
    told = rooftree(
        "survey", "estimate", folder / "sample.csv", "answer", *SATISFIED, "--weight", "weight",
        "--margins", folder / "margins.csv", "--strata", "area", "--cluster", "building", "--json",
    ).json  # fmt: skip
    (ours,) = survey.estimate(
        survey.rake(sample.table, sample.margins, weight="weight"), "answer",
        statistic="proportion", counts={"very_satisfied", "fairly_satisfied"},
        strata="area", cluster="building",
    ).rows()  # fmt: skip
    (row,) = told["estimates"]
    assert {key: row[key] for key in ours} == pytest.approx(ours)
    people = rooftree(
        "survey", "estimate", folder / "sample.csv", "answer", *SATISFIED, "--by", "tenure"
    )
    assert people.code == 0
    assert "supported" in people.out
    assert "stands on 23 answers" in people.err


def test_a_mean_of_a_workbook(folder: Path):
    book = Workbook()
    sheet = book.create_sheet("Answers")
    table = pyarrow.csv.read_csv(folder / "sample.csv")
    sheet.append(table.column_names)
    for row in table.to_pylist():
        sheet.append(list(row.values()))
    book.save(folder / "sample.xlsx")
    of_book, of_csv = (
        rooftree(
            "survey", "estimate", folder / name, "rent", "--statistic", "mean", *more, "--json"
        ).json
        for name, more in (("sample.xlsx", ("--sheet", "Answers")), ("sample.csv", ()))
    )
    assert of_book["estimates"] == of_csv["estimates"]


def test_two_years_are_compared_in_sentences(folder: Path):
    answer = rooftree(
        "survey", "compare", folder / "sample.csv", folder / "last.csv", "answer", *SATISFIED
    )
    assert answer.code == 0, answer.err
    assert "answer: no difference can be shown" in answer.out
    told = rooftree(
        "survey", "compare", folder / "sample.csv", folder / "last.csv", "answer", *SATISFIED,
        "--by", "sex", "--json",
    ).json  # fmt: skip
    assert [line["sex"] for line in told["lines"]] == ["f", "m"]


def test_what_is_wrong_is_told_with_its_remedy_and_nothing_is_written(folder: Path):
    (folder / "short.csv").write_text("field,category,target\nsex,f,100\nsex,x,100\n")
    answer = rooftree(
        "survey", "weigh", folder / "sample.csv", folder / "short.csv", "--out", folder / "no.csv"
    )
    assert answer.code == 4
    assert "the category 'm', which the margin does not know" in answer.err
    assert "'x' has a target of 100 and nobody in the sample" in answer.err
    assert not (folder / "no.csv").exists()
    assert rooftree("survey", "estimate", folder / "nowhere.csv", "a").code == 7
    assert rooftree("survey", "estimate", folder / "survey.R", "a").code == 7
    assert (
        rooftree("survey", "compare", folder / "last.csv", folder / "last.csv", "answer").code == 2
    )
    for bad in ("1", "a,b", "3,2"):
        assert rooftree(
            "survey", "weigh", folder / "sample.csv", folder / "margins.csv", "--trim", bad
        ).code == 2  # fmt: skip


@pytest.mark.realdata
def test_a_landlord_in_the_regulators_file(real_data: Path):
    (book,) = (real_data / "tsm").glob("*.xlsx")
    answer = rooftree("survey", "regulator", book, "Babergh District Council", "--beside", "42UE")
    assert answer.code == 0, answer.err
    assert "512 answers required, 596 achieved, plus or minus 3.7 points" in answer.out
    assert "64.20%" in answer.out
    assert "tp10: lower than there" in answer.out
    told = rooftree("survey", "regulator", book, "4868", "--json").json
    assert round(100 * told["measures"][0]["estimate"], 2) == 80.73
