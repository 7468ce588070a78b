"""Which snapshots stay: the newest, one a month, the current one, and those somebody pinned."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from rooftree.storage.retention import (
    Keep,
    Listed,
    list_snapshots,
    pin,
    pinned,
    prune,
    release,
    to_prune,
)
from rooftree.storage.snapshot import Snapshot
from rooftree.vocabulary.errors import NotFound
from rooftree.vocabulary.ids import SnapshotId
from tests.storage_help import publish


def listed(text: str) -> list[Listed]:
    """One snapshot a word, oldest publication first: `2026-03-31`, `*` after it current, `!` pinned."""
    return [
        Listed(
            SnapshotId(f"{word[:10]}-{number}"),
            dt.date.fromisoformat(word[:10]),
            number,
            rows=1,
            bytes=1,
            is_current="*" in word,
            pinned="board paper" if "!" in word else None,
        )
        for number, word in enumerate(text.split(), start=1)
    ]


@pytest.mark.parametrize(
    ("text", "rule", "gone"),
    [
        # the newest three stay, whatever their month
        ("2026-03-01 2026-03-02 2026-03-03 2026-03-04*", Keep(3, 0), ["2026-03-01-1"]),
        # the last of each month stays, so many months back from the latest
        (
            "2026-01-10 2026-01-31 2026-02-27 2026-02-28 2026-03-31*",
            Keep(1, 3),
            ["2026-01-10-1", "2026-02-27-3"],
        ),
        ("2025-12-31 2026-01-31 2026-03-31*", Keep(1, 2), ["2025-12-31-1", "2026-01-31-2"]),
        # a month boundary counts, not thirty days; a year boundary is a month boundary
        ("2025-12-31 2026-01-01*", Keep(1, 2), []),
        # never the current one, even where the rule would not keep it
        ("2026-01-31* 2026-02-28 2026-03-31", Keep(1, 1), ["2026-02-28-2"]),
        # never a pinned one
        ("2026-01-31! 2026-02-28 2026-03-31*", Keep(1, 1), ["2026-02-28-2"]),
        # an old date made again is new by publication
        ("2026-02-28 2026-03-31 2026-01-31*", Keep(1, 1), ["2026-02-28-1"]),
        # two of one date: the later publication is that month's
        ("2026-02-28 2026-02-28 2026-03-31*", Keep(1, 2), ["2026-02-28-1"]),
        ("", Keep(1, 1), []),
        ("2026-03-31*", Keep(0, 0), []),
    ],
)
def test_what_the_rule_lets_go(text: str, rule: Keep, gone: list[str]):
    assert to_prune(listed(text), rule) == gone


def test_a_damaged_snapshot_is_left_for_a_person_to_judge():
    damaged = Listed(SnapshotId("2020-01-01-x"), None, 0, 0, 0, False, None, "cannot be read")
    assert to_prune([damaged, *listed("2026-03-31*")], Keep(1, 1)) == []


def test_pruning_removes_the_folders_and_leaves_the_rest_readable(tmp_path: Path):
    root = tmp_path / "snapshots"
    ids = [publish(root, seed=str(number)).snapshot for number in range(4)]
    assert prune(root, Keep(2, 0)) == ids[:2]
    assert [one.id for one in list_snapshots(root)] == ids[2:]
    assert Snapshot.open(root).id == ids[3]
    assert prune(root, Keep(2, 0)) == []


def test_a_pinned_snapshot_stays_until_it_is_released(tmp_path: Path):
    root = tmp_path / "snapshots"
    first = publish(root, seed="one").snapshot
    publish(root, seed="two")
    assert pin(root, "2026-03-31-" + first[-8:-2], reason="Board paper of May") == first
    assert pinned(root) == {first: "Board paper of May"}
    assert prune(root, Keep(1, 0)) == []
    assert release(root, first) == first
    assert prune(root, Keep(1, 0)) == [first]


def test_pinning_what_is_not_there_is_refused(tmp_path: Path):
    publish(tmp_path)
    with pytest.raises(NotFound):
        pin(tmp_path, "2019", reason="x")
    with pytest.raises(NotFound, match="none is"):
        release(tmp_path, "2019")


def test_a_list_shows_a_damaged_snapshot_with_what_is_wrong(tmp_path: Path):
    first = publish(tmp_path, seed="one")
    publish(tmp_path, seed="two")
    (first.directory / "manifest.json").write_text("{")
    damaged, whole = list_snapshots(tmp_path)
    assert damaged.id == first.snapshot
    assert "cannot be read" in damaged.problem
    assert (whole.is_current, whole.rows, whole.problem) == (True, 6, "")
