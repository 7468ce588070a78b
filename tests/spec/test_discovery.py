"""Finding groups: what goes in, what comes out, and what is refused."""

from __future__ import annotations

import datetime as dt
import json

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rooftree.segments import discover
from rooftree.segments.discovery import Discovery, Item, Thresholds, report
from rooftree.segments.discovery.resampling import adjusted_rand
from rooftree.vocabulary.errors import UserError
from tests.lib.classes import CARCINOMA, made, noise, published, quickly, repeated

ITEMS = [f"item_{number}" for number in range(1, 7)]


@pytest.fixture(scope="module")
def people() -> tuple[pa.Table, np.ndarray]:
    return made(2_000)


@pytest.fixture(scope="module")
def found(people) -> Discovery:
    return discover(people[0], ITEMS, classes=range(2, 5), resamples=8, replicates=19)


def agreement(found: Discovery, table: pa.Table, truth: np.ndarray) -> float:
    placed = found.assign(table, least_bits=0)["class"].to_numpy() - 1
    crossed = np.zeros((len(found.shares), truth.max() + 1))
    np.add.at(crossed, (placed, truth), 1)
    return adjusted_rand(crossed)


# --- groups that are there -----------------------------------------------------------------------


def test_groups_that_are_there_are_found(found: Discovery, people):
    assert found.verdict.has_groups
    assert found.verdict.suggested == found.chosen == 3
    assert found.shares == pytest.approx([0.5, 0.3, 0.2], abs=0.03)
    assert agreement(found, *people) > 0.95


def test_each_number_of_classes_comes_with_its_evidence(found: Discovery):
    assert [one.classes for one in found.evidence] == [1, 2, 3, 4]
    three = found.evidence[2]
    assert three.n == 2_000
    assert three.reached >= 3
    assert three.entropy > 0.9
    assert three.icl > three.bic
    assert three.stability.rand > 0.9
    assert min(three.stability.jaccard) > 0.9
    assert three.ratio_test.p == 0.05  # (1 + 0) / (1 + 19): never 0


def test_one_class_too_many_is_told_apart_by_the_evidence(found: Discovery):
    """Its objections are sentences, so that the person who decides can weigh them."""
    four = found.evidence[3]
    assert four.bic > found.evidence[2].bic
    assert four.ratio_test.p > 0.05
    said = " ".join(found.verdict.against[4])
    assert "4 classes say no more than 3 would by chance" in said


def test_a_person_decides(found: Discovery):
    two = found.choose(2)
    assert (two.chosen, len(two.shares)) == (2, 2)
    assert two.bic == found.models[2].evidence.bic
    assert two.verdict == found.verdict
    with pytest.raises(UserError, match=r"no model of 7 classes.*Choose one of 1, 2, 3, 4"):
        found.choose(7)


def test_a_profile_compares_each_group_with_everybody(found: Discovery):
    rows = found.profiles.to_pylist()
    assert set(rows[0]) >= {"class", "share", "item", "code", "probability", "overall", "index"}
    for item in ITEMS:
        for group in (1, 2, 3):
            own = [r for r in rows if (r["item"], r["class"]) == (item, group)]
            assert sum(r["probability"] for r in own) == pytest.approx(1)
            assert all(r["low"] <= r["probability"] <= r["high"] for r in own)
    one = [r for r in rows if (r["item"], r["code"]) == ("item_1", "code 0")]
    assert sum(r["share"] * r["index"] for r in one) == pytest.approx(100)


def test_groups_are_described_in_rules_that_say_how_far_they_agree(found: Discovery):
    described = found.description
    assert sum(rule.share for rule in described.rules) == pytest.approx(1)
    assert {rule.of_class for rule in described.rules} == {1, 2, 3}
    assert all(len(rule.when) <= 3 for rule in described.rules)
    assert described.without_rules == pytest.approx(0.5, abs=0.03)
    assert 0.85 < described.fidelity < 1
    assert "not the rule" in described.note


# --- groups that are not there -------------------------------------------------------------------


def test_noise_has_no_groups_and_the_verdict_says_so():
    found = discover(noise(1_500), ITEMS, classes=range(2, 4), resamples=8, replicates=19)
    assert not found.verdict.has_groups
    assert found.verdict.suggested is None
    assert "No stable groups here" in found.verdict.reasons[0]
    assert "BIC is lowest without groups" in found.verdict.reasons[1]
    assert all(found.verdict.against.values())
    assert min(found.choose(2).stability.jaccard) < 0.6


def test_the_thresholds_are_arguments(people):
    strict = Thresholds(least_share=0.4)
    found = discover(people[0], ITEMS, classes=3, thresholds=strict, **quickly())
    assert "at least 40%" in found.verdict.against[3][0]
    assert not found.verdict.has_groups


