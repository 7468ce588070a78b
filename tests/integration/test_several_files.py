"""Several files of one extract, and queries: the newest row of a key stands, and what stands is told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rooftree.sources.definition import parse_definition
from rooftree.staging.store import StagingResult, stage_all
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import DataError, DefinitionError

CSV = """
system = "crm"
[[extract]]
key = "people"
files = "${WHERE}/p*.csv"
[[extract.table]]
table = "person"
columns = { person_ref = "ID", family_name = "Name" }
"""
SQL = """
system = "crm"
[[extract]]
key = "people"
format = "sql"
database = "crm.db"
query = "select id, name from people order by id"
[[extract.table]]
table = "person"
columns = { person_ref = "id", family_name = "name" }
"""


def stage(
    folder: Path, engine: Engine, text: str, environment: dict[str, str] | None = None
) -> StagingResult:
    definition, problems = parse_definition(text)
    assert problems == []
    return stage_all(
        [definition], extracts_dir=folder, staged_dir=folder / "s", corrections_dir=folder / "c", engine=engine,
        environment=environment,
    )  # fmt: skip


def people(engine: Engine) -> list[tuple]:
    return engine.rows("SELECT person_ref, family_name FROM staging.person ORDER BY 1")


def test_the_newest_file_has_the_last_word(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "p-2025-01.csv").write_text("ID,Name\n1,Hill\n2,Dale\n")
    (tmp_path / "p-2025-02.csv").write_text("ID,Name\n2,Moor\n3,Lane\n")
    stage(tmp_path, engine, CSV, {"WHERE": str(tmp_path)})
    assert people(engine) == [("1", "Hill"), ("2", "Moor"), ("3", "Lane")]
    note = "SELECT rule, rows FROM staging.issue WHERE dimension = 'uniqueness'"
    assert engine.rows(note) == [("superseded_in_people", 1)]


def test_a_file_taken_away_takes_its_rows_away(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "p1.csv").write_text("ID,Name\n1,Hill\n")
    (tmp_path / "p2.csv").write_text("ID,Name\n2,Dale\n")
    where = {"WHERE": str(tmp_path)}
    stage(tmp_path, engine, CSV, where)
    (tmp_path / "p2.csv").unlink()
    result = stage(tmp_path, engine, CSV, where)
    assert people(engine) == [("1", "Hill")]
    assert result.reread == 0
    assert len(list((tmp_path / "s" / "crm" / "people").iterdir())) == 1


def test_an_environment_value_that_was_not_given(tmp_path: Path, engine: Engine) -> None:
    with pytest.raises((DataError, DefinitionError), match=r"\$\{WHERE\} has no value. Set WHERE"):
        stage(tmp_path, engine, CSV)


def test_one_bad_file_does_not_cost_the_others_their_work(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "p1.csv").write_text("ID,Name\n1,Hill\n")
    (tmp_path / "p2.csv").write_text("")
    where = {"WHERE": str(tmp_path)}
    with pytest.raises(DataError, match=r"p2.csv: the file is empty"):
        stage(tmp_path, engine, CSV, where)
    (tmp_path / "p2.csv").write_text("ID,Name\n2,Dale\n")
    assert stage(tmp_path, engine, CSV, where).reread == 1  # the first came from the cache


def test_a_query_on_sqlite(tmp_path: Path, engine: Engine) -> None:
    with closing(sqlite3.connect(tmp_path / "crm.db")) as database:
        database.execute("create table people (id, name)")
        database.executemany("insert into people values (?, ?)", [("007", "Hill"), (8, None)])
        database.commit()
    assert stage(tmp_path, engine, SQL).reread == 1
    assert people(engine) == [("007", "Hill"), ("8", None)]
    assert stage(tmp_path, engine, SQL).reread == 0  # the same rows again


def test_a_query_that_fails_says_so(tmp_path: Path, engine: Engine) -> None:
    with pytest.raises(DataError, match=r"there is no SQLite file crm.db"):
        stage(tmp_path, engine, SQL)
    sqlite3.connect(tmp_path / "crm.db").close()
    (tmp_path / "crm.db").touch()
    with pytest.raises(DataError, match=r"the query failed: no such table: people"):
        stage(tmp_path, engine, SQL)
