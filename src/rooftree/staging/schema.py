"""The canonical tables: what every landlord's systems say, in the sector's names.

Names follow CORE, the HACT UK Housing Data Standards and the published platform of the London
Borough of Hackney. Every table begins with the same four columns, so that any value can be traced
to the row it came from. References (`person_ref`, `tenancy_ref` ...) are the source's own keys;
identity turns them into persistent ids.

A person's reference means something only inside its system, so people are matched by
(`system`, `person_ref`). References of tenancies, properties and accounts are shared by a landlord's
systems unless a source definition says that its own are private.
"""

from __future__ import annotations

from rooftree.storage.tables import Column, Table
from rooftree.vocabulary.states import Sensitivity

_S = Sensitivity

LINEAGE = (
    Column(
        "system",
        "VARCHAR",
        "the landlord's system that says so (key of the source definition)",
        True,
    ),
    Column(
        "source_kind", "VARCHAR", "what sort of system it is (vocabulary.states.SourceKind)", True
    ),
    Column("source_file", "VARCHAR", "id of the extract's file (staging.file)", True),
    Column(
        "source_row", "BIGINT", "row of the record in that file, the first data row being 1", True
    ),
)


def _table(
    name: str,
    meaning: str,
    *columns: Column,
    order: tuple[str, ...] = (),
    buckets_by: tuple[str, ...] = (),
    coded: tuple[str, ...] = (),
) -> Table:
    return Table(
        "staging",
        name,
        meaning,
        LINEAGE + columns,
        order=order or ("system",),
        buckets_by=buckets_by,
        coded=coded,
    )


def _ref(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, "VARCHAR", meaning, required)


_ADDRESS = (
    Column("address_line_1", "VARCHAR", "first line of the address", sensitivity=_S.CONTACT),
    Column("address_line_2", "VARCHAR", "second line", sensitivity=_S.CONTACT),
    Column("address_line_3", "VARCHAR", "town or locality", sensitivity=_S.CONTACT),
    Column(
        "postcode", "VARCHAR", "postcode as supplied, upper case, one space", sensitivity=_S.CONTACT
    ),
    Column("uprn", "VARCHAR", "unique property reference number, digits only, no leading zeros"),
)

PERSON = _table(
    "person",
    "One system's record of one person (or organisation) who is or was a customer, or stands by one.",
    _ref("person_ref", "the system's key of the person", required=True),
    _ref("same_as", "'system:person_ref' of the same person elsewhere, where the source knows it"),
    Column("title", "VARCHAR", "title as supplied", sensitivity=_S.IDENTIFYING),
    Column("given_name", "VARCHAR", "first given name", sensitivity=_S.IDENTIFYING),
    Column("middle_name", "VARCHAR", "further given names", sensitivity=_S.IDENTIFYING),
    Column("family_name", "VARCHAR", "surname", sensitivity=_S.IDENTIFYING),
    Column(
        "full_name",
        "VARCHAR",
        "the whole name, where the source has no parts",
        sensitivity=_S.IDENTIFYING,
    ),
    Column(
        "preferred_name",
        "VARCHAR",
        "what the person wants to be called",
        sensitivity=_S.IDENTIFYING,
    ),
    Column("date_of_birth", "DATE", "date of birth", sensitivity=_S.IDENTIFYING),
    Column("date_of_death", "DATE", "date of death, where recorded", sensitivity=_S.IDENTIFYING),
    Column(
        "ni_number",
        "VARCHAR",
        "National Insurance number, upper case, no spaces",
        sensitivity=_S.IDENTIFYING,
    ),
    Column("phone", "VARCHAR", "first telephone number as supplied", sensitivity=_S.CONTACT),
    Column("phone_2", "VARCHAR", "second telephone number", sensitivity=_S.CONTACT),
    Column("email", "VARCHAR", "e-mail address as supplied", sensitivity=_S.CONTACT),
    *_ADDRESS,
    _ref("tenancy_ref", "the tenancy the record belongs to, where the source keeps one per person"),
    _ref("payment_ref", "rent account reference, where the source knows it"),
    _ref("property_ref", "the home the record belongs to, where the source knows it"),
    Column(
        "is_organisation",
        "BOOLEAN",
        "true for a company or charity, which is never linked as a person",
    ),
    Column("updated_on", "DATE", "when the source last changed the record"),
)

