"""The customer contact system: CSV in UTF-8 with a byte order mark, ISO dates."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rooftree.demo.draws import NO_DAY, Array, Frame, chance, empty_text, pick, stream, words
from rooftree.demo.members import KIN
from rooftree.demo.world import World
from rooftree.demo.writers import day_texts, write_csv

_ISO = "%Y-%m-%d"
#: Truth column → column of profile.csv. What the CRM asked on the telephone or online.
PROFILE = {
    "internet_access": "Internet",
    "digital_confidence": "Digital confidence",
    "bank_account": "Bank account",
    "contents_insurance": "Contents insurance",
    "savings": "Savings",
    "main_language": "First language",
    "english_proficiency": "Spoken English",
    "information_format_need": "Written information",
    "communication_professional": "Interpreter",
    "preferred_channel": "Best way to reach",
    "religion": "Religion",
    "sexual_orientation": "Sexual orientation",
    "marital_status": "Marital status",
    "unpaid_care": "Unpaid care",
    "long_term_condition": "Long-term condition",
    "activity_limited": "Limits activities",
    "impairments": "Affects",
    "pregnant": "Pregnancy",
    "move_interest": "Interest in moving",
    "ethnic_group": "Ethnic group",
    "household_income_pence": "Household income a week",
}
_GOES_STALE = (
    "internet_access",
    "bank_account",
    "contents_insurance",
    "savings",
    "preferred_channel",
)
_REFUSES = {"religion": 0.14, "sexual_orientation": 0.19, "household_income_pence": 0.17,
            "ethnic_group": 0.07, "long_term_condition": 0.05, "savings": 0.16}  # fmt: skip


def write_customers(folder: Path, world: World, records: Frame) -> dict[str, int]:
    """`customers.csv`."""
    tenancy_ref = world.tenancies["tenancy_ref"][records["tenancy"]]
    n = len(records["ref"])
    columns = {
        "CustomerId": records["ref"],
        "Title": records["title"],
        "FirstName": records["given"],
        "LastName": records["surname"],
        "DateOfBirth": day_texts(records["birth"], _ISO),
        "Mobile": records["mobile"],
        "Telephone": records["landline"],
        "Email": records["email"],
        "Address1": records["line_1"],
        "Address2": records["line_2"],
        "Town": records["town"],
        "Postcode": records["postcode"],
        "TenancyNo": np.where(records["knows_tenancy"], tenancy_ref, ""),
        "ModifiedOn": day_texts(records["updated"], _ISO),
    }
    write_csv(folder / "customers.csv", columns, encoding="utf-8-sig")
    return {
        "crm.customers.rows": n,
        "crm.customers.duplicates": int(records["duplicate"].sum()),
        "crm.customers.no_birth_date": int((records["birth"] == NO_DAY).sum()),
        "crm.customers.nicknames": int(records["nickname"].sum()),
        "crm.customers.initials": int(records["initial"].sum()),
        "crm.customers.surname_changed": int(records["surname_changed"].sum()),
        "crm.customers.moved": int(records["moved"].sum()),
        "crm.customers.typos": int(records["typo"].sum()),
    }


def write_profile(folder: Path, world: World, records: Frame) -> dict[str, int]:
    """`profile.csv`: answers taken on the telephone, online and at the door, some of them stale."""
    rng = stream(world.landlord.seed, "crm profile")
    adult = world.attributes["age"][records["person"]] >= 16
    customer = world.people["relationship"][records["person"]] < KIN
    at = np.flatnonzero(adult & customer & chance(rng, 0.68, len(adult)))
    who, n = records["person"][at], len(at)
    asked_on = world.landlord.today - (rng.gamma(1.6, 420, n)).astype(int) - 1
    channel = np.array(["Phone", "Online", "Visit", "Paper"], dtype=object)[
        pick(rng, [58, 24, 12, 6], n)
    ]
    columns: dict[str, Array] = {
        "CustomerId": records["ref"][at],
        "TenancyNo": world.tenancies["tenancy_ref"][records["tenancy"][at]],
    }
    stale = (world.landlord.today - asked_on) > 3 * 365
    changed = 0
    for truth, header in PROFILE.items():
        said, wrong = _said(rng, truth, world.attributes[truth][who], stale)
        columns[header] = said
        changed += wrong
    columns["AskedOn"] = day_texts(asked_on, _ISO)
    columns["How"] = channel
    columns["TakenBy"] = words([f"U{k:03d}" for k in rng.integers(1, 60, n)])
    write_csv(folder / "profile.csv", columns, encoding="utf-8-sig")
    return {"crm.profile.rows": n, "crm.profile.stale_and_wrong": changed}


def _said(rng: np.random.Generator, truth: str, values: Array, stale: Array) -> tuple[Array, int]:
    """What was written for the truth's values, and how many old answers are no longer so."""
    n = len(values)
    if values.dtype.kind == "i":
        values = words([f"£{v // 100:,}" for v in values.tolist()])
    old = stale & chance(rng, 0.25 if truth in _GOES_STALE else 0.0, n)
    said = np.where(old, values[rng.permutation(n)], values)
    changed = int((old & (said != values)).sum())
    refused = chance(rng, _REFUSES.get(truth, 0.03), n) & (said != "")
    unknown = chance(rng, 0.02, n) & (said != "")
    said = np.where(refused, "Prefer not to say", np.where(unknown, "Don't know", said))
    return np.where(chance(rng, 0.12, n), empty_text(n), said), changed
