"""A long file is staged by another path than a short one, to the same rows, rejects and notes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rooftree.catalogue.load import load
from rooftree.sources.definition import parse_definition
from rooftree.staging import compile as staging_compile
from rooftree.staging.long_files import keep_doubled
from rooftree.staging.schema import CANONICAL
from rooftree.staging.store import stage_all
from rooftree.storage.engine import Engine

DEFINITION = """
system = "housing"
[[extract]]
key = "entries"
files = "entries.csv"
dates = ["dd/mm/yyyy"]
trailer = "^Total"
[[extract.table]]
table = "account_transaction"
[extract.table.columns]
transaction_ref = "Entry"
tenancy_ref = "Tenancy"
posted_on = "Date"
amount_pence = { from = "Amount", unit = "pounds" }
kind = { from = "Type", map = { R = "rent", P = "payment" } }
method = { from = "Method", map = { DD = "direct_debit" }, otherwise = "null" }
[[extract.table.rule]]
key = "not_nothing"
holds = "amount_pence <> 0"
on_failure = "issue"
message = "The amount is nothing."
remedy = "Remove the entry."
[[extract.table]]
table = "person"
where = "Tenancy is not null and Method = 'DD'"
columns = { person_ref = "Tenancy", date_of_birth = "Date", updated_on = "Date" }
[[extract.answer]]
attribute = "religion"
subject = "Tenancy"
from = "Type"
map = { R = "christian" }
otherwise = "null"
refused = ["P"]
recorded_on = "Date"
"""


def messy(rows: int) -> str:
    """Entries with bad dates, amounts and codes, repeated keys, blank cells, rows and short rows."""
    draw = random.Random(1)
    lines = ["Entry,Tenancy,Date,Type,Method,Amount"]
    for number in range(rows):
        entry = number if draw.random() < 0.98 else draw.randrange(rows)
        day = f"{draw.randint(1, 31):02}/{draw.randint(1, 12):02}/2024"
        kind = draw.choice("RRRPPPX") if draw.random() < 0.5 else "R"
        amount = draw.choice(["1.50", "0", "-7", "£1,000", "12.3x", ""]) if number % 9 == 0 else "5"
        tenancy = draw.choice(["", "T1", "T2", f"T{number}"])
        lines.append(f"{entry},{tenancy},{day},{kind},{draw.choice(['DD', 'SO', ''])},{amount}")
        lines += draw.choices([",,,,,", "Total,,,,,", "short,row"], k=number % 97 == 0)
    return "\n".join(lines) + "\n"


def staged(folder: Path, name: str) -> dict[str, Any]:
    definition, problems = parse_definition(DEFINITION)
    assert problems == []
    with Engine() as engine:
        result = stage_all(
            [definition], extracts_dir=folder, staged_dir=folder / name, corrections_dir=folder / "c",
            engine=engine, catalogue=load(),
        )  # fmt: skip
        tables = [table.full_name for table in CANONICAL]
        tables += ["staging.file", "staging.reject", "staging.issue"]
        found: dict[str, Any] = {
            t: sorted(map(repr, engine.rows(f"SELECT * FROM {t}"))) for t in tables
        }
    return found | {"counts": result.counts}


def test_long_and_short_files_are_staged_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "entries.csv").write_text(messy(3000))
    short = staged(tmp_path, "short")
    monkeypatch.setattr(staging_compile, "SHORT", 0)
    assert staged(tmp_path, "long") == short
    for table in ("account_transaction", "person", "answer"):  # the data are worth the comparison
        assert min(short["counts"][table].values()) > 50, table
    rules = " ".join(short["staging.reject"])
    for rule in ("repeated_key", "not_a_date", "not_a_number", "unknown_code", "required"):
        assert rule in rules
    assert "not_nothing" in " ".join(short["staging.issue"])


def test_numbers_that_occur_again_are_found_in_parts_as_in_one() -> None:
    numbers = np.random.default_rng(1).integers(0, 5000, 4000)
    with Engine() as engine:
        engine.con.register("given", {"n": numbers})
        hashes = "SELECT hash(n) AS h FROM given"
        grouped = {row[0] for row in engine.rows(f"{hashes} GROUP BY h HAVING count(*) > 1")}
        for at_once in (10_000, 700):
            count = keep_doubled(engine, hashes, into="doubled", rows=4000, at_once=at_once)
            assert count == len(grouped) > 100
            assert {row[0] for row in engine.rows("SELECT h FROM doubled")} == grouped
