"""A made-up `segments.person`: every column of the contract, some attributes filled, a group planted in it.

Nobody in it exists. Values follow from the number of the person and the key alone, so that a table of
any size comes out the same every time.
"""

# ruff: noqa: E501  one distribution, one line

from __future__ import annotations

from collections.abc import Mapping

from rooftree.catalogue.model import Attribute, Catalogue, Feature
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import Sensitivity

_TYPES = {"code": "VARCHAR", "codes": "VARCHAR", "text": "VARCHAR", "number": "DOUBLE", "money": "BIGINT",
          "date": "DATE", "boolean": "BOOLEAN"}  # fmt: skip

#: About an eighth of everybody: the planted group.
IN_GROUP = "hash(n || 'group') % 8 = 0"

#: Shares of each code for the group and for the rest; what is left over is not asked.
PLANTED: Mapping[str, tuple[Mapping[str, float], Mapping[str, float]]] = {
    "household_type": (
        {"one_elder": 0.52, "two_adults_elder": 0.20, "one_adult": 0.06, "two_adults": 0.05,
         "one_adult_children": 0.01, "adults_children": 0.03, "other": 0.04},
        {"one_elder": 0.13, "two_adults_elder": 0.10, "one_adult": 0.22, "two_adults": 0.14,
         "one_adult_children": 0.17, "adults_children": 0.15, "other": 0.03},
    ),
    "gender": ({"female": 0.62, "male": 0.35}, {"female": 0.57, "male": 0.40}),
    "preferred_channel": (
        {"letter": 0.32, "phone": 0.26, "phone;letter": 0.13, "visit": 0.12, "email": 0.05, "sms": 0.03, "portal": 0.01},
        {"email": 0.32, "sms": 0.16, "phone": 0.18, "email;sms": 0.12, "letter": 0.06, "portal": 0.05, "visit": 0.02},
    ),
    "internet_access": (
        {"none": 0.48, "broadband": 0.21, "public_only": 0.08, "mobile_only": 0.10},
        {"broadband": 0.53, "mobile_only": 0.27, "none": 0.06, "public_only": 0.03},
    ),
    "communication_support": (
        {"none": 0.48, "hearing_aid_loop": 0.13, "reading_help": 0.05, "lip_reads;hearing_aid_loop": 0.03, "remind": 0.03},
        {"none": 0.66, "hearing_aid_loop": 0.03, "reading_help": 0.04, "remind": 0.03, "lip_reads": 0.01},
    ),
    "information_format_need": (
        {"large_print": 0.22, "none": 0.45, "audio": 0.03, "translated": 0.01},
        {"none": 0.75, "large_print": 0.03, "translated": 0.02, "audio": 0.01},
    ),
    "contents_insurance": (
        {"with_landlord": 0.27, "elsewhere": 0.18, "none": 0.28}, {"with_landlord": 0.10, "elsewhere": 0.18, "none": 0.45},
    ),
    "economic_status": (
        {"retired": 0.68, "unable": 0.10, "part_time": 0.04, "full_time": 0.04, "jobseeker": 0.02},
        {"full_time": 0.28, "part_time": 0.17, "retired": 0.14, "jobseeker": 0.1, "unable": 0.13},
    ),
    "main_contact_reason": (
        {"repair_new": 0.33, "adaptation": 0.14, "rent": 0.07, "benefits": 0.09, "damp_mould": 0.04, "arrears": 0.02},
        {"repair_new": 0.30, "rent": 0.18, "arrears": 0.10, "damp_mould": 0.08, "adaptation": 0.03, "benefits": 0.05},
    ),
    "asset_type": (
        {"flat": 0.40, "bungalow": 0.31, "house": 0.27, "maisonette": 0.02},
        {"house": 0.51, "flat": 0.38, "bungalow": 0.06, "maisonette": 0.05},
    ),
    "tenure": ({"secure": 0.88, "introductory": 0.03, "leasehold": 0.05}, {"secure": 0.66, "introductory": 0.14, "leasehold": 0.1}),
    "occupancy_ons": (
        {"under_occupied": 0.44, "at_standard": 0.49, "overcrowded": 0.02},
        {"under_occupied": 0.22, "at_standard": 0.62, "overcrowded": 0.1},
    ),
    "satisfaction": (
        {"very_satisfied": 0.25, "fairly_satisfied": 0.3, "fairly_dissatisfied": 0.07},
        {"very_satisfied": 0.15, "fairly_satisfied": 0.3, "fairly_dissatisfied": 0.15},
    ),
    "ethnic_group_5": ({"white": 0.80, "asian": 0.06, "black": 0.05, "mixed": 0.02}, {"white": 0.70, "asian": 0.10, "black": 0.10, "mixed": 0.04}),
    "main_language": ({"english": 0.9, "polish": 0.02}, {"english": 0.82, "polish": 0.04}),
    "preferred_format": (
        {"letter": 0.42, "phone_talk": 0.17, "email": 0.06, "short_text": 0.04},
        {"email": 0.36, "short_text": 0.26, "letter": 0.07, "phone_talk": 0.06},
    ),
    "preferred_time": (
        {"weekday_morning": 0.41, "any": 0.25, "weekday_afternoon": 0.1, "weekday_evening": 0.03},
        {"any": 0.30, "weekday_evening": 0.24, "weekday_morning": 0.11, "weekday_afternoon": 0.12},
    ),
    "payment_regularity": (
        {"regular": 0.80, "late_regular": 0.06, "erratic": 0.04}, {"regular": 0.6, "late_regular": 0.12, "erratic": 0.12},
    ),
    "support_needs": ({"isolation": 0.16, "frailty": 0.09, "debt": 0.03}, {"debt": 0.1, "isolation": 0.04, "frailty": 0.01}),
}  # fmt: skip

