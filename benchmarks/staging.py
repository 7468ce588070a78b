"""How long does an import with checks and rejects take, against a plain Parquet copy of the same rows?

    python -m benchmarks.staging [rows]

Writes one CSV of rent account entries in the old Windows encoding to a temporary folder, one row in a
thousand wrong in some way and one in ten thousand with a key that occurs twice, and measures each
step in a process of its own: by the clock, by processor time, and the most memory it held.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd

from rooftree.sources.definition import parse_definition
from rooftree.sources.read import read_file
from rooftree.staging.store import stage_all
from rooftree.storage.engine import Engine
from rooftree.vocabulary.progress import NoProgress

DEFINITION = """
system = "housing"
kind = "housing"
[[extract]]
key = "entries"
files = "entries.csv"
encoding = "cp1252"
dates = ["dd/mm/yyyy"]
no_date = ["1900-01-01"]
[[extract.table]]
table = "account_transaction"
[extract.table.columns]
transaction_ref = "Entry"
payment_ref = "Rent account"
posted_on = "Date"
amount_pence = { from = "Amount", unit = "pounds" }
kind = { from = "Type", map = { RENT = "rent", SERV = "service_charge", HB = "housing_benefit", UC = "uc_direct", PAY = "payment" } }
method = { from = "Method", map = { DD = "direct_debit", SO = "standing_order", CARD = "card", CASH = "cash", "Café" = "cash" }, otherwise = "null" }
[[extract.table.rule]]
key = "within_reason"
holds = "amount_pence between -2000000 and 2000000"
on_failure = "reject"
message = "The amount is over £20,000."
remedy = "Check the amount."
"""  # noqa: E501
PARQUET = DEFINITION.replace("csv", "parquet").replace('encoding = "cp1252"', 'format = "parquet"')
CHUNK = 2_000_000

ROWS = """
SELECT CASE WHEN h % 10000 = 7 THEN n - 5 ELSE n END + 10000000 AS "Entry",
  concat('RA', lpad(CAST(n // 260 AS VARCHAR), 7, '0')) AS "Rent account",
  CASE WHEN h % 5000 = 1 THEN '31/02/2025' ELSE strftime(DATE '2021-04-05' + CAST(7 * (n % 260) AS INTEGER), '%d/%m/%Y') END AS "Date",
  CASE WHEN h % 5000 = 2 THEN 'XX' ELSE ['RENT', 'PAY', 'RENT', 'HB', 'UC', 'SERV'][1 + h % 6] END AS "Type",
  ['', 'DD', 'SO', 'CARD', 'Café', 'OTHER'][1 + (h // 7) % 6] AS "Method",
  CASE WHEN h % 5000 = 3 THEN '12.3.4' WHEN h % 5000 = 4 THEN '99999.00' WHEN h % 5000 = 5 THEN ''
    ELSE CAST(CAST((h // 11) % 30000 - 15000 AS DECIMAL(12, 2)) / 100 AS VARCHAR) END AS "Amount"
FROM (SELECT range AS n, CAST(hash(range) >> 2 AS BIGINT) AS h FROM range({first}, {last}))
"""  # noqa: E501


def make(folder: Path, rows: int) -> None:
    """Write `entries.csv`, in cp1252."""
    with duckdb.connect(config={"threads": 2}) as con, (folder / "entries.csv").open("wb") as out:
        for first in range(0, rows, CHUNK):
            last = min(first + CHUNK, rows)
            part = folder / "part.csv"
            header = "true" if first == 0 else "false"
            con.execute(
                f"COPY ({ROWS.format(first=first, last=last)}) TO '{part}' (FORMAT csv, HEADER {header})"
            )
            with part.open("rb") as text:
                while block := text.readline() + text.read(8 << 20) + text.readline():
                    out.write(block.decode().encode("cp1252"))
            part.unlink()


def stage(folder: Path, text: str) -> dict[str, float]:
    """Stage the extract; what became of its rows."""
    definition, problems = parse_definition(text)
    assert not problems, problems
    with Engine(temp_directory=folder / "spill", memory_limit="1GB", threads=2) as engine:
        result = stage_all(
            [definition], extracts_dir=folder, staged_dir=folder / "staged", corrections_dir=folder / "c",
            engine=engine,
        )  # fmt: skip
    return dict(result.counts["account_transaction"])


def read_text(folder: Path) -> dict[str, float]:
    """Only the reading: the CSV as Parquet of text, every line accounted for."""
    definition, _ = parse_definition(DEFINITION)
    reading = read_file(
        folder / "entries.csv",
        folder / "copy.parquet",
        extract=definition.extracts[0],
        progress=NoProgress(),
    )
    return {"records": reading.records}


def copy(folder: Path, source: str, to: str = "copy.parquet") -> dict[str, float]:
    """A plain copy by DuckDB, with the settings of an engine."""
    with Engine(temp_directory=folder / "spill", memory_limit="1GB", threads=2) as engine:
        where = f"TO '{folder / to}' (FORMAT parquet, COMPRESSION lz4)"
        return {"copied": engine.value(f"COPY (SELECT * FROM {source}) {where}")}


def pandas_only(folder: Path) -> dict[str, float]:
    """Only the parsing in pandas: read, dates, amounts and codes; nothing checked, no reason kept."""
    frame = pd.read_csv(folder / "entries.csv", encoding="cp1252", dtype=str)
    frame["Date"] = pd.to_datetime(frame["Date"], format="%d/%m/%Y", errors="coerce")
    frame["Amount"] = pd.to_numeric(frame["Amount"], errors="coerce")
    frame["Type"] = frame["Type"].map({"RENT": "rent", "PAY": "payment"})
    return {"rows": len(frame)}


def _staged_file(folder: Path) -> str:
    return f"read_parquet('{folder}/staged/housing/entries/*/000-account_transaction.parquet')"


STEPS: dict[str, Callable[[Path], dict[str, float]]] = {
    "stage_csv": lambda folder: stage(folder, DEFINITION),
    "copy_typed": lambda folder: copy(folder, _staged_file(folder)),
    "read_csv": read_text,
    "copy_csv": lambda folder: copy(
        folder,
        f"read_csv('{folder}/entries.csv', all_varchar = true, encoding = 'latin-1')",
        to="entries.parquet",
    ),
    "copy_text": lambda folder: copy(folder, f"read_parquet('{folder}/entries.parquet')"),
    "stage_parquet": lambda folder: stage(folder, PARQUET),
    "pandas": pandas_only,
}


def _child(step: str, folder: Path) -> dict[str, float]:
    """One step in a process of its own: clock, processor time and peak memory, with what it says."""
    call = [sys.executable, "-m", "benchmarks.staging", "--step", step, str(folder)]
    return json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout)


def _step(step: str, folder: Path) -> None:
    clock, processor = time.perf_counter(), time.process_time()
    said = STEPS[step](folder)
    found = {
        "clock_s": time.perf_counter() - clock,
        "cpu_s": time.process_time() - processor,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(found | said))


def run(rows: int = 26_000_000) -> dict[str, float]:
    """Measure every step on so many rows (pandas on at most two million); seconds, MiB and ratios."""
    result: dict[str, float] = {"rows": rows}
    with tempfile.TemporaryDirectory(prefix="rooftree-staging-") as name:
        folder, sample = Path(name), Path(name) / "sample"
        sample.mkdir()
        make(folder, rows)
        make(sample, min(rows, CHUNK))
        for step in STEPS:
            found = _child(step, sample if step == "pandas" else folder)
            result |= {f"{step}.{key}": value for key, value in found.items()}
            print(f"{step:14}", {k: round(v, 1) for k, v in found.items()}, flush=True)
            (folder / "copy.parquet").unlink(missing_ok=True)
    for unit in ("clock_s", "cpu_s"):
        stage_csv, stage_parquet = result[f"stage_csv.{unit}"], result[f"stage_parquet.{unit}"]
        for name, over, under in (
            ("csv / copy of the typed Parquet", stage_csv, result[f"copy_typed.{unit}"]),
            ("csv / plain copy of the CSV to Parquet", stage_csv, result[f"copy_csv.{unit}"]),
            ("parquet / copy of that Parquet", stage_parquet, result[f"copy_text.{unit}"]),
            (
                "pandas / csv, per row",
                result[f"pandas.{unit}"] / min(rows, CHUNK),
                stage_csv / rows,
            ),
        ):
            result[f"{name} ({unit})"] = over / under
            print(f"{name + ' (' + unit + ')':55} {over / under:8.2f}")
    return result


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        _step(sys.argv[2], Path(sys.argv[3]))
    else:
        run(int(sys.argv[1]) if len(sys.argv) > 1 else 26_000_000)
