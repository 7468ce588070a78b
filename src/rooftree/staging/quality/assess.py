"""The data-quality report: every issue, the account of every file, totals to reconcile, and what has moved."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rooftree.staging.quality import checks
from rooftree.staging.quality.completeness import completeness_issues
from rooftree.staging.quality.rules import Issue, issue
from rooftree.staging.schema import CANONICAL, ISSUE
from rooftree.staging.store import StagingResult
from rooftree.staging.views import append
from rooftree.storage.engine import Engine

#: A table that grows or shrinks by more than this share since last time is named.
_MOVED = 0.2

DIMENSIONS = (
    "completeness", "validity", "uniqueness", "timeliness", "consistency", "reconciliation", "drift",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Everything the page, the workbook and the JSON say. No personal value is in it."""

    as_of: str
    files: tuple[Mapping[str, Any], ...]
    tables: tuple[Mapping[str, Any], ...]  # system, table, rows accepted and rejected
    issues: tuple[Mapping[str, Any], ...]
    totals: tuple[Mapping[str, Any], ...]  # system, what, kind, rows, pence
    columns: Mapping[str, Sequence[str]]  # "system.extract" → columns found

    def to_json(self) -> str:
        """The report as JSON: for machines, and to compare the next one with."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, default=str)


def assess(
    engine: Engine,
    *,
    staging: StagingResult,
    as_of: dt.date,
    previous: Mapping[str, Any] | None = None,
) -> QualityReport:
    """Check the staged tables, add what is found to `staging.issue`, and return the report.

    `previous` is the parsed JSON of the last report: with it, columns and counts that moved are
    named. Calling it twice does not count twice.
    """
    accounts = [(item.folder, item.account) for item in staging.files]
    columns = {f"{a['file']['system']}.{a['file']['extract']}": a["columns"] for _, a in accounts}
    tables = _tables(engine)
    found = [
        *checks.row_issues(engine, as_of=as_of),
        *completeness_issues(engine, accounts),
        *checks.member_issues(engine, as_of=as_of),
        *checks.uniqueness_issues(engine),
        *checks.refused_issues(engine),
        *checks.reference_issues(engine, accounts),
        *checks.agreement_issues(engine),
        *checks.timeliness_issues(engine, as_of=as_of),
        *checks.ledger_issues(engine),
        *_drift(columns, tables, previous),
    ]
    names = dict(engine.rows("SELECT source_file, min(name) FROM staging.file GROUP BY ALL"))
    for one in found:
        one["example_rows"] = [_place(place, names) for place in one["example_rows"]]
    known = {
        tuple(row)
        for row in engine.rows("SELECT rule, system, table_name, field FROM staging.issue")
    }
    fresh = {
        key: one
        for one in found
        if (key := (one["rule"], one["system"], one["table_name"], one["field"])) not in known
    }
    append(engine, ISSUE, list(fresh.values()))
    return QualityReport(
        as_of=as_of.isoformat(),
        files=_dicts(engine, "SELECT * FROM staging.file ORDER BY system, extract, name"),
        tables=tables,
        issues=_dicts(
            engine,
            "SELECT * FROM staging.issue ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, "
            "rows DESC, rule, system, table_name, field",
        ),
        totals=_totals(engine),
        columns=columns,
    )


def _place(place: str, names: Mapping[str, str]) -> str:
    file, _, row = place.rpartition(":")
    return f"{names.get(file, file)}:{int(row)}"


def _tables(engine: Engine) -> tuple[Mapping[str, Any], ...]:
    union = " UNION ALL ".join(
        f"SELECT system, '{t.name}' AS table_name, count(*) AS accepted FROM {t.full_name} GROUP BY system"
        for t in CANONICAL
    )
    refused = "SELECT system, table_name, count(*) AS rejected FROM staging.reject GROUP BY ALL"
    return _dicts(
        engine,
        f"SELECT system, table_name, COALESCE(accepted, 0) AS accepted, COALESCE(rejected, 0) AS rejected "
        f"FROM ({union}) FULL JOIN ({refused}) USING (system, table_name) ORDER BY system, table_name",
    )


def _totals(engine: Engine) -> tuple[Mapping[str, Any], ...]:
    """Sums that a finance officer can hold against the ledger's own."""
    return _dicts(
        engine,
        "SELECT system, 'account_transaction' AS what, kind, count(*) AS rows, "
        "CAST(sum(amount_pence) AS BIGINT) AS pence "
        "FROM staging.account_transaction GROUP BY ALL UNION ALL "
        "SELECT system, 'tenancy', 'balance', count(balance_pence), CAST(sum(balance_pence) AS BIGINT) "
        "FROM staging.tenancy GROUP BY ALL HAVING count(balance_pence) > 0 UNION ALL "
        "SELECT system, 'tenancy', 'rent', count(rent_pence), CAST(sum(rent_pence) AS BIGINT) "
        "FROM staging.tenancy GROUP BY ALL HAVING count(rent_pence) > 0 ORDER BY ALL",
    )


def _drift(
    columns: Mapping[str, Sequence[str]],
    tables: Sequence[Mapping[str, Any]],
    previous: Mapping[str, Any] | None,
) -> list[Issue]:
    """Columns that came or went, and tables that grew or shrank, since the previous report."""
    if not previous:
        return []
    issues = []
    for name, now in columns.items():
        before = previous.get("columns", {}).get(name)
        system, _, extract = name.partition(".")
        if before is None:
            continue
        for rule, gone in (
            ("column_gone", set(before) - set(now)),
            ("column_new", set(now) - set(before)),
        ):
            issues += [
                issue(rule, "drift", system, extract, column, 1, len(now), "warning",
                              f"The column {column} was {'there' if rule == 'column_gone' else 'not there'} last time.",
                              "Ask the system's owner what changed.")
                for column in sorted(gone)
            ]  # fmt: skip
    was = {(t["system"], t["table_name"]): t["accepted"] for t in previous.get("tables", ())}
    for table in tables:
        before, now = was.get((table["system"], table["table_name"]), 0), table["accepted"]
        if before and abs(now - before) > _MOVED * before:
            said = f"{before:,} rows last time, {now:,} now."
            issues.append(
                issue("rows_moved", "drift", table["system"], table["table_name"], None, abs(now - before),
                             before, "warning", said, "Check that the extract is complete.")
            )  # fmt: skip
    return issues


def _dicts(engine: Engine, sql: str) -> tuple[Mapping[str, Any], ...]:
    cursor = engine.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
