"""The Regulator's measures from responses, one year beside another, and the page that is published."""

from __future__ import annotations

import datetime as dt
import itertools

import pyarrow as pa
import pytest

from rooftree import survey
from rooftree.survey import definitions
from rooftree.survey.approach import Facts, summary_of_approach
from rooftree.survey.assumptions import compare_profile
from rooftree.survey.comparison import compare_years
from rooftree.survey.perception import measures, one_per_household
from rooftree.vocabulary.errors import DataError, UserError

SHIPPED = definitions.load()
HOW = {"on": dt.date(2026, 3, 31), "definitions": SHIPPED}


def responses(**columns: list) -> pa.Table:
    n = len(next(iter(columns.values())))
    return pa.table({"household": [f"h{i}" for i in range(n)], **columns})


def test_there_are_twelve_measures_and_nine_for_home_owners():
    rented = SHIPPED.measures_on(dt.date(2026, 3, 31))
    owned = SHIPPED.measures_on(dt.date(2026, 3, 31), population="lcho")
    assert [m.code for m in rented] == [f"TP{n:02}" for n in range(1, 13)]
    assert {m.code for m in rented} - {m.code for m in owned} == {"TP02", "TP03", "TP04"}
    assert all(m.wording.endswith("?") for m in rented)
    assert {m.code for m in rented if m.filter} == {"TP02", "TP03", "TP09", "TP10"}
    assert {m.code for m in rented if m.answers == "agreement"} == {"TP08"}
    with pytest.raises(UserError, match="No perception measure was defined"):
        SHIPPED.measures_on(dt.date(2020, 1, 1))


def test_very_and_fairly_count_and_not_applicable_is_left_out():
    table = responses(
        tp01=["very_satisfied", "Fairly satisfied", "neither", "very_dissatisfied", None],
        tp05=["Very satisfied", "Not applicable/don't know", "Don't know", "neither", "neither"],
        tp08=["Strongly agree", "agree", "Disagree", "neither", "not_applicable"],
    )
    found = {
        row["code"]: row for row in measures(table, household="household", **HOW).table.to_pylist()
    }
    assert (found["TP01"]["estimate"], found["TP01"]["n"], found["TP01"]["n_missing"]) == (
        0.5,
        4,
        1,
    )
    assert (found["TP05"]["estimate"], found["TP05"]["n_missing"]) == (pytest.approx(1 / 3), 2)
    assert found["TP08"]["estimate"] == 0.5
    assert found["TP08"]["label"].startswith("Agreement")


def test_measures_that_were_not_asked_are_named():
    told = measures(responses(tp01=["neither"] * 3), **HOW).warnings
    missing = [w.what for w in told if "is not among the columns" in w.what]
    assert len(missing) == 11
    assert any("one per household was not checked" in w.what for w in told)


def test_an_answer_that_a_measure_does_not_offer_is_left_out_and_told():
    table = responses(
        tp01=["neither", "Don't know", "refused"], tp05=["neither", "Don't know", "refused"]
    )
    made = measures(table, household="household", **HOW)
    assert made.table["n_missing"].to_pylist() == [2, 2]
    (told,) = [w for w in made.warnings if "does not offer" in w.what]
    assert told.where == "responses: tp01"
    assert told.what.startswith("1 did not know")


def test_a_household_counts_once():
    twice = pa.table({
        "household": ["a", "b", "a"],
        "answered_on": [dt.date(2026, 1, 5), dt.date(2026, 1, 2), dt.date(2026, 2, 1)],
        "tp01": ["very_satisfied", "neither", "very_dissatisfied"],
    })  # fmt: skip
    with pytest.raises(DataError, match=r"1 households answered more than once \(rows 1, 3"):
        measures(twice, household="household", **HOW)
    last, dropped = one_per_household(twice, "household", keep="last", answered_on="answered_on")
    assert (last["tp01"].to_pylist(), dropped) == (["neither", "very_dissatisfied"], 1)
    first, _ = one_per_household(twice, "household", keep="first", answered_on="answered_on")
    assert first["tp01"].to_pylist() == ["very_satisfied", "neither"]


def test_rented_and_owned_homes_stay_apart():
    table = responses(
        tp01=["very_satisfied"] * 4 + ["neither"] * 2, kind=["LCRA"] * 4 + ["LCHO"] * 2
    )
    rented = measures(table, population_column="kind", **HOW)
    owned = measures(table, population="lcho", population_column="kind", **HOW)
    assert (rented.table["estimate"][0].as_py(), rented.n_responses) == (1.0, 4)
    assert (owned.table["estimate"][0].as_py(), owned.n_responses) == (0.0, 2)
    together = survey.poststratify(table, "kind", {"LCRA": 300, "LCHO": 100})
    with pytest.raises(UserError, match="made of both populations together"):
        measures(together, population_column="kind", **HOW)


