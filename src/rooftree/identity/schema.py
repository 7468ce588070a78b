"""Tables of the identity stage.

Reads staging.person, household_member, tenancy, property, the previous run's assignments and the
decisions that people made. Ids are opaque and persistent: the id of a person survives re-runs, and
when it cannot (a merge, a split) an event says so and why.
"""

from __future__ import annotations

from rooftree.storage.tables import Column, Table
from rooftree.vocabulary.states import Sensitivity

_S = Sensitivity


def _table(name: str, meaning: str, *columns: Column, key: tuple[str, ...]) -> Table:
    return Table("identity", name, meaning, columns, key=key)


RECORD = _table(
    "record",
    "Which person each source record of a person is.",
    Column("system", "VARCHAR", "the system", True),
    Column("person_ref", "VARCHAR", "the system's key of the person", True),
    Column("person_id", "VARCHAR", "the person", True),
    Column("reason", "VARCHAR", "exact, probabilistic, decision, alone or organisation", True),
    Column(
        "probability",
        "DOUBLE",
        "of the weakest link that holds the record in its cluster; 1 for exact",
    ),
    key=("system", "person_ref"),
)

PERSON = _table(
    "person",
    "One person, with the name and date of birth that the records agree on best.",
    Column("person_id", "VARCHAR", "persistent id", True),
    Column("title", "VARCHAR", "title", sensitivity=_S.IDENTIFYING),
    Column("given_name", "VARCHAR", "first given name", sensitivity=_S.IDENTIFYING),
    Column("middle_name", "VARCHAR", "further given names", sensitivity=_S.IDENTIFYING),
    Column("family_name", "VARCHAR", "surname", sensitivity=_S.IDENTIFYING),
    Column(
        "preferred_name",
        "VARCHAR",
        "what the person wants to be called",
        sensitivity=_S.IDENTIFYING,
    ),
    Column("date_of_birth", "DATE", "date of birth", sensitivity=_S.IDENTIFYING),
    Column("date_of_death", "DATE", "date of death, where recorded", sensitivity=_S.IDENTIFYING),
    Column("is_organisation", "BOOLEAN", "a company or charity", True),
    Column("n_records", "INTEGER", "source records that are this person", True),
    Column("n_systems", "INTEGER", "systems that know this person", True),
    key=("person_id",),
)

TENANCY = _table(
    "tenancy",
    "One agreement across systems.",
    Column("tenancy_id", "VARCHAR", "persistent id", True),
    Column("tenancy_ref", "VARCHAR", "reference staff use"),
    Column("payment_ref", "VARCHAR", "rent account reference"),
    Column("home_id", "VARCHAR", "the home; null where no system says which"),
    Column("household_id", "VARCHAR", "the household living under this agreement"),
    Column("tenure", "VARCHAR", "code of the list tenure"),
    Column("started_on", "DATE", "first day"),
    Column("ended_on", "DATE", "last day; null: still running"),
    Column("end_reason", "VARCHAR", "code of the list tenancy_end_reason"),
    Column("is_current", "BOOLEAN", "running at as_of, and not an application", True),
    Column("rent_pence", "BIGINT", "rent per charging period, in pence"),
    Column("service_charge_pence", "BIGINT", "service charge per charging period, in pence"),
    Column("charge_frequency", "VARCHAR", "weekly, fortnightly, four_weekly or monthly"),
    Column("charge_weeks", "INTEGER", "weeks charged in a year"),
    Column("balance_pence", "BIGINT", "latest balance that a source shows, arrears positive"),
    Column("balance_on", "DATE", "the day of that balance"),
    key=("tenancy_id",),
)

TENANCY_REF = _table(
    "tenancy_ref",
    "Which tenancy each reference is: the bridge for accounts, contacts, repairs and cases.",
    Column("ref_kind", "VARCHAR", "tenancy_ref or payment_ref", True),
    Column(
        "system",
        "VARCHAR",
        "the system whose private reference it is, or '*' for a shared one",
        True,
    ),
    Column("ref", "VARCHAR", "the reference", True),
    Column("tenancy_id", "VARCHAR", "the tenancy", True),
    key=("ref_kind", "system", "ref"),
)

