"""Small workspaces, as a landlord would make them: settings, one definition and a few files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from rooftree.pipeline.run import RunResult
from rooftree.pipeline.run import run as run_pipeline
from rooftree.storage.engine import Engine
from rooftree.storage.snapshot import Snapshot
from rooftree.storage.workspace import Workspace

AS_OF = dt.date(2026, 3, 31)

#: One system, whose extract has people with a tenancy each.
PEOPLE = """
system = "housing"
kind = "housing"
[[extract]]
key = "people"
files = "people*.csv"
{options}
[[extract.table]]
table = "person"
[extract.table.columns]
person_ref = "Ref"
full_name = "Name"
date_of_birth = "Born"
[[extract.table]]
table = "tenancy"
[extract.table.columns]
tenancy_ref = {{ sql = "concat('T', Ref)" }}
property_ref = {{ sql = "concat('H', Ref)" }}
rent_pence = {{ from = "Rent", unit = "pounds" }}
[[extract.table]]
table = "household_member"
[extract.table.columns]
person_ref = "Ref"
tenancy_ref = {{ sql = "concat('T', Ref)" }}
role = {{ constant = "tenant" }}
"""

HEADER = "Ref,Name,Born,Rent\n"
GOOD = HEADER + "001,Ann Abel,1980-02-01,100.50\n002,Bob Bell,1975-06-30,99\n"


def people(options: str = "") -> str:
    """The definition of the people extract, with further options of the extract."""
    return PEOPLE.format(options=options)


def make(folder: Path, *, definition: str | None = None, **files: str | bytes) -> Path:
    """A workspace of one definition; `files` are extracts by name (`people__csv` for people.csv)."""
    for name in ("sources", "extracts", "definitions", "corrections", "reference"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "rooftree.toml").write_text('name = "Test homes"\nmemory = "1GB"\nthreads = 1\n')
    (folder / "sources" / "housing.toml").write_text(
        people() if definition is None else definition, encoding="utf-8"
    )
    for name, content in files.items():
        put(folder, name.replace("__", "."), content)
    return folder


def put(folder: Path, name: str, content: str | bytes) -> None:
    """Write one extract."""
    data = content.encode() if isinstance(content, str) else content
    (folder / "extracts" / name).write_bytes(data)


def run(folder: Path, **options: object) -> RunResult:
    """Run the workspace in this process."""
    return run_pipeline(Workspace.open(folder), **{"as_of": AS_OF, **options})  # type: ignore[arg-type]


def rows(folder: Path, sql: str) -> list[tuple]:
    """Ask the current snapshot."""
    with Engine(threads=1, memory_limit="500MB") as engine:
        Snapshot.open(folder).attach(engine)
        return engine.rows(sql)
