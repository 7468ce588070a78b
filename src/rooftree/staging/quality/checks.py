"""The checks, set-based: one scan per table for all its row rules, one join per rule between tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rooftree.staging.quality.rules import AGREEMENTS, REFERENCES, ROW_RULES, Issue, issue
from rooftree.staging.schema import BY_NAME, CANONICAL
from rooftree.staging.values import KEYS
from rooftree.storage.engine import Engine, quote

_PLACE = "concat(source_file, ':', lpad(CAST(source_row AS VARCHAR), 12, '0'))"


#: What follows for a row whose references lead nowhere.
_CONSEQUENCE = {"account_transaction": " An entry that leads to no tenancy is in no balance."}


def row_issues(engine: Engine, *, as_of: dt.date) -> Iterator[Issue]:
    """Rows that break a rule, by system."""
    day = f"DATE {quote(as_of.isoformat())}"
    for table in CANONICAL:
        rules = [rule for rule in ROW_RULES if rule.table == table.name]
        if not rules:
            continue
        counts: list[str] = []
        tests = [f"({rule.sql.replace(':as_of', day)})" for rule in rules]
        for test in tests:
            # a filter would have the place of every row made first, to throw most of them away
            counts += [
                f"count(*) FILTER (WHERE {test})",
                f"min(CASE WHEN {test} THEN {_PLACE} END, 5)",
            ]
        listed = "".join(f", {count}" for count in counts)
        for system, total, *found in engine.rows(
            f"SELECT system, count(*){listed} FROM {table.full_name} GROUP BY system ORDER BY system"
        ):
            for n, rule in enumerate(rules):
                if found[2 * n]:
                    yield issue(
                        rule.key, rule.dimension, system, table.name, rule.field, found[2 * n], total, rule.severity,
                        rule.message, rule.remedy, found[2 * n + 1],
                    )  # fmt: skip


def refused_issues(engine: Engine) -> Iterator[Issue]:
    """Tables of which a system has sent rows, and every one was refused: the definition is wrong, or the extract."""
    for system, table, rows in engine.rows(
        "SELECT system, table_name, count(*) FROM staging.reject WHERE table_name <> '*' GROUP BY ALL ORDER BY ALL"
    ):
        if table in BY_NAME and not engine.value(
            f"SELECT 1 FROM {BY_NAME[table].full_name} WHERE system = ? LIMIT 1", [system]
        ):
            yield issue(
                "every_row_refused", "validity", system, table, None, rows, rows, "error",
                f"Every row of {table} was refused: nothing of it is in the picture.",
                "See rooftree rejects list; often one line of the source definition is wrong, such as a date format.",
            )  # fmt: skip


def reference_issues(
    engine: Engine, accounts: Iterable[tuple[Path, Mapping[str, Any]]]
) -> Iterator[Issue]:
    """References that name no row: those every landlord has, and those that a definition states."""
    filled = {t.name for t in CANONICAL if engine.value(f"SELECT 1 FROM {t.full_name} LIMIT 1")}
    refused = dict(engine.rows("SELECT table_name, count(*) FROM staging.reject GROUP BY ALL"))
    for table, column, other, key, within in REFERENCES:
        # Where every row of the other table was refused, nothing is known, and each reference leads nowhere.
        if table not in filled or (other not in filled and not refused.get(other)):
            continue
        full, target = BY_NAME[table].full_name, BY_NAME[other].full_name
        on = f't."{column}" = o.k' + (" AND t.system = o.system" if within else "")
        keys = f'SELECT DISTINCT "{key}" AS k{", system" if within else ""} FROM {target} WHERE "{key}" IS NOT NULL'
        if not refused.get(other) and not engine.value(f"SELECT count(*) FROM ({keys})"):
            continue
        unknown = (
            f'SELECT t.* FROM {full} t ANTI JOIN ({keys}) o ON {on} WHERE t."{column}" IS NOT NULL'
        )
        many = engine.value(f'SELECT count(DISTINCT "{column}") FROM ({unknown})')
        if not many:
            continue
        remedy = f"Check that the extract of {other} is complete, and that both write the reference alike."
        if refused.get(other):
            remedy = f"Rows of {other} were refused ({refused[other]:,}): put these right first. {remedy}"
        yield from _counted(
            engine, unknown, rule="reference_unknown", dimension="consistency", table=table, field=column,
            severity="warning",
            message=f"{column} names no {other} that was accepted (references that do so: {many:,})."
            + _CONSEQUENCE.get(table, ""),
            remedy=remedy, of=f'SELECT system, count("{column}") FROM {full} GROUP BY system',
        )  # fmt: skip
    for folder, account in accounts:
        for said in account.get("references", ()):
            yield from _stated(engine, folder, account["file"], said)


def _stated(
    engine: Engine, folder: Path, file: Mapping[str, Any], said: Mapping[str, Any]
) -> Iterator[Issue]:
    target = BY_NAME[said["table"]].full_name
    of = f" WHERE system = {quote(said['system'])}" if said["system"] else ""
    values = f"SELECT * FROM read_parquet({quote(str(folder / said['parquet']))}) WHERE value IS NOT NULL"
    rows, first = engine.rows(
        f'SELECT count(*), min(source_row, 5) FROM ({values}) v ANTI JOIN (SELECT "{said["column"]}" AS k '
        f"FROM {target}{of}) o ON v.value = o.k"
    )[0]
    if rows:
        yield issue(
            said["key"], "consistency", file["system"], file["extract"], said["source"], rows,
            engine.value(f"SELECT count(*) FROM ({values})"), "warning", said["message"], said["remedy"],
            [f"{file['source_file']}:{row}" for row in first],
        )  # fmt: skip


def member_issues(engine: Engine, *, as_of: dt.date) -> Iterator[Issue]:
    """People and tenancies that do not go together."""
    day = f"DATE {quote(as_of.isoformat())}"
    yield from _counted(
        engine,
        "SELECT m.* FROM staging.household_member m JOIN staging.person p USING (system, person_ref) "
        f"WHERE m.is_responsible AND date_sub('year', p.date_of_birth, COALESCE(m.from_on, {day})) < 18",
        rule="responsible_minor", dimension="validity", table="household_member", field="is_responsible",
        severity="warning",
        message="A responsible member was under 18 when the tenancy started.",
        remedy="Check the date of birth; a minor holds a tenancy in trust only.",
        of="SELECT system, count(*) FILTER (WHERE is_responsible) FROM staging.household_member GROUP BY system",
    )  # fmt: skip
    yield from _counted(
        engine,
        "SELECT t.* FROM staging.tenancy t SEMI JOIN (SELECT property_ref FROM staging.property "
        "WHERE asset_type IN ('block', 'estate')) p ON t.property_ref = p.property_ref",
        rule="tenancy_on_block_or_estate", dimension="validity", table="tenancy", field="property_ref",
        severity="warning",
        message="The tenancy stands on a block or an estate, not on a home.",
        remedy="Name the home, or correct the type of the asset.",
        of="SELECT system, count(property_ref) FROM staging.tenancy GROUP BY system",
    )  # fmt: skip


def uniqueness_issues(engine: Engine) -> Iterator[Issue]:
    """Keys that several extracts of one system hold, and numbers that several people or homes share."""
    shared = [
        (table, (key[0],), "repeated_key", "Several rows of one system have the same key.",
         "Where two extracts describe the same thing, let one of them feed the table.")
        for table, key in KEYS.items()
        if table != "account_transaction"
    ]  # fmt: skip
    shared += [
        ("person", ("ni_number",), "ni_number_shared",
         "Several people of one system have the same National Insurance number.",
         "Find out whose it is; they may be one person."),
        ("property", ("uprn",), "uprn_shared", "Several properties of one system have the same UPRN.",
         "Look the properties up in the gazetteer."),
        ("household_member", ("tenancy_ref", "person_ref", "from_on"), "member_repeated",
         "A person is a member of a tenancy more than once from the same day.", "Remove the repeated row."),
        ("person", ("given_name", "family_name", "date_of_birth", "tenancy_ref"), "person_twice",
         "Two records of one system have the same name, date of birth and tenancy.", "Merge them at the source."),
    ]  # fmt: skip
    for table, key, rule, message, remedy in shared:
        full = BY_NAME[table].full_name
        names = ", ".join(f'"{name}"' for name in key)
        given = " AND ".join(f'"{name}" IS NOT NULL' for name in key)
        yield from _counted(
            engine,
            f"SELECT t.* FROM {full} t SEMI JOIN (SELECT system, {names} FROM {full} WHERE {given} "
            f"GROUP BY ALL HAVING count(*) > 1) d USING (system, {names})",
            rule=rule, dimension="uniqueness", table=table, field=key[0], severity="warning",
            message=message, remedy=remedy, of=f"SELECT system, count(*) FROM {full} GROUP BY system",
        )  # fmt: skip


def agreement_issues(engine: Engine) -> Iterator[Issue]:
    """What two systems say differently of the same tenancy or property."""
    for table, key, columns in AGREEMENTS:
        full = BY_NAME[table].full_name
        if (engine.value(f"SELECT count(DISTINCT system) FROM {full}") or 0) < 2:
            continue
        for column in columns:
            yield from _counted(
                engine,
                f'SELECT a.* FROM {full} a SEMI JOIN {full} b ON a."{key}" = b."{key}" AND a.system < b.system '
                f'AND a."{column}" <> b."{column}"',
                rule="sources_disagree", dimension="consistency", table=table, field=column, severity="warning",
                message=f"Another system says something else of {column}.",
                remedy="Find out which is right, and correct the other.",
                of=f'SELECT system, count("{column}") FROM {full} GROUP BY system',
            )  # fmt: skip


def ledger_issues(engine: Engine) -> Iterator[Issue]:
    """Balances that the ledger does not add up to, where there is a ledger."""
    if not engine.value("SELECT 1 FROM staging.account_transaction LIMIT 1"):
        return
    # an entry names its tenancy, or the rent account that the tenancy names
    named = " UNION ALL ".join(
        f"SELECT t.system, t.tenancy_ref, e.amount_pence FROM staging.account_transaction e "
        f"JOIN staging.tenancy t ON e.{ref} = t.{ref} "
        f"WHERE {test} AND e.posted_on <= COALESCE(t.balance_on, e.posted_on)"
        for ref, test in (("tenancy_ref", "true"), ("payment_ref", "e.tenancy_ref IS NULL"))
    )
    yield from _counted(
        engine,
        "SELECT t.* FROM staging.tenancy t JOIN "
        f"(SELECT system, tenancy_ref, sum(amount_pence) AS total FROM ({named}) GROUP BY ALL) l "
        "USING (system, tenancy_ref) WHERE t.balance_pence <> l.total",
        rule="balance_differs_from_ledger", dimension="reconciliation", table="tenancy", field="balance_pence",
        severity="warning",
        message="The balance is not the sum of the entries up to its day.",
        remedy="Check that the ledger is whole: an opening balance is needed where history was cut off.",
        of="SELECT system, count(balance_pence) FROM staging.tenancy GROUP BY system",
    )  # fmt: skip


#: table → the day on which something happened: nothing new for long means that an extract is old.
_LATEST = {
    "account_transaction": "posted_on", "contact": "occurred_on", "repair": "reported_on", "case": "opened_on",
    "service_use": "used_on",
}  # fmt: skip


def timeliness_issues(engine: Engine, *, as_of: dt.date) -> Iterator[Issue]:
    """Systems whose newest event is long before the day of the report, and a day before all data."""
    yield from _before_everything(engine, as_of=as_of)
    for table, column in _LATEST.items():
        full = BY_NAME[table].full_name
        for system, count, latest in engine.rows(
            f"SELECT system, count(*), max({column}) FROM {full} GROUP BY system ORDER BY system"
        ):
            days = (as_of - latest).days if latest else 0
            if days > 35:
                yield issue(
                    "extract_is_old", "timeliness", system, table, column, count, count, "warning",
                    f"The newest entry is {days} days before the day of the report.", "Ask for a newer extract.",
                )  # fmt: skip


#: table → the day since which a row can have been known, beside those of events.
_SINCE = {"person": "updated_on", "tenancy": "started_on"} | _LATEST


def _before_everything(engine: Engine, *, as_of: dt.date) -> Iterator[Issue]:
    """A day before every date in the extracts is a slip: the picture would be empty, and current."""
    found = [
        (BY_NAME[table], *engine.rows(f"SELECT count({column}), min({column}) FROM {BY_NAME[table].full_name}")[0])
        for table, column in _SINCE.items()
    ]  # fmt: skip
    days = [first for _, _, first in found if first is not None]
    if days and min(days) > as_of:
        table, rows, first = next(each for each in found if each[2] == min(days))
        yield issue(
            "day_before_all_data", "timeliness", "", table.name, _SINCE[table.name], rows, rows, "error",
            f"The day of the report is before all data: the first date in the extracts is {first.isoformat()}.",
            "Check the day (--as-of, or as_of in rooftree.toml) and run again.",
        )  # fmt: skip


def _counted(
    engine: Engine,
    rows: str,
    *,
    rule: str,
    dimension: str,
    table: str,
    field: str,
    severity: str,
    message: str,
    remedy: str,
    of: str,
) -> Iterator[Issue]:
    """One issue per system from a query for the rows concerned."""
    found = engine.rows(
        f"SELECT system, count(*), min({_PLACE}, 5) FROM ({rows}) GROUP BY system ORDER BY system"
    )
    totals = dict(engine.rows(of)) if found else {}
    for system, count, places in found:
        of_rows = totals.get(system, count)
        yield issue(
            rule, dimension, system, table, field, count, of_rows, severity, message, remedy, places
        )  # fmt: skip