def test_answers_that_nobody_offers_or_that_contradict_are_refused():
    with pytest.raises(DataError, match=r"responses: tp01: row 2 has the answer 'great'"):
        measures(responses(tp01=["neither", "great"]), **HOW)
    table = responses(
        tp02=["very_satisfied", "neither", None], repair_last_12_months=["Yes", "No", "No"]
    )
    with pytest.raises(DataError, match="row 2 has an answer, and no to repair_last_12_months"):
        measures(table, **HOW)
    with pytest.raises(DataError, match="hold none of the measures"):
        measures(responses(q1=["neither"]), **HOW)


def test_groups_and_weights_go_through_and_small_numbers_can_be_protected():
    table = responses(
        tp01=["very_satisfied", "neither"] * 20,
        area=["N"] * 30 + ["S"] * 10,
        sex=["f", "f", "m", "m"] * 10,
    )
    weighted = survey.rake(table, {"sex": {"f": 500, "m": 500}})
    seen: list[pa.Table] = []

    def protect(found: pa.Table) -> pa.Table:
        seen.append(found)
        return found.filter(pa.array([n >= 20 for n in found["n"].to_pylist()]))

    made = measures(weighted, by="area", household="household", protect=protect, **HOW)
    assert seen[0].num_rows == 2
    assert made.table["area"].to_pylist() == ["N"]


def year(yes: int, n: int, name: str = "tp01") -> dict:
    """A line of one year's measures: so many of n."""
    answers = ["yes"] * yes + ["no"] * (n - yes)
    (row,) = survey.estimate(
        pa.table({name: answers}), name, statistic="proportion", counts={"yes"}
    ).rows()
    return row


def test_a_difference_that_chance_may_have_made_is_none():
    found = compare_years([year(420, 600)], [year(405, 600)])
    (row,) = found.table.to_pylist()
    assert row["difference"] == pytest.approx(0.025)
    assert row["verdict"] == "no difference shown"
    assert row["low"] < 0 < row["high"]
    assert "no difference can be shown (+2.5 points" in row["sentence"]
    assert "A difference under 7.5 points would mostly go unseen" in row["sentence"]


def test_a_difference_that_is_one_says_which_way():
    (row,) = compare_years([year(480, 600)], [year(405, 600)]).table.to_pylist()
    assert row["verdict"] == "higher"
    assert 0 < row["low"] < row["difference"] < row["high"]
    (row,) = compare_years([year(405, 600)], [year(480, 600)]).table.to_pylist()
    assert row["verdict"] == "lower"


def test_of_many_measures_a_chance_finding_is_no_finding():
    """Alone 67 against 72% of 600 would pass; beside eleven that did not move it does not."""
    alone = compare_years([year(434, 600)], [year(402, 600)]).table.to_pylist()[0]
    names = [f"tp{n:02}" for n in range(1, 13)]
    this = [year(434 if n == "tp01" else 420, 600, n) for n in names]
    last = [year(402 if n == "tp01" else 420, 600, n) for n in names]
    among = compare_years(this, last).table.to_pylist()[0]
    assert alone["p_value"] == among["p_value"] < 0.05
    assert alone["verdict"] == "higher"
    assert among["verdict"] == "no difference shown"


def test_weights_make_a_difference_harder_to_show():
    plain = year(480, 600)
    wide = plain | {"standard_error": 3 * plain["standard_error"], "low": 0.68, "high": 0.88}
    assert compare_years([plain], [year(435, 600)]).table["verdict"][0].as_py() == "higher"
    (row,) = compare_years([wide], [year(435, 600)]).table.to_pylist()
    assert row["verdict"] == "no difference shown"


def test_what_stands_in_one_year_only_is_named():
    found = compare_years([year(40, 60), year(40, 60, "tp02")], [year(40, 60), year(4, 60, "tp99")])
    assert found.unmatched == ("tp02", "tp99")
    with pytest.raises(DataError, match="no line is in both years"):
        compare_years([year(40, 60)], [year(40, 60, "tp02")])
    with pytest.raises(DataError, match="tp01 stands twice"):
        compare_years([year(40, 60), year(40, 60)], [year(40, 60)])


def people(**shares: tuple[str, int]) -> pa.Table:
    return pa.table(
        {
            name: list(itertools.chain(*([w] * n for w, n in parts)))
            for name, parts in shares.items()
        }
    )