HOUSEHOLD_MEMBER = _table(
    "household_member",
    "One system's statement that a person belongs to, or stands by, a tenancy.",
    _ref("tenancy_ref", "the tenancy", required=True),
    _ref("person_ref", "the person, in the same system", required=True),
    Column(
        "role",
        "VARCHAR",
        "tenant, joint_tenant, leaseholder, shared_owner, freeholder, licensee, household_member, occupant, "
        "applicant, next_of_kin, advocate or other",
        True,
    ),
    Column(
        "relationship",
        "VARCHAR",
        "to the lead tenant: lead, partner, child, parent, sibling, grandchild, other_relative, lodger, carer, "
        "other or unknown",
    ),
    Column("is_responsible", "BOOLEAN", "named on the agreement"),
    Column("from_on", "DATE", "since when"),
    Column("to_on", "DATE", "until when; null: still"),
)

TENANCY = _table(
    "tenancy",
    "One agreement (tenancy, lease, licence) or application, as one system holds it.",
    _ref("tenancy_ref", "the system's key of the tenancy", required=True),
    _ref("payment_ref", "rent account reference"),
    _ref("property_ref", "the home"),
    Column("uprn", "VARCHAR", "unique property reference number of the home"),
    Column(
        "tenure",
        "VARCHAR",
        "code of the list tenure: secure, introductory, assured, starter, fixed_term, licence, temporary, "
        "leasehold, shared_ownership, freehold, commercial, garage, application or other",
    ),
    Column("tenure_raw", "VARCHAR", "the source's own word for it"),
    Column("started_on", "DATE", "first day"),
    Column("ended_on", "DATE", "last day; null: still running"),
    Column("end_reason", "VARCHAR", "code of the list tenancy_end_reason"),
    Column("rent_pence", "BIGINT", "rent per charging period, in pence"),
    Column("service_charge_pence", "BIGINT", "service charge per charging period, in pence"),
    Column("charge_frequency", "VARCHAR", "weekly, fortnightly, four_weekly or monthly"),
    Column("charge_weeks", "INTEGER", "weeks charged in a year, 46 to 53; null: 52"),
    Column("balance_pence", "BIGINT", "balance the source shows, arrears positive, in pence"),
    Column("balance_on", "DATE", "the day of that balance"),
    order=("system", "tenancy_ref"),
)

PROPERTY = _table(
    "property",
    "One asset: a home, or a block, estate, garage or hall, as one system holds it.",
    _ref("property_ref", "the system's key of the asset", required=True),
    _ref("parent_ref", "the block or estate it stands in"),
    _ref("payment_ref", "rent account reference, where the asset system knows it"),
    *_ADDRESS,
    Column(
        "asset_type",
        "VARCHAR",
        "code of the list asset_type: house, flat, maisonette, bungalow, bedsit, room, dwelling, block, estate, "
        "garage, communal or other",
    ),
    Column("asset_type_raw", "VARCHAR", "the source's own word for it"),
    Column("bedrooms", "INTEGER", "bedrooms; 0 for a bedsit as supplied"),
    Column("bed_spaces", "INTEGER", "people it was designed for"),
    Column("living_rooms", "INTEGER", "living rooms"),
    Column("floor_level", "INTEGER", "storey of the entrance, ground 0"),
    Column("storeys", "INTEGER", "storeys of the building"),
    Column("building_height_m", "DOUBLE", "height of the building, metres"),
    Column("has_lift", "BOOLEAN", "a lift serves the entrance"),
    Column("has_stairs", "BOOLEAN", "stairs inside, or to the entrance"),
    Column("is_step_free", "BOOLEAN", "no step from street to living room"),
    Column("has_ramp", "BOOLEAN", "ramped access"),
    Column("has_level_access_shower", "BOOLEAN", "level access shower"),
    Column("year_built", "INTEGER", "year of construction"),
    Column("epc_rating", "VARCHAR", "energy rating A to G"),
    Column("patch", "VARCHAR", "the officers' patch"),
    Column("estate", "VARCHAR", "estate or scheme"),
    Column("is_supported", "BOOLEAN", "supported or sheltered housing"),
    order=("system", "property_ref"),
)

