"""The rent accounts of the housing system: one CSV of entries for each financial year, and the arrears work.

Entries are written as they are simulated, a chunk of tenancies at a time, so memory does not grow
with the landlord.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from rooftree.demo import behaviour as habits
from rooftree.demo.draws import NO_DAY, Array, Frame, date, stream
from rooftree.demo.ledger import ACTIONS, KINDS, Ledger, simulate
from rooftree.demo.world import World
from rooftree.demo.writers import day_texts, pounds, write_csv
from rooftree.vocabulary.progress import Step

_UK = "%d/%m/%Y"
_METHODS = ("DD", "SO", "CARD", "CASH", "CHQ", "WEB", "PAYROLL", "BEN", "")


def write_entries(
    folder: Path, world: World, rents: Frame, habit: Frame, *, form: str, step: Step
) -> dict[str, Any]:
    """`transactions_<year>.csv` (or .parquet), and what came of it: balances, actions, number of entries."""
    balances, actions, count = [], [], 0
    with contextlib.ExitStack() as stack:
        out = _Years(folder, form, stack)
        for ledger in simulate(world, rents, habit):
            out.write(ledger, world)
            balances.append(ledger.balance)
            actions.append(ledger.actions)
            count += len(ledger.entries["day"])
            step.advance(len(ledger.balance))
    acts = {name: np.concatenate([a[name] for a in actions]) for name in actions[0]}
    return {"balance": np.concatenate(balances), "actions": acts, "entries": count}


class _Years:
    """One open file for each financial year."""

    def __init__(self, folder: Path, form: str, stack: contextlib.ExitStack) -> None:
        self.folder, self.form, self.stack = folder, form, stack
        self.files: dict[int, Any] = {}
        self.number = 0

    def write(self, ledger: Ledger, world: World) -> None:
        """Append the entries of a chunk to the files of their years."""
        e = ledger.entries
        first = int(e["day"].min()) if len(e["day"]) else 0
        days = np.arange(first, int(e["day"].max(initial=first)) + 1)
        year = np.array([date(d).year - (date(d).month < 4) for d in days])[e["day"] - first]
        table = self._table(e, ledger, world, days)
        for one in np.unique(year):
            part = table.filter(pa.array(year == one))
            self._file(int(one), table.schema).write_table(part)

    def _table(self, e: Frame, ledger: Ledger, world: World, days: Array) -> pa.Table:
        rows = slice(ledger.first, ledger.first + len(ledger.balance))
        refs = pa.array(world.tenancies["payment_ref"][rows], pa.string())
        number = np.arange(self.number, self.number + len(e["day"])) + 10_000_000
        self.number += len(e["day"])
        plain = self.form == "csv"
        day: Any = pa.array(e["day"], pa.int32()).cast(pa.date32())
        amount: Any = pa.array(e["pence"])
        if plain:
            day = pa.array(day_texts(days, _UK), pa.string()).take(pa.array(e["day"] - days[0]))
            unique, inverse = np.unique(e["pence"], return_inverse=True)
            amount = pa.array(pounds(unique), pa.string()).take(pa.array(inverse))
        return pa.table(
            {
                "Entry": pa.array(number),
                "Rent account": refs.take(pa.array(e["tenancy"] - ledger.first)),
                "Date": day,
                "Type": pa.array(KINDS).take(pa.array(e["kind"])),
                "Method": pa.array(_METHODS).take(pa.array(e["method"] % len(_METHODS))),
                "Amount": amount,
            }
        )

    def _file(self, year: int, schema: pa.Schema) -> Any:
        if year not in self.files:
            path = self.folder / f"transactions_{year}.{self.form}"
            if self.form == "csv":
                options = pa_csv.WriteOptions(quoting_style="needed", quoting_header="none")
                writer: Any = pa_csv.CSVWriter(path, schema, write_options=options)
            else:
                writer = pq.ParquetWriter(path, schema, compression="zstd")
            self.files[year] = self.stack.enter_context(writer)
        return self.files[year]


def write_income_cases(folder: Path, world: World, habit: Frame, actions: Frame) -> dict[str, int]:
    """`income_cases.csv`: arrears actions, payment arrangements and benefit claims."""
    rows = [
        _action_rows(world, actions),
        *(_story_rows(world, habit, *story) for story in _STORIES),
    ]
    columns = {name: np.concatenate([r[name] for r in rows]) for name in rows[0]}
    order = np.lexsort((columns["Kind"].astype(str), columns["opened"], columns["tenancy"]))
    n = len(order)
    columns = {name: column[order] for name, column in columns.items()}
    refs = world.tenancies["tenancy_ref"][columns.pop("tenancy")]
    opened, closed = columns.pop("opened"), columns.pop("closed")
    out = {
        "Case": np.array([f"INC{k:08d}" for k in range(1, n + 1)], dtype=object),
        "Tenancy ref": refs,
        **columns,
        "Opened": day_texts(opened, _UK),
        "Closed": day_texts(closed, _UK, none="01/01/1900"),
    }
    write_csv(folder / "income_cases.csv", out, encoding="cp1252")
    return {"housing.income_cases.rows": n}


def _action_rows(world: World, actions: Frame) -> Frame:
    n = len(actions["tenancy"])
    keep = actions["day"] <= world.landlord.today
    names = np.array(ACTIONS, dtype=object)[actions["action"]]
    rows: Frame = {
        "tenancy": actions["tenancy"],
        "Kind": np.full(n, "ARREARS", dtype=object),
        "Detail": names,
        "Outcome": np.full(n, "completed", dtype=object),
        "opened": actions["day"],
        "closed": actions["day"],
    }
    return {name: column[keep] for name, column in rows.items()}


_STORIES = (
    ("ARRANGEMENT", "informal", (habits.KEPT,), "kept"),
    ("ARRANGEMENT", "informal", (habits.BROKEN,), "broken"),
    ("BENEFIT", "universal_credit", habits.UC_CLASSES, "completed"),
    ("BENEFIT", "housing_benefit", (habits.HB_FULL, habits.HB_PART), "completed"),
)


def _story_rows(
    world: World, habit: Frame, kind: str, detail: str, classes: tuple[int, ...], outcome: str
) -> Frame:
    """One case per account whose habit has this story, opened when the story turns."""
    rng = stream(world.landlord.seed, "income cases", kind, outcome, detail)
    t, today = world.tenancies, world.landlord.today
    at = np.flatnonzero(np.isin(habit["class"], classes))
    last = np.where(t["end"][at] == NO_DAY, today, t["end"][at])
    turn = last - habit["change"][at] * 7
    # Claims of those whose story is not about a claim began with the tenancy, or some years ago.
    steady = ~np.isin(habit["class"][at], (*habits.CLAIM_CLASSES, habits.KEPT, habits.BROKEN))
    began = np.maximum(t["start"][at] + 3, today - rng.integers(60, 2_600, len(at)))
    opened = np.minimum(np.maximum(np.where(steady, began, turn), t["start"][at]), last)
    length = {"kept": NO_DAY, "broken": 63}.get(outcome, 35)
    closed = np.where(length == NO_DAY, NO_DAY, np.minimum(opened + length, today))
    n = len(at)
    return {
        "tenancy": at,
        "Kind": np.full(n, kind, dtype=object),
        "Detail": np.full(n, detail, dtype=object),
        "Outcome": np.full(n, outcome, dtype=object),
        "opened": opened,
        "closed": closed,
    }


def planted_balances(world: World, balance: Array) -> tuple[Array, int]:
    """The balances that the tenancy file shows: one account in three hundred shows another than its entries."""
    rng = stream(world.landlord.seed, "shown balances")
    wrong = rng.random(len(balance)) < 1 / 300
    return np.where(wrong, balance + 1_234, balance), int(wrong.sum())


def account_truth(world: World, habit: Frame, balance: Array) -> dict[str, Any]:
    """What is true of each account: its class and its balance at the end."""
    return {
        "tenancy": world.tenancies["tenancy"],
        "payment_ref": world.tenancies["payment_ref"],
        "class": np.array(habits.CLASSES, dtype=object)[habit["class"]],
        "balance_pence": balance,
        "change_weeks": habit["change"],
    }