#: SQL of the value, and how many of a hundred have one.
NUMBERS: Mapping[str, tuple[str, int]] = {
    "age": (f"CASE WHEN {IN_GROUP} THEN 92 - {{u}} * {{u}} * 50 ELSE 17 + {{u}} * {{u}} * 68 END", 98),
    "rent_balance_pence": (f"CASE WHEN {{u}} < 0.45 THEN 0 WHEN {IN_GROUP} THEN {{u}} * {{u}} * 60000 - 9000 ELSE {{u}} * {{u}} * 180000 - 9000 END", 95),
    "repairs_12m": (f"floor({{u}} * CASE WHEN {IN_GROUP} THEN 7 ELSE 6 END)", 100),
    "complaints_12m": ("floor({u} * 1.2)", 100),
    "tenancy_age_years": (f"CASE WHEN {IN_GROUP} THEN sqrt({{u}}) * 42 ELSE {{u}} * {{u}} * 30 END", 99),
    "contacts_in_12m": ("floor({u} * 9)", 100),
    "bedrooms": (f"CASE WHEN {IN_GROUP} THEN 1 + floor({{u}} * {{u}} * 4) ELSE 1 + floor({{u}} * 4) END", 100),
    "uses_no_service": (f"{{u}} < CASE WHEN {IN_GROUP} THEN 0.5 ELSE 0.3 END", 100),
    "in_arrears": (f"{{u}} < CASE WHEN {IN_GROUP} THEN 0.12 ELSE 0.36 END", 97),
    "has_lift": (f"{{u}} < CASE WHEN {IN_GROUP} THEN 0.3 ELSE 0.1 END", 90),
}  # fmt: skip


