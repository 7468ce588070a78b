"""Closed sets and keys of the canonical tables, where the schema names them in words only."""

from __future__ import annotations

from rooftree.vocabulary.states import Grain, Method, Origin, State

ROLES = (
    "tenant", "joint_tenant", "leaseholder", "shared_owner", "freeholder", "licensee", "household_member",
    "occupant", "applicant", "next_of_kin", "advocate", "other",
)  # fmt: skip
RELATIONSHIPS = (
    "lead", "partner", "child", "parent", "sibling", "grandchild", "other_relative", "lodger", "carer",
    "other", "unknown",
)  # fmt: skip

#: (table, column) → the words that it may hold. Lists of the catalogue are checked against it instead.
CLOSED: dict[tuple[str, str], tuple[str, ...]] = {
    ("household_member", "role"): ROLES,
    ("household_member", "relationship"): RELATIONSHIPS,
    ("tenancy", "charge_frequency"): ("weekly", "fortnightly", "four_weekly", "monthly"),
    ("account_transaction", "kind"): (
        "opening_balance", "rent", "service_charge", "other_charge", "payment", "housing_benefit", "uc_direct",
        "refund", "write_off", "adjustment",
    ),
    ("account_transaction", "method"): (
        "direct_debit", "standing_order", "card", "cash", "cheque", "online", "payroll", "benefit", "other",
    ),
    ("contact", "direction"): ("inbound", "outbound"),
    ("contact", "outcome"): ("resolved", "unresolved", "no_answer", "referred", "unknown"),
    ("repair", "priority"): ("emergency", "urgent", "routine", "planned"),
    ("repair", "status"): ("open", "completed", "cancelled"),
    ("case", "kind"): (
        "complaint", "asb", "arrears_action", "payment_arrangement", "support_referral", "adaptation",
        "safeguarding", "hazard", "benefit_claim", "other",
    ),
    ("survey_response", "method"): tuple(m.value for m in Method),
    ("preference", "choice"): ("prefer", "allow", "avoid", "object", "consent"),
    ("alert", "kind"): ("alert", "vulnerability", "adjustment", "evacuation"),
    ("answer", "grain"): tuple(g.value for g in Grain),
    ("answer", "state"): tuple(s.value for s in State),
    ("answer", "origin"): tuple(o.value for o in Origin),
    ("answer", "method"): tuple(m.value for m in Method),
}  # fmt: skip

#: What tells the rows of a table apart within one system. Rows without the key are not compared.
KEYS: dict[str, tuple[str, ...]] = {
    "person": ("person_ref",),
    "tenancy": ("tenancy_ref",),
    "property": ("property_ref",),
    "account_transaction": ("transaction_ref",),
    "contact": ("contact_ref",),
    "repair": ("repair_ref",),
    "case": ("case_ref",),
}