def test_a_survey_like_the_profile_agrees_with_it():
    table = people(sex=[("f", 1220), ("m", 780)])
    found = compare_profile(table, {"sex": {"f": 6_050, "m": 3_950}})
    assert found.attributes["verdict"][0].as_py() == "agrees"
    assert found.sentences[0].startswith(
        "sex: the survey agrees with the profile to within 5 points"
    )


def test_a_survey_of_other_people_differs():
    table = people(age=[("young", 80), ("old", 520)])
    found = compare_profile(table, {"age": {"young": 3_000, "old": 7_000}})
    assert found.attributes["verdict"][0].as_py() == "differs"
    assert "young: survey 13.3%" in found.sentences[0]


def test_what_the_register_does_not_know_is_not_imputed_and_may_explain_a_difference():
    """Of 10,000 people 4,000 never said. If they are what the survey says, nothing differs."""
    table = people(disabled=[("yes", 330), ("no", 270)])
    counts = {"disabled": {"yes": 2_400, "no": 3_600}}
    sure = compare_profile(table, counts)
    unsure = compare_profile(table, counts, unknown={"disabled": 4_000})
    assert sure.attributes["verdict"][0].as_py() == "differs"
    assert unsure.attributes["verdict"][0].as_py() == "cannot tell"
    row = unsure.table.to_pylist()[0]
    assert row["register_share"] == 0.4
    assert (row["register_low"], row["register_high"]) == (0.24, 0.64)
    assert "The register does not know it of 40%." in unsure.sentences[0]


def test_too_few_answers_cannot_tell():
    found = compare_profile(people(sex=[("f", 11), ("m", 9)]), {"sex": {"f": 600, "m": 400}})
    assert found.attributes["verdict"][0].as_py() == "cannot tell"


def test_a_category_in_one_of_the_two_only_is_shown():
    table = people(religion=[("a", 300), ("b", 300)])
    found = compare_profile(table, {"religion": {"a": 500, "c": 500}})
    rows = {row["category"]: row for row in found.table.to_pylist()}
    assert (rows["c"]["survey_share"], rows["c"]["verdict"]) == (0, "differs")
    assert (rows["b"]["register_share"], rows["b"]["verdict"]) == (0, "differs")


def test_a_survey_weighted_to_an_attribute_cannot_test_it():
    weighted = survey.rake(people(sex=[("f", 30), ("m", 20)]), {"sex": {"f": 500, "m": 500}})
    with pytest.raises(DataError, match="agrees by construction"):
        compare_profile(weighted, {"sex": {"f": 500, "m": 500}})


FACTS = Facts(
    landlord="Elm Valley Homes",
    tenants=3_458,
    achieved=596,
    required=512,
    from_on=dt.date(2026, 1, 5),
    to_on=dt.date(2026, 2, 20),
    methods={"telephone": 461, "internet": 135},
    sample_method="Random sample, stratified by area.",
    representative="Compared by age, sex and area.",
    weighting="none",
    contractors=[],
    left_out={"bereavement": 3, "safety": 0},
    incentives="",
    other_issues="",
    questionnaire="https://elmvalley.example/tsm",
)


def test_the_summary_of_approach_is_filled_in_from_the_facts():
    found = summary_of_approach(FACTS)
    assert found.missing == ()
    for text in (
        "596 responses from a relevant tenant population of 3,458.",
        "The required sample size of 512 was reached.",
        "From 5 January 2026 to 20 February 2026.",
        "- telephone: 461 (77.3%)",
        "3 households, for exceptional circumstances:",
        "No incentive was offered.",
        "No weighting was applied.",
    ):
        assert text in found.markdown


def test_what_was_not_recorded_is_named_and_never_made_up():
    found = summary_of_approach(
        Facts(landlord="Elm Valley Homes", achieved=300, tenants=3_458, required=512)
    )
    assert "Reasons for not reaching the required sample size" in found.missing
    assert len(found.missing) == 11
    assert found.markdown.count("**Not recorded.**") == 11
    assert "**Not ready to publish.**" in found.markdown


def test_weights_and_the_test_of_assumptions_tell_themselves():
    from dataclasses import replace

    table = people(sex=[("f", 400), ("m", 200)], age=[("young", 300), ("old", 300)])
    weighted = survey.rake(table, {"sex": {"f": 1_700, "m": 1_758}})
    checked = compare_profile(weighted, {"age": {"young": 1_700, "old": 1_758}})
    text = summary_of_approach(replace(FACTS, weighting=weighted, representative=checked)).markdown
    assert "Responses were weighted (raking) by: sex." in text
    assert "effective sample size 5" in text
    assert "- age: " in text