ACCOUNT_TRANSACTION = _table(
    "account_transaction",
    "One entry of a rent account.",
    _ref("transaction_ref", "the system's key of the entry, where it has one"),
    _ref("tenancy_ref", "the tenancy; one of tenancy_ref and payment_ref is given"),
    _ref("payment_ref", "rent account reference"),
    Column("posted_on", "DATE", "the day it counts from", True),
    Column("amount_pence", "BIGINT", "in pence: charges positive, payments negative", True),
    Column(
        "kind",
        "VARCHAR",
        "opening_balance, rent, service_charge, other_charge, payment, housing_benefit, uc_direct (managed payment "
        "of Universal Credit), refund, write_off or adjustment",
        True,
    ),
    Column(
        "method",
        "VARCHAR",
        "of a payment: direct_debit, standing_order, card, cash, cheque, online, payroll, benefit or other",
    ),
    order=("tenancy_ref", "payment_ref", "posted_on"),
    buckets_by=("tenancy_ref", "payment_ref"),
    coded=("system", "source_kind", "source_file", "kind", "method"),
)

CONTACT = _table(
    "contact",
    "One contact between the landlord and a customer, in either direction.",
    _ref("contact_ref", "the system's key of the contact"),
    _ref("person_ref", "the person, in the same system"),
    _ref("tenancy_ref", "the tenancy"),
    Column("occurred_on", "DATE", "when", True),
    Column(
        "channel",
        "VARCHAR",
        "code of the list channel: phone, email, sms, letter, visit, office, portal, ...",
        True,
    ),
    Column("direction", "VARCHAR", "inbound or outbound", True),
    Column("reason", "VARCHAR", "code of the list contact_reason"),
    Column("outcome", "VARCHAR", "resolved, unresolved, no_answer, referred or unknown"),
    order=("system", "occurred_on"),
)

REPAIR = _table(
    "repair",
    "One repair request.",
    _ref("repair_ref", "the system's key of the repair", required=True),
    _ref("property_ref", "the home"),
    _ref("tenancy_ref", "the tenancy"),
    _ref("person_ref", "who reported it, in the same system"),
    Column("reported_on", "DATE", "when it was reported", True),
    Column("completed_on", "DATE", "when it was completed; null: open"),
    Column("priority", "VARCHAR", "emergency, urgent, routine or planned"),
    Column(
        "trade",
        "VARCHAR",
        "code of the list repair_trade: plumbing, electrical, heating, damp_mould, ...",
    ),
    Column("is_damp_mould", "BOOLEAN", "about damp or mould"),
    Column("no_access_visits", "INTEGER", "visits at which nobody let the operative in"),
    Column("status", "VARCHAR", "open, completed or cancelled", True),
    order=("system", "reported_on"),
)

CASE = _table(
    "case",
    "One case: complaint, anti-social behaviour, arrears action, support referral, adaptation and the like.",
    _ref("case_ref", "the system's key of the case", required=True),
    _ref("tenancy_ref", "the tenancy"),
    _ref("person_ref", "the person, in the same system"),
    _ref("property_ref", "the home"),
    Column(
        "kind",
        "VARCHAR",
        "complaint, asb, arrears_action, payment_arrangement, support_referral, adaptation, safeguarding, "
        "hazard, benefit_claim or other",
        True,
    ),
    Column(
        "subtype",
        "VARCHAR",
        "finer kind: letter_1, notice, stage_1, universal_credit, housing_benefit, ...",
    ),
    Column("opened_on", "DATE", "when it was opened", True),
    Column("closed_on", "DATE", "when it was closed; null: open"),
    Column(
        "outcome",
        "VARCHAR",
        "kept, broken, upheld, not_upheld, completed, refused, withdrawn, evicted or other",
    ),
    order=("system", "opened_on"),
)

