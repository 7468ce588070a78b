"""The commands as a person meets them: answers, exit codes, messages, and nothing personal where it should not be."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.functional.conftest import in_a_process, rooftree
from tests.lib import workspaces as spaces

COMMANDS = [
    ("check",),
    ("quality",),
    ("profile", "completeness"),
    ("rejects", "list"),
    ("link", "review"),
    ("link", "list"),
    ("snapshot", "list"),
    ("snapshot", "show"),
    ("snapshot", "verify"),
    ("doctor",),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_each_command_answers_people_and_machines(landlord: Path, words: tuple[str, ...]):
    for_people = rooftree(*words, landlord)
    assert for_people.code == 0, for_people.err
    for_machines = rooftree(*words, landlord, "--json")
    assert for_machines.code == 0
    assert isinstance(for_machines.json, dict)


def test_the_command_is_there_for_the_shell(landlord: Path):
    assert in_a_process("--version").out.startswith("rooftree ")
    assert in_a_process("snapshot", "list", landlord, "--json").json["snapshots"]
    assert in_a_process("run", "nowhere").code == 7


def test_the_doctor_says_by_its_exit_code_that_something_wants_looking_at(own: Path):
    assert rooftree("doctor", own).code == 0
    (own / ".rooftree").chmod(0o755)
    answer = rooftree("doctor", own)
    assert answer.code == 6
    assert f"chmod 700 {own / '.rooftree'}" in answer.out


def test_a_doubtful_pair_is_shown_with_what_speaks_for_it(landlord: Path):
    (pair,) = rooftree("link", "review", landlord, "--limit", "1", "--json").json["pairs"]
    shown = rooftree("link", "review", landlord, "--limit", "1").out
    best = max(pair["evidence"].values(), key=lambda one: one["weight"])
    assert f"{best['level']} ({best['weight']:+.1f})" in shown


def test_a_record_of_a_doubtful_pair_is_found_by_its_reference(landlord: Path):
    (pair,) = rooftree("link", "review", landlord, "--limit", "1", "--json").json["pairs"]
    reference = pair["first"].partition(":")[2]
    hits = rooftree("profile", "find", reference, "--workspace", landlord, "--json").json["people"]
    assert "person_ref" in {hit["matched_on"] for hit in hits}


def test_a_snapshot_is_pinned_with_a_reason_and_released(own: Path):
    def reason() -> object:
        return rooftree("snapshot", "list", own, "--json").json["snapshots"][0]["pinned"]

    assert rooftree("snapshot", "pin", own, "2026", "--reason", "Board paper").code == 0
    assert reason() == "Board paper"
    assert rooftree("snapshot", "release", own, "2026").code == 0
    assert reason() is None


def test_a_run_accounts_for_every_row(landlord: Path):
    again = rooftree("run", landlord, "--json")
    assert again.code == 0
    assert again.json["outcome"] == "unchanged"
    for rows in again.json["staging"].values():
        assert rows["read"] == rows["accepted"] + rows["rejected"]
    assert again.json["staging"]["account_transaction"]["read"] > 1000


def test_the_same_inputs_give_the_same_bytes(own: Path):
    before = rooftree("snapshot", "show", own, "--json").json
    again = rooftree("run", own, "--again", "--json")
    assert again.code == 0, again.out + again.err
    assert rooftree("snapshot", "show", own, "--json").json == before


def test_find_then_read_one_person_for_a_purpose(landlord: Path):
    with next((landlord / "truth").parent.glob("extracts/**/*people*.csv")).open(
        encoding="cp1252"
    ) as file:
        surname = next(row for row in csv.DictReader(file) if row.get("Surname"))["Surname"]
    hits = rooftree("profile", "find", surname, "--workspace", landlord, "--json").json["people"]
    assert hits
    words = ("profile", "person", hits[0]["id"], "--workspace", landlord)
    record = rooftree(*words, "--purpose", "tenancy_management", "--json")
    assert record.code == 0, record.err
    assert record.json["person"]["family_name"]
    shown = {value["attribute"] for value in record.json["values"]}
    assert not shown & {"ethnic_group", "religion", "sexual_orientation"}


def test_a_purpose_that_only_counts_may_not_look_at_a_person(landlord: Path):
    answer = rooftree(
        "profile",
        "person",
        "P000000000000",
        "--purpose",
        "equality_monitoring",
        "--workspace",
        landlord,
    )
    assert answer.code == 5
    assert "may count people and never look at one" in answer.err


def test_an_export_refuses_attributes_that_may_not_select(landlord: Path, tmp_path: Path):
    file = tmp_path / "people.csv"
    answer = rooftree(
        "export", file, "--purpose", "communication", "--attribute", "ethnic_group", "--workspace", landlord
    )  # fmt: skip
    assert answer.code == 5
    assert "ethnic_group" in answer.err
    assert not file.exists()


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "jsonl"])
def test_an_export_writes_customers_without_names(landlord: Path, tmp_path: Path, ending: str):
    file = tmp_path / f"people.{ending}"
    answer = rooftree(
        "export", file, "--purpose", "communication", "--workspace", landlord, "--json"
    )
    assert answer.code == 0, answer.err
    assert answer.json["rows"] > 50
    assert "family_name" not in answer.json["columns"]
    assert file.stat().st_size > 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("run", "nowhere"), 7, "is not a workspace"),
        (("snapshot", "show", ".", "2020"), 7, ""),
        (("run", ".", "--as-of", "31/03/2026"), 2, "is not a date"),
        (("run", ".", "--engine", "abacus"), 2, "no engine"),
        (("nonsense",), 2, "No such command"),
        (("profile", "person", "P1"), 2, "--purpose"),
        (
            ("profile", "person", "P1", "--purpose", "tenancy_management"),
            7,
            "rooftree profile find",
        ),
        (("profile", "person", "P1", "--purpose", "curiosity"), 5, "There is no purpose"),
        (("link", "decide", "a", "b", "same", "--by", "x", "--reason", "y"), 2, "SYSTEM:REFERENCE"),
        (("export", "people.doc", "--purpose", "communication"), 2, "csv"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_each_mistake_has_its_exit_code_and_a_remedy(
    landlord: Path, words: tuple[str, ...], code: int, message: str
):
    answer = rooftree(*words, cwd=landlord)
    assert answer.code == code, answer.err + answer.out
    assert message in answer.err
    assert "Traceback" not in answer.err


def test_mistakes_are_objects_for_machines(tmp_path: Path):
    answer = rooftree("run", tmp_path, "--json")
    assert answer.code == 7
    assert answer.json["exit_code"] == 7


def test_a_new_workspace_says_what_is_missing(tmp_path: Path):
    made = rooftree("init", tmp_path / "ours", "--name", "Ours")
    assert made.code == 0
    answer = rooftree("run", tmp_path / "ours")
    assert answer.code == 3
    assert "there is no source definition" in answer.err


def test_a_definition_with_typos_reports_all_of_them_at_once(own: Path):
    definition = next((own / "sources").glob("*.toml"))
    text = definition.read_text()
    definition.write_text(
        text.replace("[[extract.table]]", "[[extract.tabel]]", 1).replace("kind =", "kindd =", 1)
    )
    answer = rooftree("check", own)
    assert answer.code == 3
    assert "tabel" in answer.err
    assert "kindd" in answer.err


def test_a_decision_wins_is_remembered_and_can_be_undone(own: Path):
    pairs = rooftree("link", "review", own, "--json").json["pairs"]
    if not pairs:
        pytest.skip("this landlord has no doubtful pair")
    first, second = pairs[0]["first"], pairs[0]["second"]
    words = (
        "--by",
        "tester",
        "--reason",
        "seen both birth certificates",
        "--workspace",
        own,
        "--json",
    )
    number = rooftree("link", "decide", first, second, "different", *words).json["number"]
    ran = rooftree("run", own, "--json")
    assert ran.code == 0, ran.out
    assert ran.json["outcome"] == "published"
    still = {
        (p["first"], p["second"])
        for p in rooftree("link", "review", own, "--limit", "1000", "--json").json["pairs"]
    }
    assert (first, second) not in still
    assert rooftree("link", "undo", str(number), *words).code == 0
    assert rooftree("link", "list", own, "--json").json["decisions"] == []


def test_looking_back_takes_the_snapshot_of_that_day_where_it_is_kept(own: Path):
    words = ("--purpose", "tenancy_management", "--workspace", own, "--json")
    (ref,) = _one_born(own)
    person = rooftree("profile", "find", ref, "--workspace", own, "--json").json["people"][0]["id"]
    earlier = ("--as-of", "2025-03-31")
    from_today = rooftree("profile", "why", person, "age", *earlier, *words).json
    assert any("No kept snapshot of 2025-03-31" in note for note in from_today["notes"])
    assert rooftree("run", own, *earlier, "--json").json["outcome"] == "published"
    assert rooftree("run", own, "--as-of", "2026-03-31", "--json").code == 0
    then = rooftree("profile", "why", person, "age", *earlier, *words).json
    now = rooftree("profile", "why", person, "age", *words).json
    assert then["notes"] == []
    assert int(then["resolved"]["value"]) == int(now["resolved"]["value"]) - 1


def _one_born(landlord: Path) -> list[str]:
    """The reference of one person of the housing system whose date of birth was known before 2025."""
    found = spaces.rows(
        landlord,
        "SELECT person_ref FROM staging.person WHERE system = 'housing' AND date_of_birth < DATE '1990-01-01' "
        "AND updated_on < DATE '2025-01-01' ORDER BY 1 LIMIT 1",
    )
    return [row[0] for row in found]


def test_a_pair_on_which_nobody_can_tell_leaves_the_list_at_once_and_after_a_run(own: Path):
    pair, *_ = rooftree("link", "review", own, "--json").json["pairs"]
    words = ("--by", "tester", "--reason", "no way to know", "--workspace", own, "--json")
    made = rooftree("link", "decide", pair["first"], pair["second"], "cannot-tell", *words)
    assert made.json["model_weight"] == pair["weight"]

    def listed(*more: str) -> list[dict]:
        found = rooftree("link", "review", own, "--limit", "1000", "--json", *more).json["pairs"]
        return [p for p in found if (p["first"], p["second"]) == (pair["first"], pair["second"])]

    assert listed() == []
    assert [p["decision"]["by"] for p in listed("--all")] == ["tester"]
    assert rooftree("run", own, "--json").json["outcome"] == "published"
    assert listed() == []
    assert [p["decision"]["decision"] for p in listed("--all")] == ["cannot_tell"]
    assert "cannot tell (tester" in " ".join(rooftree("link", "review", own, "--all").out.split())
    rooftree("link", "undo", str(made.json["number"]), *words)
    assert [p["decision"] for p in listed()] == [None]


def test_a_decision_about_a_record_that_does_not_exist_is_refused(own: Path):
    words = ("--by", "tester", "--reason", "a slip of the pen", "--workspace", own)
    answer = rooftree("link", "decide", "crm:nobody", "housing:nothing", "same", *words)
    assert answer.code != 0
    assert "no record crm:nobody" in answer.err
    assert rooftree("link", "list", own, "--json").json["decisions"] == []


def test_nothing_that_a_run_says_names_a_person(own: Path):
    surnames = {row["surname"] for row in _true_people(own) if len(row["surname"] or "") > 4}
    assert len(surnames) > 20
    said = ""
    for words in (
        ("run", own, "--again"),
        ("quality", own),
        ("rejects", "list", own),
        ("check", own),
        ("doctor", own),
    ):
        for answer in (rooftree(*words), rooftree(*words, "--json")):
            said += answer.out + answer.err
    said += (own / "reports" / "quality.html").read_text() + (
        own / "reports" / "quality.json"
    ).read_text()
    assert {name for name in surnames if name in said} == set()


def _true_people(directory: Path) -> list[dict[str, str]]:
    import pyarrow.parquet as pq

    return pq.read_table(directory / "truth" / "people.parquet").to_pylist()


def test_json_never_holds_a_bare_null_state(landlord: Path):
    found = rooftree("profile", "completeness", landlord, "--json").json["completeness"]
    for row in found:
        states = ("answered", "refused", "dont_know", "not_applicable", "withdrawn", "not_asked")
        assert sum(row[state] for state in states) == row["n"], json.dumps(row)


def test_the_page_names_what_met_nothing_when_it_was_joined(landlord: Path):
    told = {issue["rule"] for issue in rooftree("quality", landlord, "--json").json["issues"]}
    written = json.loads((landlord / "reports" / "quality.json").read_text())["issues"]
    assert told == {issue["rule"] for issue in written}
    assert "home_postcode_unknown" in told


def test_why_names_the_file_and_row(landlord: Path):
    (hit, *_) = rooftree("profile", "find", "IP7", "--workspace", landlord, "--json").json["people"]
    words = ("--purpose", "tenancy_management", "--workspace", landlord)
    answer = rooftree("profile", "why", hit["id"], "date_of_birth", *words)
    assert answer.code == 0, answer.err
    assert ".csv (" in answer.out