# --- rows, weights, order ------------------------------------------------------------------------


def test_a_weight_is_so_many_rows():
    table = published(CARCINOMA, "ABCDEFG")
    options = {"classes": [2, 3], "resamples": 3, "replicates": 3}
    weighted = discover(table, list("ABCDEFG"), weight="n", **options)
    rows = discover(repeated(table, "n"), list("ABCDEFG"), **options)
    assert weighted.to_json() == rows.to_json()


def test_sampling_weights_do_not_make_more_people(people):
    table = people[0].append_column("w", pa.array(np.full(len(people[0]), 37.5)))
    plain = discover(people[0], ITEMS, classes=2, **quickly())
    sampled = discover(table, ITEMS, classes=2, weight="w", weight_is="sampling", **quickly())
    counted = discover(table, ITEMS, classes=2, weight="w", **quickly())
    assert sampled.bic == pytest.approx(plain.bic, abs=1e-4)
    assert counted.n == 37.5 * plain.n
    assert counted.bic == pytest.approx(
        -2 * counted.log_likelihood + counted.model.evidence.parameters * np.log(37.5 * 2_000)
    )


def test_the_order_of_the_rows_does_not_matter(people):
    rng = np.random.default_rng(5)
    table = people[0].append_column("w", pa.array(rng.random(len(people[0])) + 0.1))
    shuffled = table.take(pa.array(rng.permutation(len(table))))
    options = {"classes": [2, 3], "weight": "w", "resamples": 2, "replicates": 2, "seed": 9}
    assert (
        discover(shuffled, ITEMS, **options).to_json()
        == discover(table, ITEMS, **options).to_json()
    )


def test_a_row_of_weight_nought_is_nobody():
    table = pa.table({"a": ["x", "y", "x", "strange"], "b": [1, 2, 1, 9], "n": [30, 20, 10, 0]})
    found = discover(table, ["a", "b"], classes=1, weight="n", **quickly())
    assert found.n == 60
    assert "strange" not in found.profiles["code"].to_pylist()


@pytest.mark.parametrize("kind", ["pandas", "duckdb", "arrow"])
def test_any_table_that_arrow_can_read(people, kind: str):
    table = people[0]
    given = {
        "arrow": lambda: table,
        "pandas": lambda: pd.DataFrame(table.to_pydict()),
        "duckdb": lambda: duckdb.from_arrow(table),
    }[kind]()
    found = discover(given, ITEMS, classes=3, **quickly())
    assert found.log_likelihood == discover(table, ITEMS, classes=3, **quickly()).log_likelihood


# --- what is not known ---------------------------------------------------------------------------


def test_people_with_missing_answers_count_with_what_is_known():
    """Groups are recovered although a quarter of all answers is missing, and nobody is dropped."""
    table, truth = made(3_000, missing=0.25)
    found = discover(table, ITEMS, classes=3, **quickly())
    assert found.n + found.n_blank == 3_000
    assert found.shares == pytest.approx([0.5, 0.3, 0.2], abs=0.04)
    assert agreement(found, table, truth) > 0.8
    assert found.model.evidence.g2 is None  # a saturated model of missing answers is not known


def test_answers_missing_by_a_known_answer_do_not_bend_the_shares():
    """Who answers `item_1` with code 0 often skips `item_3`; full information allows for that."""
    table, _ = made(6_000, seed=3)
    whole = discover(table, ITEMS, classes=3, **quickly())
    rng = np.random.default_rng(4)
    skip = (np.array(table["item_1"]) == "code 0") & (rng.random(6_000) < 0.6)
    with_gaps = table.set_column(2, "item_3", pa.array(table["item_3"].to_pylist(), mask=skip))
    found = discover(with_gaps, ITEMS, classes=3, **quickly())
    assert found.shares == pytest.approx(whole.shares, abs=0.02)
    for ours, theirs in zip(found.profiles.to_pylist(), whole.profiles.to_pylist(), strict=True):
        assert ours["probability"] == pytest.approx(theirs["probability"], abs=0.06)


def test_someone_of_whom_nothing_is_known_is_counted_apart_and_not_placed():
    table = pa.table({"a": ["x", "y", None] * 40, "b": ["p", "q", None] * 40})
    found = discover(table, ["a", "b"], classes=2, **quickly())
    assert (found.n, found.n_blank) == (80, 40)
    placed = found.assign(table).slice(0, 3).to_pylist()
    assert [row["state"] for row in placed] == ["placed", "placed", "too_little_known"]
    assert placed[2]["class"] is None
    assert [placed[2]["p_1"], placed[2]["p_2"]] == pytest.approx(found.shares)