SERVICE_USE = _table(
    "service_use",
    "One use of a service that is not a repair, a case or a contact.",
    _ref("person_ref", "the person, in the same system"),
    _ref("tenancy_ref", "the tenancy"),
    Column(
        "service",
        "VARCHAR",
        "code of the list service: portal, money_advice, employment, garden, event, ...",
        True,
    ),
    Column("used_on", "DATE", "when", True),
    order=("system", "used_on"),
)

SCORE = _table(
    "score",
    "One score or class bought in or computed elsewhere; opaque, dated, never recomputed.",
    _ref("person_ref", "the person, in the same system"),
    _ref("tenancy_ref", "the tenancy"),
    Column(
        "scheme", "VARCHAR", "what it is, with version: mosaic-7, acorn-2024, delphi-tenant", True
    ),
    Column("code", "VARCHAR", "class or band as supplied"),
    Column("number", "DOUBLE", "the score as supplied"),
    Column("scored_on", "DATE", "the day it was made", True),
    order=("system", "scored_on"),
)

SURVEY_RESPONSE = _table(
    "survey_response",
    "One answer in a survey. Anonymous unless person_ref is given; an anonymous one is never linked.",
    _ref("response_ref", "the response, one per questionnaire", required=True),
    _ref("person_ref", "the person, in the same system, where the survey is not anonymous"),
    Column("survey", "VARCHAR", "which survey: tsm-2025", True),
    Column("question", "VARCHAR", "code of the question: TP01", True),
    Column("code", "VARCHAR", "code of the answer"),
    Column("responded_on", "DATE", "when"),
    Column("method", "VARCHAR", "vocabulary.states.Method"),
    order=("survey", "response_ref", "question"),
)

ANSWER = _table(
    "answer",
    "One statement about one attribute: what was asked and told, or observed, derived or bought.",
    Column("attribute", "VARCHAR", "key of the catalogue's attribute", True),
    Column(
        "grain", "VARCHAR", "person, household, tenancy or home (vocabulary.states.Grain)", True
    ),
    _ref(
        "subject_ref",
        "person_ref, tenancy_ref (for tenancy and household) or property_ref",
        required=True,
    ),
    Column("state", "VARCHAR", "vocabulary.states.State", True),
    Column(
        "value",
        "VARCHAR",
        "when answered: code, ISO date, number (money in pence), true/false, or text; several codes sorted and "
        "joined by ';'",
        sensitivity=_S.SPECIAL_CATEGORY,
    ),
    Column(
        "raw_value",
        "VARCHAR",
        "what the source said, before the code map",
        sensitivity=_S.SPECIAL_CATEGORY,
    ),
    Column("frame", "VARCHAR", "the code frame the source used: core_2026, census_2021, 16+1, ..."),
    Column("origin", "VARCHAR", "vocabulary.states.Origin", True),
    Column("method", "VARCHAR", "vocabulary.states.Method", True),
    Column("recorded_by", "VARCHAR", "the member of staff's id in the source, never a name"),
    Column("recorded_on", "DATE", "when it was said; null where the source does not know"),
    Column("confidence", "DOUBLE", "0 to 1; null: as good as the source"),
    order=("attribute", "system", "subject_ref"),
    coded=(
        "system",
        "source_kind",
        "source_file",
        "attribute",
        "grain",
        "state",
        "frame",
        "origin",
        "method",
    ),
)

PREFERENCE = _table(
    "preference",
    "How a person wants, or does not want, to be reached, and for what.",
    _ref("person_ref", "the person, in the same system", required=True),
    Column(
        "topic",
        "VARCHAR",
        "all, repairs, rent, safety, surveys, marketing, events, sharing (with support services)",
        True,
    ),
    Column("channel", "VARCHAR", "code of the list channel", True),
    Column(
        "choice",
        "VARCHAR",
        "prefer, allow, avoid, object (a right: stops at once) or consent",
        True,
    ),
    Column("from_on", "DATE", "since when"),
    Column("to_on", "DATE", "until when; null: still"),
    order=("system", "person_ref"),
)

