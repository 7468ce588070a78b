"""What may be released after what: two safe tables can be unsafe together."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rooftree.disclosure import Ledger, Note, protect
from rooftree.vocabulary.errors import MachineError, PolicyDenied

AT = dt.datetime(2026, 3, 31, 9, tzinfo=dt.UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.db") as opened:
        yield opened


def people(n: int, *, start: int = 0, **labels: str) -> list[dict]:
    """So many people with these labels; ids from `start`."""
    return [{"person": f"P{start + i}", **labels} for i in range(n)]


TOWN = [
    *people(30, ward="1", group="x"),
    *people(30, start=100, ward="1", group="y"),
    *people(30, start=200, ward="2", group="x"),
    *people(30, start=300, ward="2", group="y"),
]


def publish(ledger: Ledger, rows: list[dict], name: str, *, by: object = ("group",), **options):
    note = Note(name, released_by="analyst", released_at=AT, **options.pop("note", {}))
    return protect(rows, by=by, unit="person", released=ledger, note=note, **options)


def sixty_wards() -> list[dict]:
    """60 wards by 8 groups, in patches of ten wards, about 5 people each."""
    numbers = np.random.default_rng(18).poisson(5, size=(60, 8))
    return [
        {"ward": f"{ward + 1}", "patch": f"{ward // 10 + 1}", "group": f"{group + 1}",
         "n": int(numbers[ward, group])}
        for ward in range(60)
        for group in range(8)
    ]  # fmt: skip


def test_patch_totals_and_the_same_without_one_ward_tell_of_that_ward(ledger: Ledger):
    rows = sixty_wards()
    options = {"by": ("patch", "group"), "count": "n", "unit": ("ward", "group")}
    protect(rows, released=ledger, note=Note("Patches"), **options)
    without = [row for row in rows if row["ward"] != "7"]
    with pytest.raises(PolicyDenied) as denied:
        protect(without, released=ledger, note=Note("Without ward 7"), **options)
    message = str(denied.value)
    assert message.startswith("Without ward 7 may not be released: together with what was")
    assert "patch 1, group" in message
    assert "with release 1" in message
    assert "Without group it may be: leave that out." in message
    assert [note.name for _, note in ledger.releases()] == ["Patches"]


def test_what_the_refusal_suggests_may_be_released(ledger: Ledger):
    rows = sixty_wards()
    options = {"count": "n", "unit": ("ward", "group")}
    protect(rows, by=("patch", "group"), released=ledger, note=Note("Patches"), **options)
    without = [row for row in rows if row["ward"] != "7"]
    protect(without, by="patch", released=ledger, note=Note("Without ward 7"), **options)
    assert len(ledger.releases()) == 2


def test_or_more_cells_are_hidden_until_nothing_is_told(ledger: Ledger):
    rows = sixty_wards()
    options = {"by": ("patch", "group"), "count": "n", "unit": ("ward", "group")}
    protect(rows, released=ledger, note=Note("Patches"), **options)
    without = [row for row in rows if row["ward"] != "7"]
    result = protect(
        without, released=ledger, note=Note("Hidden"), differences="suppress", **options
    )
    assert "would tell, with what was published before" in result.report.reasons


def test_the_same_table_may_be_released_again(ledger: Ledger):
    publish(ledger, TOWN, "Groups")
    publish(ledger, TOWN, "Groups again")
    assert [number for number, _ in ledger.releases()] == [1, 2]


def test_a_filter_that_leaves_out_a_few_people_tells_of_them(ledger: Ledger):
    publish(ledger, TOWN, "Everybody")
    with pytest.raises(PolicyDenied, match="group x, with release 1"):
        publish(ledger, TOWN[3:], "All but three")


def test_a_filter_that_leaves_out_many_people_does_not(ledger: Ledger):
    publish(ledger, TOWN, "Everybody")
    publish(ledger, [row for row in TOWN if row["ward"] == "1"], "Ward 1")
    assert len(ledger.releases()) == 2


def test_a_day_later_one_more_person_is_told_by_the_difference(ledger: Ledger):
    publish(ledger, TOWN, "Monday", note={"snapshot": "2026-03-30"})
    tuesday = [*TOWN, *people(1, start=900, ward="2", group="y")]
    with pytest.raises(PolicyDenied, match="with release 1"):
        publish(ledger, tuesday, "Tuesday", note={"snapshot": "2026-03-31"})


def test_a_day_later_rounded_numbers_tell_nothing_of_one_person(ledger: Ledger):
    publish(ledger, TOWN, "Monday", policy="ofqual")
    tuesday = [*TOWN, *people(1, start=900, ward="2", group="y")]
    publish(ledger, tuesday, "Tuesday", policy="ofqual")
    assert len(ledger.releases()) == 2


def test_words_that_tell_a_range_are_remembered_as_that_range(ledger: Ledger):
    rows = [*TOWN, *people(4, start=700, ward="3", group="z")]
    first = publish(ledger, rows, "Groups", policy="ofqual")
    assert first.table["text"].to_pylist()[2] == "fewer than 5"
    # Without rounding, everybody less those of groups x and y leaves the four of z.
    publish(ledger, TOWN, "x and y", policy="rooftree")
    with pytest.raises(PolicyDenied):
        publish(ledger, [dict(row, group="all") for row in rows], "All", policy="rooftree")


def test_what_staff_see_of_their_own_people_is_no_release(ledger: Ledger):
    publish(ledger, TOWN[3:], "A list", policy="exact")
    assert ledger.releases() == []


def test_somebody_who_moved_from_one_group_to_another_is_told_too(ledger: Ledger):
    publish(ledger, TOWN, "Monday")
    moved = [dict(row, group="y") if row["person"] == "P0" else row for row in TOWN]
    with pytest.raises(PolicyDenied):
        publish(ledger, moved, "Tuesday")


def test_it_does_not_matter_who_asks(ledger: Ledger, tmp_path: Path):
    publish(ledger, TOWN, "Everybody")
    with Ledger.open(tmp_path / "ledger.db") as other, pytest.raises(PolicyDenied):
        publish(other, TOWN[3:], "By somebody else")


def test_a_hidden_cell_stays_hidden_in_the_next_table(ledger: Ledger):
    rows = [
        *TOWN,
        *people(3, start=500, ward="3", group="x"),
        *people(9, start=600, ward="3", group="y"),
    ]
    first = publish(ledger, rows, "Wards by group", by=("ward", "group"))
    assert first.report.n_suppressed_primary == 1
    # Ward 3 by itself, y only, leaves three when taken from the ward's total.
    y_only = [row for row in rows if row["ward"] == "3" and row["group"] == "y"]
    with pytest.raises(PolicyDenied):
        publish(ledger, y_only, "Ward 3, group y", by=("ward",))


def test_what_was_released_stays_written_down(ledger: Ledger, tmp_path: Path):
    publish(ledger, TOWN, "Everybody", note={"population": "all customers", "snapshot": "s1"})
    ((number, note),) = ledger.releases()
    assert (number, note.name, note.population, note.snapshot) == (
        1,
        "Everybody",
        "all customers",
        "s1",
    )
    assert (note.released_by, note.released_at, note.policy) == ("analyst", AT, "rooftree")
    con = sqlite3.connect(tmp_path / "ledger.db")
    with pytest.raises(sqlite3.IntegrityError, match="only grows"):
        con.execute("DELETE FROM released")
    con.close()


def test_no_id_of_a_person_is_in_the_ledger(ledger: Ledger, tmp_path: Path):
    publish(ledger, TOWN, "Everybody")
    ledger.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"P100" not in stored
    assert b"P300" not in stored


def test_each_ledger_has_a_key_of_its_own(tmp_path: Path):
    with Ledger.open(tmp_path / "a.db") as one, Ledger.open(tmp_path / "b.db") as two:
        assert one.key != two.key
        first = one.key
    with Ledger.open(tmp_path / "a.db") as again:
        assert again.key == first


def test_a_table_that_is_only_looked_at_is_checked_and_not_recorded(ledger: Ledger):
    publish(ledger, TOWN, "Everybody")
    with pytest.raises(PolicyDenied):
        protect(TOWN[3:], by="group", unit="person", released=ledger)
    protect(TOWN, by="group", unit="person", released=ledger)
    assert len(ledger.releases()) == 1


def test_a_file_that_is_no_ledger_is_left_alone(tmp_path: Path):
    (tmp_path / "ledger.db").write_bytes(b"something else" * 100)
    with pytest.raises(MachineError, match="not a ledger of released tables"):
        Ledger.open(tmp_path / "ledger.db")
