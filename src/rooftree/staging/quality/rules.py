"""The rules that look at one row: each a condition under which something is likely wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rooftree.staging.quality.postcodes import impossible_sql

Issue = dict[str, Any]


def issue(
    rule: str,
    dimension: str,
    system: str,
    table: str,
    field: str | None,
    rows: int,
    of_rows: int,
    severity: str,
    message: str,
    remedy: str,
    places: Iterable[str] | None = (),
) -> Issue:
    """One row of staging.issue."""
    return {
        "rule": rule, "dimension": dimension, "system": system, "table_name": table, "field": field, "rows": rows,
        "of_rows": of_rows, "severity": severity, "message": message, "remedy": remedy,
        "example_rows": list(places or ()),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowRule:
    """One rule over the columns of one canonical table. `sql` may read `:as_of` as a date."""

    key: str
    table: str
    field: str
    sql: str
    message: str
    remedy: str
    severity: str = "warning"
    dimension: str = "validity"


_NI_FORM = "[A-Z]{2}[0-9]{6}[A-D]"
_NI_FIRST = "[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
_UPRN = "NOT regexp_full_match(uprn, '[0-9]{1,12}')"


def _address(table: str) -> list[RowRule]:
    return [
        RowRule(
            "postcode_impossible", table, "postcode", impossible_sql("postcode"),
            "The postcode cannot exist: no such area or district, or not the form of a postcode.",
            "Look the address up and correct the postcode.",
        ),
        RowRule(
            "uprn_invalid", table, "uprn", _UPRN,
            "The UPRN is not a number of 1 to 12 digits.", "Look the property up in the gazetteer.",
        ),
    ]  # fmt: skip


ROW_RULES: tuple[RowRule, ...] = (
    *_address("person"),
    *_address("property"),
    RowRule(
        "birth_in_future", "person", "date_of_birth", "date_of_birth > :as_of",
        "The date of birth is after the day of the report.", "Correct the date of birth.", "error",
    ),
    RowRule(
        "age_over_110", "person", "date_of_birth", "date_of_birth < :as_of - INTERVAL 110 YEAR",
        "The person would be over 110 years old.", "Check the date of birth, and whether the person has died.",
    ),
    RowRule(
        "death_before_birth", "person", "date_of_death", "date_of_death < date_of_birth",
        "The date of death is before the date of birth.", "Correct one of the two dates.", "error",
    ),
    RowRule(
        "ni_number_invalid", "person", "ni_number",
        f"NOT regexp_full_match(ni_number, '{_NI_FORM}')",
        "The National Insurance number does not have the form of one.", "Check it with the person.",
    ),
    RowRule(
        "ni_prefix_unused", "person", "ni_number",
        f"regexp_full_match(ni_number, '{_NI_FORM}') AND (NOT regexp_full_match(ni_number, '{_NI_FIRST}.*') "
        "OR ni_number[:2] IN ('BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ'))",
        "The National Insurance number begins with two letters that are never issued.",
        "Nothing to do for numbers of an example; else check it with the person.", "note",
    ),
    RowRule(
        "email_invalid", "person", "email",
        "NOT regexp_full_match(email, '[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:].]+')",
        "The e-mail address does not have the form of one.", "Check it with the person.",
    ),
    RowRule(
        "phone_invalid", "person", "phone",
        "length(regexp_replace(phone, '[^0-9]', '', 'g')) NOT BETWEEN 10 AND 15",
        "The telephone number has too few or too many digits.", "Check it with the person.",
    ),
    RowRule(
        "ended_before_started", "tenancy", "ended_on", "ended_on < started_on",
        "The tenancy ends before it starts.", "Correct one of the two dates.", "error",
    ),
    RowRule(
        "starts_far_ahead", "tenancy", "started_on", "started_on > :as_of + INTERVAL 1 YEAR",
        "The tenancy starts more than a year after the day of the report.", "Check the start date.",
    ),
    RowRule(
        "rent_unlikely", "tenancy", "rent_pence", "rent_pence < 0 OR rent_pence > 500000",
        "The rent is negative, or over £5,000 a period.", "Check the rent, and the unit in the definition.",
    ),
    RowRule(
        "uprn_invalid", "tenancy", "uprn", _UPRN,
        "The UPRN is not a number of 1 to 12 digits.", "Look the property up in the gazetteer.",
    ),
    RowRule(
        "bedrooms_unlikely", "property", "bedrooms", "bedrooms < 0 OR bedrooms > 12",
        "A home with a negative number of bedrooms, or over 12.", "Check the number of bedrooms.",
    ),
    RowRule(
        "posted_in_future", "account_transaction", "posted_on", "posted_on > :as_of",
        "The entry counts from a day after the day of the report.", "Check the posting date.",
    ),
    RowRule(
        "sign_unlikely", "account_transaction", "amount_pence",
        "(kind IN ('payment', 'housing_benefit', 'uc_direct') AND amount_pence > 0) "
        "OR (kind IN ('rent', 'service_charge') AND amount_pence < 0)",
        "A payment is positive or a charge negative: it may be a reversal, or the sign is the wrong way round.",
        "If most entries are named here, set negate = true on the amount.",
    ),
    RowRule(
        "occurred_in_future", "contact", "occurred_on", "occurred_on > :as_of",
        "The contact is after the day of the report.", "Check the date.",
    ),
    RowRule(
        "completed_before_reported", "repair", "completed_on", "completed_on < reported_on",
        "The repair was completed before it was reported.", "Correct one of the two dates.",
    ),
    RowRule(
        "closed_before_opened", "case", "closed_on", "closed_on < opened_on",
        "The case was closed before it was opened.", "Correct one of the two dates.",
    ),
    RowRule(
        "recorded_in_future", "answer", "recorded_on", "recorded_on > :as_of",
        "The answer was recorded after the day of the report.", "Check the date.",
    ),
    RowRule(
        "not_updated_for_two_years", "person", "updated_on", "updated_on < :as_of - INTERVAL 2 YEAR",
        "The record was last changed more than two years ago.", "Confirm the details at the next contact.",
        "note", "timeliness",
    ),
)  # fmt: skip

#: (table, column, table looked in, column looked in, within one system)
REFERENCES: tuple[tuple[str, str, str, str, bool], ...] = (
    ("household_member", "tenancy_ref", "tenancy", "tenancy_ref", False),
    ("household_member", "person_ref", "person", "person_ref", True),
    ("tenancy", "property_ref", "property", "property_ref", False),
    ("property", "payment_ref", "tenancy", "payment_ref", False),
    ("account_transaction", "tenancy_ref", "tenancy", "tenancy_ref", False),
    ("account_transaction", "payment_ref", "tenancy", "payment_ref", False),
    ("contact", "tenancy_ref", "tenancy", "tenancy_ref", False),
    ("contact", "person_ref", "person", "person_ref", True),
    ("repair", "property_ref", "property", "property_ref", False),
    ("repair", "tenancy_ref", "tenancy", "tenancy_ref", False),
    ("case", "tenancy_ref", "tenancy", "tenancy_ref", False),
    ("case", "person_ref", "person", "person_ref", True),
    ("service_use", "person_ref", "person", "person_ref", True),
    ("preference", "person_ref", "person", "person_ref", True),
    ("alert", "person_ref", "person", "person_ref", True),
)

#: What two systems should agree on, for the same key.
AGREEMENTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("tenancy", "tenancy_ref", ("property_ref", "payment_ref", "started_on", "ended_on", "tenure")),
    ("property", "property_ref", ("postcode", "uprn", "bedrooms", "asset_type")),
)