def make_people(
    engine: Engine, catalogue: Catalogue, *, n: int = 8_000, fill: bool = False
) -> None:
    """Make `segments.person` of n people, and the planted group as the view `chosen`.

    `fill`: every attribute and feature gets values, as in a landlord that has asked everything.
    """
    engine.schema("segments")
    things = {**catalogue.features, **catalogue.attributes}
    columns = [
        "'p' || n AS person_id", "'h' || (n // 2) AS household_id", "'t' || (n // 2) AS tenancy_id",
        "'o' || (n // 2) AS home_id", "true AS is_customer", "true AS is_adult", "n % 3 > 0 AS is_tenant",
        "n % 3 > 0 AS is_lead_tenant", "true AS is_household_member", "'patch' AS patch",
    ]  # fmt: skip
    first = {column.rsplit(" ", 1)[1] for column in columns}
    for key, thing in sorted(things.items()):
        if key not in first:
            columns += _columns(key, thing, catalogue, fill=fill)
    engine.execute(
        f"CREATE OR REPLACE TABLE segments.person AS SELECT {', '.join(columns)} FROM range({n}) r(n)"
    )
    engine.execute(
        "CREATE OR REPLACE VIEW chosen AS SELECT person_id AS subject_id FROM segments.person "
        f"WHERE {IN_GROUP.replace('n ||', 'substr(person_id, 2) ||')}"
    )


def _columns(
    key: str, thing: Attribute | Feature, catalogue: Catalogue, *, fill: bool
) -> list[str]:
    kind = _TYPES[thing.type]
    value, known = _value(key, thing, catalogue, fill=fill)
    if isinstance(thing, Feature):
        return [f'CAST({value} AS {kind}) AS "{key}"']
    hidden = thing.type == "text" and thing.sensitivity in (
        Sensitivity.IDENTIFYING,
        Sensitivity.CONTACT,
    )
    state = f'CAST(CASE WHEN ({known}) THEN 0 WHEN {_u(key + "!")} < 0.2 THEN 1 ELSE 3 END AS UTINYINT) AS "{key}__k"'
    return [state] if hidden else [f'CAST({value} AS {kind}) AS "{key}"', state]


def _value(
    key: str, thing: Attribute | Feature, catalogue: Catalogue, *, fill: bool
) -> tuple[str, str]:
    """SQL of the value, null where it is not known, and of whether it is known."""
    if key in PLANTED:
        inside, outside = (_drawn(key, shares) for shares in PLANTED[key])
        value = f"CASE WHEN {IN_GROUP} THEN {inside} ELSE {outside} END"
        return value, f"({value}) IS NOT NULL"
    if key in NUMBERS:
        sql, known = NUMBERS[key]
        there = f"{_u(key + '?')} < {known / 100}"
        return f"CASE WHEN {there} THEN {sql.replace('{u}', _u(key))} END", there
    if not fill:
        return "NULL", "false"
    there = f"{_u(key + '?')} < 0.7"
    return f"CASE WHEN {there} THEN {_any(key, thing, catalogue)} END", there


def _any(key: str, thing: Attribute | Feature, catalogue: Catalogue) -> str:
    u = _u(key)
    if thing.type in ("code", "codes") and thing.codes:
        keys = [code.key for code in catalogue.code_lists[thing.codes].codes]
        listed = ", ".join(f"'{code}'" for code in keys)
        return f"list_extract([{listed}], 1 + CAST(floor({u} * {u} * {len(keys)}) AS INTEGER))"
    if thing.type == "boolean":
        return f"{u} < 0.3"
    if thing.type == "date":
        return f"DATE '2026-01-01' - CAST(floor({u} * 6000) AS INTEGER)"
    if thing.type == "text":
        return "'a text'"
    return f"floor({u} * {u} * 1000)"


def _drawn(key: str, shares: Mapping[str, float]) -> str:
    u, reached, cases = _u(key), 0.0, []
    for code, share in shares.items():
        reached += share
        cases.append(f"WHEN {u} < {reached:.4f} THEN '{code}'")
    return f"CASE {' '.join(cases)} END"


def _u(key: str) -> str:
    """SQL: an even number in [0, 1) of this person and key."""
    return f"(hash(n || '{key}') % 1000003 / 1000003.0)"