ALERT = _table(
    "alert",
    "A dated fact that staff must know: person alert, vulnerability, reasonable adjustment, evacuation need.",
    _ref("alert_ref", "the system's key"),
    _ref("person_ref", "the person, in the same system", required=True),
    Column("kind", "VARCHAR", "alert, vulnerability, adjustment or evacuation", True),
    Column("code", "VARCHAR", "code of the list of that kind", True, _S.SAFEGUARDING),
    Column("started_on", "DATE", "since when"),
    Column("ended_on", "DATE", "until when; null: still"),
    Column("review_on", "DATE", "to be reviewed by"),
    order=("system", "person_ref"),
)

#: Every canonical table, in the order in which they are read.
CANONICAL = (
    PERSON, HOUSEHOLD_MEMBER, TENANCY, PROPERTY, ACCOUNT_TRANSACTION, CONTACT, REPAIR, CASE,
    SERVICE_USE, SCORE, SURVEY_RESPONSE, ANSWER, PREFERENCE, ALERT,
)  # fmt: skip

BY_NAME = {table.name: table for table in CANONICAL}

FILE = Table(
    "staging",
    "file",
    "One extract file that was read, and the account of its rows.",
    (
        Column(
            "source_file",
            "VARCHAR",
            "id: first 16 hexadecimal digits of the SHA-256 of its bytes",
            True,
        ),
        Column("system", "VARCHAR", "the system", True),
        Column(
            "extract", "VARCHAR", "which extract of the system (key in the source definition)", True
        ),
        Column("name", "VARCHAR", "the file's name, or the query's key", True),
        Column("sha256", "VARCHAR", "of the bytes as read", True),
        Column("bytes", "BIGINT", "size", True),
        Column("encoding", "VARCHAR", "text encoding, where it has one"),
        Column("rows_read", "BIGINT", "data rows, without header, blank and trailer rows", True),
        Column(
            "rows_accepted",
            "BIGINT",
            "rows from which every table it feeds took what it should",
            True,
        ),
        Column("rows_rejected", "BIGINT", "rows that at least one table refused", True),
        Column(
            "rows_blank", "BIGINT", "blank rows, repeated headers and trailers passed over", True
        ),
    ),
    key=("source_file", "system", "extract"),
)

REJECT = Table(
    "staging",
    "reject",
    "One row that one canonical table refused, kept whole, with the reason and the remedy.",
    (
        Column("system", "VARCHAR", "the system", True),
        Column("extract", "VARCHAR", "which extract", True),
        Column("source_file", "VARCHAR", "id of the file", True),
        Column("file_name", "VARCHAR", "its name", True),
        Column("source_row", "BIGINT", "row in the file, the first data row being 1", True),
        Column(
            "table_name",
            "VARCHAR",
            "the canonical table that refused it; '*' for an unreadable row",
            True,
        ),
        Column("rules", "VARCHAR[]", "keys of the rules it broke", True),
        Column("fields", "VARCHAR[]", "the fields concerned, one per rule", True),
        Column("remedies", "VARCHAR[]", "what to do, one per rule", True),
        Column("raw", "VARCHAR", "the row as read, as JSON: header to text", True, _S.SAFEGUARDING),
    ),
    order=("system", "extract", "source_file", "source_row", "table_name"),
)

ISSUE = Table(
    "staging",
    "issue",
    "One thing found in the data that does not stop a row but that somebody should know, with its count.",
    (
        Column("rule", "VARCHAR", "key of the rule", True),
        Column(
            "dimension",
            "VARCHAR",
            "completeness, validity, uniqueness, timeliness, consistency, reconciliation or drift",
            True,
        ),
        Column("system", "VARCHAR", "the system", True),
        Column("table_name", "VARCHAR", "the canonical table", True),
        Column("field", "VARCHAR", "the column, where one is concerned"),
        Column("rows", "BIGINT", "how many rows", True),
        Column("of_rows", "BIGINT", "out of how many", True),
        Column("severity", "VARCHAR", "error, warning or note", True),
        Column("message", "VARCHAR", "in plain words, no personal value", True),
        Column("remedy", "VARCHAR", "what to do", True),
        Column("example_rows", "VARCHAR[]", "up to five places, 'file:row'", True),
    ),
    key=("rule", "system", "table_name", "field"),
)  # fmt: skip