HOME = _table(
    "home",
    "One asset across systems; homes are those that people live in.",
    Column("home_id", "VARCHAR", "persistent id", True),
    Column("property_ref", "VARCHAR", "reference staff use"),
    Column("uprn", "VARCHAR", "unique property reference number"),
    Column("parent_home_id", "VARCHAR", "the block or estate it stands in"),
    Column("address_line_1", "VARCHAR", "first line", sensitivity=_S.CONTACT),
    Column("address_line_2", "VARCHAR", "second line", sensitivity=_S.CONTACT),
    Column("address_line_3", "VARCHAR", "town", sensitivity=_S.CONTACT),
    Column("postcode", "VARCHAR", "postcode, upper case, one space", sensitivity=_S.CONTACT),
    Column("asset_type", "VARCHAR", "code of the list asset_type"),
    Column("bedrooms", "INTEGER", "bedrooms"),
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
    key=("home_id",),
)

HOME_REF = _table(
    "home_ref",
    "Which home each reference is.",
    Column("ref_kind", "VARCHAR", "property_ref, uprn or payment_ref", True),
    Column(
        "system",
        "VARCHAR",
        "the system whose private reference it is, or '*' for a shared one",
        True,
    ),
    Column("ref", "VARCHAR", "the reference", True),
    Column("home_id", "VARCHAR", "the home", True),
    key=("ref_kind", "system", "ref"),
)

MEMBER = _table(
    "member",
    "A person's part in a tenancy, over time: the graph of people, households, tenancies and homes.",
    Column("tenancy_id", "VARCHAR", "the tenancy", True),
    Column(
        "household_id", "VARCHAR", "the household; null for next of kin, advocates and applicants"
    ),
    Column("person_id", "VARCHAR", "the person", True),
    Column(
        "role",
        "VARCHAR",
        "as in staging.household_member, the strongest that a system says of now (or the end)",
        True,
    ),
    Column("relationship", "VARCHAR", "to the lead tenant; unknown where no system says", True),
    Column("is_responsible", "BOOLEAN", "named on the agreement", True),
    Column(
        "lives_there",
        "BOOLEAN",
        "part of the household, not next of kin, advocate or applicant",
        True,
    ),
    Column("from_on", "DATE", "since when, without a gap"),
    Column("to_on", "DATE", "until when; null: still"),
    Column("is_current", "BOOLEAN", "at as_of", True),
    key=("tenancy_id", "person_id"),
)

HOUSEHOLD = _table(
    "household",
    "The people who live under one current or past agreement.",
    Column("household_id", "VARCHAR", "persistent id", True),
    Column("tenancy_id", "VARCHAR", "its agreement", True),
    Column("home_id", "VARCHAR", "its home"),
    Column("lead_person_id", "VARCHAR", "the lead tenant (first named; oldest if several)"),
    Column(
        "n_members", "INTEGER", "people who live there at as_of (at the end, for a past one)", True
    ),
    Column("is_current", "BOOLEAN", "at as_of", True),
    key=("household_id",),
)

LINK = _table(
    "link",
    "Every pair of records that was compared and kept, doubted or decided, with the evidence.",
    Column("system_l", "VARCHAR", "system of the first record", True),
    Column("person_ref_l", "VARCHAR", "its key", True),
    Column("system_r", "VARCHAR", "system of the second record", True),
    Column("person_ref_r", "VARCHAR", "its key", True),
    Column("probability", "DOUBLE", "that the two are one person, by the model; null for exact keys"),
    Column("weight", "DOUBLE", "match weight: log2 of the odds"),
    Column("outcome", "VARCHAR", "linked, review, guarded (held apart), decided_same, decided_different or set_aside "
        "(doubtful; somebody looked and could not tell, and nothing has changed much since)", True),
    Column("reason", "VARCHAR", "exact key, model, which guard, or who decided", True),
    Column("evidence", "VARCHAR", "JSON: comparison to level and weight; no personal value"),
    key=("system_l", "person_ref_l", "system_r", "person_ref_r"),
)  # fmt: skip

EVENT = _table(
    "event",
    "What happened to a person's id in this run, and why.",
    Column("event", "VARCHAR", "created, merged, split or ended", True),
    Column("person_id", "VARCHAR", "the id that goes on (or ended)", True),
    Column("other_person_id", "VARCHAR", "the id merged into it, or split from it"),
    Column("reason", "VARCHAR", "in plain words, no personal value", True),
    Column("n_records", "INTEGER", "records that moved", True),
    key=("event", "person_id", "other_person_id"),
)

ALL = (
    RECORD, PERSON, TENANCY, TENANCY_REF, HOME, HOME_REF, MEMBER, HOUSEHOLD, LINK, EVENT,
)  # fmt: skip
