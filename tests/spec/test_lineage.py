"""From a value to its file and row."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from rooftree.staging.schema import FILE
from rooftree.storage.engine import Engine
from rooftree.storage.lineage import Origin, StagedRow, trace
from rooftree.storage.snapshot import Snapshot, Writer
from rooftree.vocabulary.errors import NotFound
from tests.storage_help import fill

ROW = ("f1", "housing", "people", "people.csv", "ab" * 32, 100, "utf-8", 2, 2, 0, 0)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    with (
        Engine() as engine,
        Writer(
            tmp_path / "snapshots", as_of=dt.date(2026, 3, 31), inputs=[], digest="0" * 64,
            software="0", definitions="0",
        ) as writer,
    ):  # fmt: skip
        fill(engine, FILE, [ROW])
        writer.write(engine, FILE)
        writer.publish()
    return Snapshot.open(tmp_path)


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    path = tmp_path / "staged.parquet"
    with Engine() as engine:
        engine.execute(
            "COPY (SELECT * FROM (VALUES (1, 'P1', '01/02/1980'), (2, 'P2', NULL)) "
            f't(source_row, "PersonID", "DOB")) TO \'{path}\''
        )
    return path


def test_a_row_is_named_by_file_system_and_extract(snapshot: Snapshot):
    found = trace(snapshot, "f1", 2)
    assert found.origins == (Origin("housing", "people", "people.csv", "ab" * 32),)
    assert (found.source_row, found.staged) == (2, ())


def test_what_the_row_became(snapshot: Snapshot, staged: Path):
    row = {"source_row": 2, "PersonID": "P2", "DOB": None}
    assert trace(snapshot, "f1", 2, staged=staged).staged == (StagedRow("staged", row),)


def test_a_row_that_feeds_several_tables_of_several_files(snapshot: Snapshot, tmp_path: Path):
    (tmp_path / "staged").mkdir()
    with Engine() as engine:
        for name, file in (("answer", "f1"), ("person", "f1"), ("other", "f2")):
            engine.execute(
                f"COPY (SELECT '{file}' AS source_file, 2 AS source_row, '{name}' AS {name}) "
                f"TO '{tmp_path / 'staged' / name}.parquet'"
            )
        engine.execute(f"COPY (SELECT 1 AS n) TO '{tmp_path / 'staged' / 'account'}.parquet'")
    rows = trace(snapshot, "f1", 2, staged=tmp_path / "staged").staged
    assert [row.part for row in rows] == ["answer", "person"]


def test_what_is_not_there_is_said(snapshot: Snapshot, staged: Path):
    with pytest.raises(NotFound, match="no file f9"):
        trace(snapshot, "f9", 1)
    with pytest.raises(NotFound, match=r"no row 3 \(2 rows were read\)"):
        trace(snapshot, "f1", 3, staged=staged)
    with pytest.raises(NotFound, match="counted from 1"):
        trace(snapshot, "f1", 0)
    with pytest.raises(NotFound, match="staged files are not there"):
        trace(snapshot, "f1", 1, staged=staged.with_name("gone.parquet"))