def test_codes_that_mean_not_known_are_named():
    table = pa.table({"a": ["x", "y", "refused"] * 40, "b": ["p", "q", "p"] * 40})
    found = discover(table, [Item("a", unknown=("refused",)), "b"], classes=1, **quickly())
    assert found.profiles["code"].to_pylist() == ["x", "y", "p", "q"]
    assert found.assign(table)["known"].to_pylist()[:3] == [2, 2, 1]


# --- numbers and dates ---------------------------------------------------------------------------


def test_numbers_and_dates_are_banded_as_declared_or_evenly():
    born = [dt.date(1940, 1, 1) + dt.timedelta(days=211 * n) for n in range(120)]
    table = pa.table({"age": list(range(120)), "rent": [n * 1.5 for n in range(120)], "born": born})
    items = [Item("age", bands=[25, 65]), Item("rent", bands=3), Item("born", bands=[dt.date(1980, 1, 1)])]  # fmt: skip
    rows = discover(table, items, classes=1, **quickly()).profiles.to_pylist()
    codes = {
        name: [r["code"] for r in rows if r["item"] == name] for name in ("age", "rent", "born")
    }
    assert codes["age"] == ["under 25", "25 to under 65", "65 and over"]
    assert codes["born"] == ["before 1980-01-01", "from 1980-01-01"]
    assert [r["probability"] for r in rows if r["item"] == "rent"] == pytest.approx(
        [1 / 3] * 3, abs=0.01
    )


def test_an_empty_band_is_no_answer_that_anybody_gives():
    table = pa.table({"age": [20, 30, 40] * 20})
    found = discover(table, {"age": [25, 35, 90]}, classes=1, **quickly())
    assert found.profiles["code"].to_pylist() == ["under 25", "25 to under 35", "35 to under 90"]
    assert found.model.evidence.parameters == 2
    with pytest.raises(UserError, match="'age' has the code '90 and over', which nobody had"):
        found.assign(pa.table({"age": [95]}))


def test_whole_numbers_with_gaps_are_categories_whatever_the_frame_made_of_them():
    """pandas turns whole numbers with gaps into 1.0, 2.0 and NaN."""
    frame = pd.DataFrame({"rooms": [1, 2, None] * 30, "pets": [True, False, True] * 30})
    found = discover(frame, ["rooms", "pets"], classes=1, **quickly())
    assert found.profiles["code"].to_pylist() == ["1", "2", "no", "yes"]
    assert found.assign(pa.table({"rooms": [2], "pets": [True]}))["known"].to_pylist() == [2]


# --- placing people ------------------------------------------------------------------------------


def test_a_new_customer_is_placed_with_probabilities(found: Discovery, people):
    placed = found.assign(people[0].slice(0, 50))
    assert placed.column_names[:5] == ["class", "probability", "state", "known", "bits"]
    sums = sum(placed[f"p_{k}"].to_numpy() for k in (1, 2, 3))
    assert sums == pytest.approx(np.ones(50))


def test_an_id_goes_along(found: Discovery, people):
    table = people[0].slice(0, 2).append_column("person_id", pa.array(["P1", "P2"]))
    assert found.assign(table, keep=("person_id",))["person_id"].to_pylist() == ["P1", "P2"]


def test_one_answer_may_be_too_little_to_place_anybody(found: Discovery):
    nothing = dict.fromkeys(ITEMS, None)
    table = pa.Table.from_pylist(
        [nothing, nothing | {"item_1": "code 0"}],
        schema=pa.schema([(i, pa.string()) for i in ITEMS]),
    )
    blank, one = found.assign(table).to_pylist()
    assert (blank["state"], blank["bits"]) == ("too_little_known", pytest.approx(0, abs=1e-9))
    assert one["bits"] > 0.05
    assert found.assign(table, least_bits=2)["state"].to_pylist() == ["too_little_known"] * 2


def test_a_code_that_nobody_had_stops_or_counts_as_not_known(found: Discovery, people):
    strange = people[0].slice(0, 1).set_column(0, "item_1", pa.array(["code 9"]))
    with pytest.raises(UserError, match=r"'item_1' has the code 'code 9'.*unseen='missing'"):
        found.assign(strange)
    row = found.assign(strange, unseen="missing").to_pylist()[0]
    assert row["known"] == 5


def test_a_model_is_published_as_text_and_places_the_same(found: Discovery, people):
    again = Discovery.from_json(found.to_json())
    assert again.to_json() == found.to_json()
    assert again.assign(people[0]).equals(found.assign(people[0]))
    assert again.verdict == found.verdict
    for text in ("{}", "no", found.to_json().replace('"version": 1', '"version": 99')):
        with pytest.raises(UserError, match="cannot be read"):
            Discovery.from_json(text)


