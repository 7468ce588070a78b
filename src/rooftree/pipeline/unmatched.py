"""What could not be joined after reading, as issues beside those of the extracts.

`features.unmatched` counts rows that lead to no tenancy, person, home or place; `profile.unplaced`
keeps answers that belong to nobody we know. Both are named here in words, so that the summary of a
run tells what its figures leave out.
"""

from __future__ import annotations

from typing import Any

from rooftree.storage.engine import Engine

#: rule of `features.unmatched`: severity, message, what to do. `{n}` and `{of}` are the rows.
UNMATCHED: dict[str, tuple[str, str, str]] = {
    "tenancy_without_household": (
        "warning", "{n} of {of} running tenancies have no household: no record says who lives there.",
        "Put refused records of people right first; then see which members the extract lacks.",
    ),
    "household_by_mention": (
        "warning", "{n} of {of} running tenancies have a household only by another system's mention: no record of "  # noqa: ISC004
        "a member was accepted, and who is the tenant is not known.",
        "Put refused records of people right first; then see which members the extract lacks.",
    ),
    "entry_without_tenancy": (
        "warning", "{n} of {of} account entries name no tenancy: they are in no balance.",
        "See which rent accounts the tenancy extract lacks.",
    ),
    "case_without_tenancy": (
        "warning", "{n} of {of} cases name no tenancy: they count for nobody.",
        "See which tenancy references the tenancy extract lacks.",
    ),
    "contact_without_person_or_tenancy": (
        "note", "{n} of {of} contacts name neither a person nor a tenancy that is known.",
        "Have callers identified, or accept that these contacts are counted for the landlord only.",
    ),
    "repair_without_home_or_tenancy": (
        "warning", "{n} of {of} repairs name neither a home nor a tenancy that is known.",
        "See which property references the asset extract lacks.",
    ),
    "service_use_without_person": (
        "note", "{n} of {of} uses of services name no person who is known.",
        "Have the service record the customer's reference.",
    ),
    "home_without_postcode": (
        "note", "{n} of {of} homes, blocks and estates have no postcode: nothing is known of their place.",
        "Fill in the postcode in the asset system.",
    ),
    "home_postcode_unknown": (
        "warning", "{n} of {of} homes, blocks and estates have a postcode that no reference file holds.",
        "Put the newest postcode directory into reference/, then correct those that stay: the rows of "  # noqa: ISC004
        "features.home_place where place_match is unknown_postcode.",
    ),
    "home_postcode_terminated": (
        "note", "{n} of {of} homes, blocks and estates have a postcode that is no longer in use.",
        "Look the address up and take the new postcode.",
    ),
    "home_without_lsoa": (
        "note", "{n} of {of} homes, blocks and estates lie in no neighbourhood (LSOA) that is known.",
        "Correct the postcodes, or put a postcode directory into reference/.",
    ),
    "home_without_deprivation_rank": (
        "note", "{n} of {of} homes, blocks and estates have no deprivation rank.",
        "Correct the postcodes, or put the index of deprivation into reference/.",
    ),
    "lsoa_not_in_index": (
        "warning", "{n} of {of} neighbourhoods of the postcode directory are not in the index of deprivation.",
        "Use an index of the same census year as the directory.",
    ),
    "index_lsoa_without_postcode": (
        "note", "{n} of {of} neighbourhoods of the index have no postcode in the directory.",
        "Use a postcode directory of the same census year as the index.",
    ),
}  # fmt: skip

#: problem of `profile.unplaced`: the rule it becomes, message, what to do.
UNPLACED: dict[str, tuple[str, str, str]] = {
    "subject_unknown": (
        "answer_subject_unknown", "{n} of {of} answers name nobody who is known.",
        "See which references the extract of people lacks.",
    ),
    "household_unknown": (
        "answer_household_unknown", "{n} of {of} answers about a household are of somebody who belongs to none.",
        "See whether the person should be on a tenancy.",
    ),
    "attribute_unknown": (
        "answer_attribute_unknown", "{n} of {of} answers are on an attribute that the catalogue lacks.",
        "Correct the source definition, or add the attribute.",
    ),
    "grain_differs": (
        "answer_grain_differs", "{n} of {of} answers are about another kind of subject than the attribute.",
        "Correct the source definition: a person, household, tenancy or home is asked.",
    ),
}  # fmt: skip

#: The rule whose rows the extracts' own report names already, by the reference that leads nowhere.
_SAID_BEFORE = "entry_without_tenancy"

Row = tuple[Any, ...]


def rows(engine: Engine) -> list[Row]:
    """Each kind that has rows: rule, dimension, system, table, field, rows, of_rows, severity, message, remedy.

    None of a stage that has not been built.
    """
    found: list[Row] = []
    if engine.has("features.unmatched"):
        counted = engine.rows(
            "SELECT rule, table_name, n_rows, of_rows FROM features.unmatched WHERE n_rows > 0 ORDER BY ALL"
        )
        for rule, table, n, of in counted:
            if rule == _SAID_BEFORE and _named(engine) >= n:
                continue
            severity, message, remedy = UNMATCHED[rule]
            found.append(_row(rule, "", table, None, n, of, severity, message, remedy))
    if engine.has("profile.unplaced"):
        counted = engine.rows(
            """SELECT u.problem, u.system, u.attribute, count(*), any_value(a.n)
            FROM profile.unplaced u
            JOIN (SELECT system, attribute, count(*) AS n FROM staging.answer GROUP BY ALL) a
              ON a.system = u.system AND a.attribute = u.attribute
            GROUP BY ALL ORDER BY ALL"""
        )
        for problem, system, attribute, n, of in counted:
            rule, message, remedy = UNPLACED[problem]
            found.append(
                _row(rule, system, "staging.answer", attribute, n, of, "warning", message, remedy)
            )
    return found


def _named(engine: Engine) -> int:
    """The account entries that the report of the extracts names for a reference that it does not know."""
    if not engine.has("staging.issue"):
        return 0
    return int(
        engine.value(
            """SELECT coalesce(sum(rows), 0) FROM staging.issue
            WHERE rule = 'reference_unknown' AND table_name = 'account_transaction'"""
        )
    )


def _row(
    rule: str,
    system: str,
    table: str,
    field: str | None,
    n: int,
    of: int,
    severity: str,
    message: str,
    remedy: str,
) -> Row:
    said = message.format(n=f"{n:,}", of=f"{of:,}")
    name = table.rpartition(".")[2]
    return (rule, "consistency", system, name, field, n, of, severity, said, remedy)
