"""Values whose lack somebody should act on, and what an extract does not say at all.

Most cells may be empty: few people have a middle name, and few tenancies have ended. Only what a
landlord needs is asked for here, of the rows that should have it, in the extracts that could say it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rooftree.staging.quality.rules import Issue, issue
from rooftree.staging.schema import BY_NAME
from rooftree.storage.engine import Engine


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that every row for which `of` holds should have, in one of the columns."""

    table: str
    what: str
    columns: tuple[str, ...]
    of: str = "true"
    severity: str = "note"
    rule: str = "value_missing"
    remedy: str = "Fill it in at the source."


_OWN = "same_as IS NULL AND is_organisation IS NOT TRUE"  # of others, another record says it
_AGREED = "tenure IS DISTINCT FROM 'application'"
_RENTED = "COALESCE(tenure, '') NOT IN ('application', 'leasehold', 'freehold', 'commercial')"
_HOME = "COALESCE(asset_type, '') NOT IN ('block', 'estate', 'garage', 'communal')"
_ASK = "Ask for it at the next contact."
_LINK = "Find out to whom it belongs; until then it counts for nobody."

WANTED: tuple[Wanted, ...] = (
    Wanted("person", "any name", ("family_name", "given_name", "full_name"), "same_as IS NULL", "error", "no_name",
           "Fill in the name at the source."),
    Wanted("person", "a given name", ("given_name", "full_name"), _OWN, remedy=_ASK),
    Wanted("person", "a date of birth", ("date_of_birth",), _OWN, remedy=_ASK),
    Wanted("person", "a telephone number or e-mail address", ("phone", "phone_2", "email"), _OWN, "warning",
           "not_contactable", _ASK),
    Wanted("tenancy", "a start date", ("started_on",), _AGREED, "warning"),
    Wanted("tenancy", "a home", ("property_ref", "uprn"), _AGREED, "warning"),
    Wanted("tenancy", "a rent account", ("payment_ref",), _AGREED, "warning"),
    Wanted("tenancy", "a rent", ("rent_pence",), _RENTED),
    Wanted("property", "a postcode", ("postcode",), _HOME, "warning"),
    Wanted("property", "a UPRN", ("uprn",), _HOME, remedy="Look it up in the gazetteer."),
    Wanted("property", "a number of bedrooms", ("bedrooms",), _HOME, "warning"),
    Wanted("property", "a type", ("asset_type",)),
    Wanted("account_transaction", "an account or tenancy", ("tenancy_ref", "payment_ref"), "true", "warning",
           remedy=_LINK),
    Wanted("contact", "a person or tenancy", ("person_ref", "tenancy_ref"), remedy=_LINK),
    Wanted("repair", "a home or tenancy", ("property_ref", "tenancy_ref"), "true", "warning", remedy=_LINK),
    Wanted("case", "a person, tenancy or home", ("person_ref", "tenancy_ref", "property_ref"), "true", "warning",
           remedy=_LINK),
    Wanted("service_use", "a person or tenancy", ("person_ref", "tenancy_ref"), remedy=_LINK),
)  # fmt: skip


def completeness_issues(
    engine: Engine, accounts: Iterable[tuple[Path, Mapping[str, Any]]]
) -> Iterator[Issue]:
    """Rows that lack what they should have, and one note per extract of all that it does not map."""
    mapped, extracts = _mapped(accounts)
    gaps: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for table in dict.fromkeys(wanted.table for wanted in WANTED):
        asked = [wanted for wanted in WANTED if wanted.table == table]
        counts = _counts(engine, table, asked)
        for n, wanted in enumerate(asked):
            found: dict[str, tuple[int, int, list[str]]] = {}
            for system, file, *counted in counts:
                of, missing, places = counted[3 * n : 3 * n + 3]
                source = (system, file, table)
                if not of or source not in mapped:
                    continue  # what people entered themselves came in no extract
                if not mapped[source] & set(wanted.columns):
                    gaps[system, extracts[source]][f"{table} lacks {wanted.what}"] = None
                    continue
                rows, total, where = found.get(system, (0, 0, []))
                where = [*where, *(f"{file}:{row:012}" for row in places or ())]
                found[system] = (rows + missing, total + of, where)
            for system, (rows, total, where) in found.items():
                if rows:
                    yield issue(
                        wanted.rule, "completeness", system, table, wanted.columns[0], rows, total, wanted.severity,
                        f"The record lacks {wanted.what}.", wanted.remedy, sorted(where)[:5],
                    )  # fmt: skip
    for (system, extract), lacking in sorted(gaps.items()):
        yield issue(
            "extract_does_not_say", "completeness", system, extract, None, len(lacking), len(lacking), "note",
            f"This extract does not say everything: {', '.join(lacking)}.",
            "Ask whether the system knows it, and map it; no matter where another extract says it.",
        )  # fmt: skip


_Source = tuple[str, str, str]  # system, file, table


def _mapped(
    accounts: Iterable[tuple[Path, Mapping[str, Any]]],
) -> tuple[dict[_Source, set[str]], dict[_Source, str]]:
    """The columns of a table that the definition fills from a file, and the extract that does (the first)."""
    mapped: dict[_Source, set[str]] = defaultdict(set)
    extracts: dict[_Source, str] = {}
    for _, account in accounts:
        file = account["file"]
        for part in account["tables"]:
            # one workbook may hold several extracts: its rows are told apart by the file alone
            source = (file["system"], file["source_file"], part["table"])
            mapped[source] |= set(part["mapped"])
            extracts.setdefault(source, file["extract"])
    return mapped, extracts


def _counts(engine: Engine, table: str, asked: list[Wanted]) -> list[tuple[Any, ...]]:
    """Per system and file, for each thing wanted: rows that should have it, rows without, the first of these."""
    sums = ""
    for wanted in asked:
        given = ", ".join(f'CAST("{column}" AS VARCHAR)' for column in wanted.columns)
        lack = f"({wanted.of}) AND COALESCE({given}, NULL) IS NULL"
        sums += f", count(*) FILTER (WHERE {wanted.of}), count(*) FILTER (WHERE {lack})"
        sums += f", min(source_row, 5) FILTER (WHERE {lack})"
    return engine.rows(
        f"SELECT system, source_file{sums} FROM {BY_NAME[table].full_name} GROUP BY ALL ORDER BY ALL"
    )