# --- for a command -------------------------------------------------------------------------------


def test_a_report_is_plain_json(people):
    class Heard:
        """Writes down what it is told."""

        steps: list[str] = []  # noqa: RUF012

        def step(self, what: str, *, total: int | None = None, unit: str = "rows"):
            from rooftree.vocabulary.progress import NoProgress

            self.steps.append(f"{what}: {total} {unit}")
            return NoProgress().step(what, total=total, unit=unit)

        def note(self, message: str) -> None: ...

    said = report(people[0], ITEMS, classes=[2], resamples=2, replicates=2, progress=Heard())
    assert json.loads(json.dumps(said))["chosen"] == 2
    assert said["people"] == 2_000
    assert Heard.steps == [
        "fitting classes: 2 models", "stability of 2 classes: 2 resamples",
        "test of 2 classes: 2 replicates",
    ]  # fmt: skip


# --- edges ---------------------------------------------------------------------------------------


def test_one_item_cannot_show_groups():
    table = pa.table({"a": ["x", "y", "z"] * 30})
    found = discover(table, ["a"], classes=[2, 3], **quickly())
    assert not found.verdict.has_groups
    assert "more parameters than the possible patterns" in " ".join(found.verdict.against[2])


def test_a_constant_item_changes_nothing(people):
    table = people[0].append_column("same", pa.array(["yes"] * len(people[0])))
    plain = discover(people[0], ITEMS, classes=3, **quickly())
    more = discover(table, [*ITEMS, "same"], classes=3, **quickly())
    assert more.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-4)
    assert more.model.evidence.parameters == plain.model.evidence.parameters


def test_an_item_that_nobody_answered_changes_nothing(people):
    table = people[0].append_column("never", pa.nulls(len(people[0]), pa.string()))
    more = discover(table, [*ITEMS, "never"], classes=3, resamples=2, replicates=2)
    plain = discover(people[0], ITEMS, classes=3, **quickly())
    assert more.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-4)
    assert more.assign(table)["known"].to_pylist()[0] == 6


def test_more_classes_than_patterns_are_passed_over_with_a_reason():
    table = pa.table({"a": ["x", "y", "x"] * 30, "b": ["p", "q", "q"] * 30})
    found = discover(table, ["a", "b"], classes=range(2, 6), **quickly())
    assert sorted(found.models) == [1, 2, 3]
    assert found.skipped[4] == "4 classes are more than the 3 different patterns of answers."
    with pytest.raises(UserError, match=r"Nothing can be fitted\. 5 classes are more than the 3"):
        discover(table, ["a", "b"], classes=5)


@pytest.mark.parametrize(
    ("table", "items", "options", "message"),
    [
        (pa.table({"a": pa.array([], pa.string())}), ["a"], {}, "no rows"),
        (pa.table({"a": [None, None]}), ["a"], {}, "No answer is known"),
        (pa.table({"a": ["x"]}), ["b"], {}, "no column 'b'"),
        (pa.table({"a": ["x"]}), [], {}, "No items"),
        (pa.table({"a": ["x"]}), "a", {}, "write \\['a'\\]"),
        (pa.table({"a": ["x"]}), ["a", "a"], {}, "named twice: a"),
        (pa.table({"a": ["x"]}), ["a"], {"starts": 5}, "at least 10"),
        (pa.table({"a": ["x"]}), ["a"], {"classes": range(0, 3)}, "from 1 to 20"),
        (pa.table({"a": ["x"], "n": [-1]}), ["a"], {"weight": "n"}, "first at row 0"),
        (pa.table({"a": ["x"], "n": [0]}), ["a"], {"weight": "n"}, "sum to 0"),
        (pa.table({"a": ["x"], "n": ["1"]}), ["a"], {"weight": "n"}, "not a number"),
        (pa.table({"a": [[1]]}), ["a"], {}, "no categories"),
        (pa.table({"a": [f"REF{n}" for n in range(101)]}), ["a"], {}, "101 different codes"),
        (pa.table({"a": ["x"]}), {"a": [1, 2]}, {}, "has no bands"),
        (pa.table({"a": [1.5]}), {"a": [2, 1]}, {}, "not cut points that rise"),
        (pa.table({"a": ["x"]}), [Item("a", categories=("y",))], {}, "not among its categories: x"),
        ({"a": ["x"]}, ["a"], {}, "not a table"),
    ],
)  # fmt: skip
def test_what_cannot_be_grouped_is_refused_with_what_to_do(table, items, options, message):
    with pytest.raises(UserError, match=message):
        discover(table, items, **options)
