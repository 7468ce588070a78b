"""`rooftree segment`, as an analyst meets it: words, numbers, reasons, and what policy refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.functional.conftest import rooftree


def ask(landlord: Path, *words: str, code: int = 0):
    """One command with --json, and its answer."""
    answer = rooftree("segment", *words, "--workspace", landlord, "--json")
    assert answer.code == code, answer.out + answer.err
    return answer.json


def tell(landlord: Path, *words: str, code: int = 0) -> str:
    answer = rooftree("segment", *words, "--workspace", landlord)
    assert answer.code == code, answer.out + answer.err
    return answer.out + answer.err


def test_the_list_names_every_segment(landlord: Path):
    found = ask(landlord, "list")["segments"]
    assert len(found) >= 20
    assert all(one["english"] and not one["problems"] for one in found)
    assert "No home contents insurance" in tell(landlord, "list")


def test_one_segment_is_told_in_words(landlord: Path):
    text = tell(landlord, "show", "no_contents_insurance")
    assert "home contents insurance is ‘No’" in text
    assert "Purpose: service_offers; its members may be listed and written to." in text


def test_the_fields_of_a_rule_are_found_by_word(landlord: Path):
    keys = {one["key"] for one in ask(landlord, "fields", "lift")["fields"]}
    assert "has_lift" in keys
    assert "floor_level" not in keys


def test_a_count_adds_up_and_shows_what_each_part_does(landlord: Path):
    found = ask(landlord, "count", "uses_no_service")["count"]
    base, kept = found["n_base"]["value"], None
    for step in found["steps"]:
        assert step["kept"]["value"] + step["dropped"]["value"] + step["unknown"]["value"] == base
        base = kept = step["kept"]["value"]
    assert kept == found["n_in"]["value"]
    assert found["policy"] == "exact"


def test_members_are_those_that_are_counted(landlord: Path):
    counted = ask(landlord, "count", "new_tenancy")["count"]["n_in"]["value"]
    found = ask(landlord, "members", "new_tenancy", "--purpose", "tenancy_management")["members"]
    assert len(found["ids"]) == counted
    assert found["ids"] == sorted(found["ids"])
    assert all(re.fullmatch(r"T[0-9a-f]{12}", one) for one in found["ids"])


def test_members_are_listed_for_the_segments_own_purpose_only(landlord: Path):
    text = tell(landlord, "members", "new_tenancy", "--purpose", "marketing", code=5)
    assert "is for tenancy_management" in text


def test_why_one_is_in_and_another_is_out(landlord: Path):
    everyone = ask(landlord, "count", "--rule", "tenancy_age_days >= 0", "--unit", "tenancy",
                   "--purpose", "tenancy_management")["count"]  # fmt: skip
    assert everyone["n_in"]["value"] > 0
    member = ask(landlord, "members", "new_tenancy", "--purpose", "tenancy_management")["members"][
        "ids"
    ][0]
    found = ask(landlord, "explain", "new_tenancy", member, "--purpose", "tenancy_management")[
        "explanation"
    ]
    assert found["in_base"] is True
    assert found["why"]["truth"] is True
    assert found["why"]["change"][0]["english"] == "new tenancy: no"
    assert "is in: In the first year" in tell(
        landlord, "explain", "new_tenancy", member, "--purpose", "tenancy_management"
    )


def test_an_explanation_leads_to_file_and_row(landlord: Path):
    household = ask(landlord, "members", "no_contents_insurance", "--purpose", "service_offers")[
        "members"
    ]["ids"][0]
    found = ask(
        landlord, "explain", "no_contents_insurance", household, "--purpose", "service_offers"
    )["explanation"]
    (source,) = found["sources"]
    assert source["key"] == "contents_insurance"
    assert source["source_row"] >= 1
    tell(landlord, "explain", "no_contents_insurance", household, "--purpose", "marketing", code=5)
    tell(
        landlord,
        "explain",
        "no_contents_insurance",
        "H000000000000",
        "--purpose",
        "service_offers",
        code=7,
    )


def test_a_rule_that_is_being_written_is_counted_or_refused_with_its_place(landlord: Path):
    text = tell(
        landlord,
        "count",
        "--rule",
        "contents_insurence = none",
        "--unit",
        "household",
        "--purpose",
        "service_offers",
        code=3,
    )
    assert (
        "line 1, column 1: there is no field 'contents_insurence'. Did you mean contents_insurance?"
        in text
    )
    text = tell(
        landlord, "count", "--rule", "religion = muslim", "--purpose", "service_offers", code=3
    )
    assert "Schedule 1, paragraph 8(3)" in text
    tell(landlord, "count", "--rule", "age > 5", code=2)


EQUALITY = ("--purpose", "equality_monitoring", "--use", "count")


def test_a_count_for_equality_monitoring_leaves_by_the_disclosure_door(own: Path):
    found = ask(own, "count", "--rule", "religion = muslim", *EQUALITY)["count"]
    assert found["policy"] == "rooftree"
    assert found["steps"] == []
    for name in ("n_in", "n_unknown"):  # a true nought may be shown, and a few never
        assert found[name]["value"] in (None, 0) or found[name]["value"] >= 5
    again = ask(own, "count", "--rule", "religion = muslim", *EQUALITY)["count"]
    assert again == found


def test_a_count_that_would_tell_of_a_few_with_an_earlier_one_is_refused(own: Path):
    """Everybody of 20 or over, then everybody of 20 or over but the oldest few: the difference is those few."""

    def n(rule: str) -> int:
        return ask(own, "count", "--rule", rule, "--purpose", "tenancy_management")["count"][
            "n_in"
        ]["value"]

    oldest = next(age for age in range(100, 60, -1) if 0 < n(f"age >= {age}") < 5)
    assert n("age >= 20") > 50
    assert ask(own, "count", "--rule", "age >= 20", *EQUALITY)["count"]["n_in"]["value"] is not None
    text = tell(own, "count", "--rule", f"age >= 20 and age < {oldest}", *EQUALITY, code=5)
    assert "release" in text


def test_lint_says_what_a_reader_would_ask(landlord: Path):
    found = ask(landlord, "lint", "no_contents_insurance")
    assert found["sound"] is True
    assert all(one["found"] == one["expected"] for one in found["lint"]["examples"])


def test_a_segment_of_the_landlord_that_does_not_load_is_named_and_stops_no_other(own: Path):
    folder = own / "definitions" / "segments"
    folder.mkdir(parents=True)
    shipped = Path(__file__).parents[2] / "src/rooftree/definitions/segments/new_tenancy.toml"
    (folder / "mine.toml").write_text(
        shipped.read_text("utf-8")
        .replace('"new_tenancy"', '"mine"')
        .replace('rule = "tenancy_is_new"', 'rule = "tenancy_is_gnu"'),
        "utf-8",
    )
    assert "there is no field 'tenancy_is_gnu'. Did you mean tenancy_is_new?" in tell(own, "list")
    tell(own, "count", "mine", code=3)
    tell(own, "count", "new_tenancy")
    assert rooftree("check", own).code == 3


def test_a_change_of_a_rule_is_told_in_words_and_members(landlord: Path):
    found = ask(landlord, "diff", "new_tenancy", "--rule", "tenancy_is_new and in_arrears")["diff"]
    assert found["difference"]["same"] is False
    assert [part["text"] for part in found["difference"]["added"]] == ["in_arrears"]
    assert found["only_new"] == 0
    assert (
        found["both"] + found["only_old"]
        == ask(landlord, "count", "new_tenancy")["count"]["n_in"]["value"]
    )
    same = ask(landlord, "diff", "new_tenancy", "--rule", "not not tenancy_is_new")["diff"]
    assert same["difference"]["same"] is True


def test_the_history_begins_with_the_first_evaluation(landlord: Path):
    found = ask(landlord, "history", "new_tenancy")["history"]
    assert found["status"] == "ok"
    (turn,) = found["turns"]
    assert (turn["came"], turn["cause"]) == (True, "first")
    assert turn["n"] == ask(landlord, "count", "new_tenancy")["count"]["n_in"]["value"]
    assert "the first evaluation" in tell(landlord, "history", "new_tenancy")


def test_who_was_in_on_a_day_and_who_moved_where(landlord: Path):
    now = ask(landlord, "members", "new_tenancy", "--purpose", "tenancy_management")["members"]
    day = now["as_of"]
    then = ask(landlord, "members", "new_tenancy", "--purpose", "tenancy_management", "--on", day)[
        "members"
    ]
    assert then["ids"] == now["ids"]
    before = ask(
        landlord, "members", "new_tenancy", "--purpose", "tenancy_management", "--on", "2020-01-01"
    )["members"]
    assert before["ids"] == []
    found = ask(
        landlord, "flows", "new_tenancy", "pays_regularly", "--from", "2020-01-01", "--to", day
    )["flows"]
    assert {flow["start"] for flow in found} == {None}
    assert next(flow["n"] for flow in found if flow["end"] == "new_tenancy") == len(now["ids"])


def test_an_explanation_by_events_leads_to_their_rows(landlord: Path):
    words = ("--rule", "any repair", "--unit", "home", "--purpose", "repairs_and_safety")
    assert ask(landlord, "count", *words)["count"]["n_in"]["value"] > 0
    member = ask(landlord, "members", "uses_no_service", "--purpose", "tenancy_management")[
        "members"
    ]["ids"][0]
    assert member.startswith("P")
    household = ask(landlord, "members", "lives_alone_65", "--purpose", "tenancy_management")[
        "members"
    ]["ids"][0]
    found = ask(
        landlord, "explain", "small_children_and_damp", household, "--purpose", "repairs_and_safety"
    )
    assert all(
        one["state"] == "event" and one["source_row"] >= 1
        for one in found["explanation"]["sources"]
    )


def test_groups_are_looked_for_and_the_evidence_is_shown(landlord: Path):
    words = (
        "discover",
        "payment_regularity",
        "main_payment_method",
        "in_arrears",
        "--unit",
        "tenancy",
        "--most",
        "3",
    )
    found = ask(landlord, *words)["discovery"]
    assert [one["classes"] for one in found["evidence"]] == [1, 2, 3]
    assert abs(sum(found["shares"]) - 1) < 1e-9
    assert "equality monitoring" in tell(landlord, "discover", "religion", code=5)
    assert "There is no field 'religon'" in tell(landlord, "discover", "religon", code=2)


def test_a_group_too_small_for_a_picture_is_refused(landlord: Path, tmp_path: Path):
    text = tell(landlord, "persona", "uc_rocketer", "--out", str(tmp_path), code=5)
    assert "a picture of persons" in text
    assert list(tmp_path.iterdir()) == []


def test_a_persona_is_one_page_in_four_forms(landlord: Path, tmp_path: Path):
    found = ask(landlord, "persona", "pays_regularly", "--out", str(tmp_path))["persona"]
    assert set(found["files"]) == {"pdf", "png", "json", "md"}
    assert (tmp_path / "pays_regularly.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("words", [("show",), ("count",), ("lint",), ("history",)], ids=" ".join)
def test_a_segment_that_is_not_there(landlord: Path, words: tuple[str, ...]):
    tell(landlord, *words, "no_such_segment", code=7)
