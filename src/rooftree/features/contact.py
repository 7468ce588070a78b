"""How people get in touch, and how they are reached: volume, repeats, channels, silence.

A repeat is an inbound contact by the same person for the same reason within `repeat_days` of the one
before; on one day the second is a repeat of the first. Contacts without a reason repeat nothing.
Where a contact names no tenancy it counts for the one current tenancy of the person, if there is
exactly one.
"""

from __future__ import annotations

from rooftree.features.references import TENANCY, person_join, scratch, tenancy_joins
from rooftree.features.schema import PERSON_CONTACT, PERSON_CONTACT_REASON, TENANCY_CONTACT
from rooftree.storage.engine import Model

DIGITAL = "('email', 'sms', 'portal', 'app', 'web', 'web_form', 'web_chat', 'messaging', 'social_media', 'video')"
IN_PERSON = "('visit', 'office')"

ONLY_TENANCY = scratch(
    "only_tenancy", ("person_id", "VARCHAR"), ("tenancy_id", "VARCHAR"), key=("person_id",)
)

_ONLY_TENANCY_SQL = """
    SELECT person_id, max(tenancy_id) AS tenancy_id FROM identity.member
    WHERE is_current AND lives_there GROUP BY person_id HAVING count(*) = 1"""

CONTACT = scratch(
    "contact", ("person_id", "VARCHAR"), ("tenancy_id", "VARCHAR"), ("occurred_on", "DATE"), ("channel", "VARCHAR"),
    ("inbound", "BOOLEAN"), ("reason", "VARCHAR"), ("outcome", "VARCHAR"), ("in_year", "BOOLEAN"),
    ("is_repeat", "BOOLEAN"),
)  # fmt: skip

# The row's lineage settles the order of contacts of one day.
_CONTACT_SQL = f"""
    WITH known AS (
      SELECT who.person_id, coalesce({TENANCY}, only_one.tenancy_id) AS tenancy_id, c.occurred_on, c.channel,
        c.direction = 'inbound' AS inbound, c.reason, c.outcome, months_full(c.occurred_on, :as_of) < 12 AS in_year,
        c.source_file, c.source_row
      FROM staging.contact c
      {tenancy_joins("c")}
      {person_join("c")}
      LEFT JOIN features._tmp_only_tenancy only_one ON only_one.person_id = who.person_id
      WHERE c.occurred_on <= :as_of
    )
    SELECT person_id, tenancy_id, occurred_on, channel, inbound, reason, outcome, in_year,
      coalesce(inbound AND reason IS NOT NULL AND days_between(lag(occurred_on) OVER (
        PARTITION BY coalesce(person_id, tenancy_id), inbound, reason ORDER BY occurred_on, source_file, source_row),
        occurred_on) <= :repeat_days, false) AS is_repeat
    FROM known"""


def _n(condition: str, name: str) -> str:
    return f"count(CASE WHEN {condition} THEN 1 END) AS {name}"


def _most(column: str, name: str) -> str:
    """The most frequent value of a column per person in the year, first by name if equal."""
    return f"""{name} AS (
      SELECT person_id, {column}, row_number() OVER (PARTITION BY person_id ORDER BY n DESC, {column}) AS place
      FROM (SELECT person_id, {column}, count(*) AS n FROM features._tmp_contact
        WHERE inbound AND in_year AND {column} IS NOT NULL GROUP BY person_id, {column}) counted
    )"""


_PERSON_CONTACT_SQL = f"""
    WITH {_most("channel", "used")}, {_most("reason", "asked")},
    wanted AS (
      SELECT who.person_id, p.channel, row_number() OVER (PARTITION BY who.person_id
          ORDER BY CASE WHEN p.topic = 'all' THEN 0 ELSE 1 END, p.from_on DESC, p.topic, p.channel) AS place
      FROM staging.preference p {person_join("p")}
      WHERE p.choice = 'prefer' AND coalesce(p.from_on, :as_of) <= :as_of AND (p.to_on IS NULL OR p.to_on > :as_of)
    ),
    counted AS (
      SELECT person_id,
        {_n("inbound AND days_between(occurred_on, :as_of) < 90", "contacts_in_90d")},
        {_n("inbound AND in_year", "contacts_in_12m")},
        {_n("NOT inbound AND in_year", "contacts_out_12m")},
        {_n("inbound AND in_year AND channel = 'phone'", "contacts_phone_12m")},
        {_n(f"inbound AND in_year AND channel IN {DIGITAL}", "contacts_digital_12m")},
        {_n(f"inbound AND in_year AND channel IN {IN_PERSON}", "contacts_in_person_12m")},
        {_n("inbound AND in_year AND channel = 'letter'", "contacts_letter_12m")},
        {_n("is_repeat AND in_year", "repeat_contacts_12m")},
        {_n("inbound AND in_year AND outcome = 'unresolved'", "unresolved_contacts_12m")},
        {_n("NOT inbound AND in_year AND outcome = 'no_answer'", "no_answer_12m")},
        max(CASE WHEN inbound THEN occurred_on END) AS last_contact_in_on
      FROM features._tmp_contact WHERE person_id IS NOT NULL GROUP BY person_id
    )
    SELECT p.person_id, coalesce(c.contacts_in_90d, 0) AS contacts_in_90d,
      coalesce(c.contacts_in_12m, 0) AS contacts_in_12m, coalesce(c.contacts_out_12m, 0) AS contacts_out_12m,
      coalesce(c.contacts_phone_12m, 0) AS contacts_phone_12m,
      coalesce(c.contacts_digital_12m, 0) AS contacts_digital_12m,
      coalesce(c.contacts_in_person_12m, 0) AS contacts_in_person_12m,
      coalesce(c.contacts_letter_12m, 0) AS contacts_letter_12m, u.channel AS main_channel,
      a.reason AS main_contact_reason, coalesce(c.repeat_contacts_12m, 0) AS repeat_contacts_12m,
      coalesce(c.unresolved_contacts_12m, 0) AS unresolved_contacts_12m,
      coalesce(c.no_answer_12m, 0) AS no_answer_12m, c.last_contact_in_on,
      days_between(c.last_contact_in_on, :as_of) AS days_silent, w.channel AS channel_preferred,
      u.channel = w.channel AS uses_preferred_channel
    FROM identity.person p LEFT JOIN counted c ON c.person_id = p.person_id
    LEFT JOIN used u ON u.person_id = p.person_id AND u.place = 1
    LEFT JOIN asked a ON a.person_id = p.person_id AND a.place = 1
    LEFT JOIN wanted w ON w.person_id = p.person_id AND w.place = 1"""

_TENANCY_CONTACT_SQL = f"""
    SELECT t.tenancy_id, {_n("c.inbound AND c.in_year", "tenancy_contacts_in_12m")},
      {_n("NOT c.inbound AND c.in_year", "tenancy_contacts_out_12m")},
      {_n("c.is_repeat AND c.in_year", "tenancy_repeat_contacts_12m")},
      days_between(max(CASE WHEN c.inbound THEN c.occurred_on END), :as_of) AS tenancy_days_silent
    FROM identity.tenancy t LEFT JOIN features._tmp_contact c ON c.tenancy_id = t.tenancy_id
    GROUP BY t.tenancy_id"""

_REASON_SQL = """
    SELECT person_id, channel, coalesce(reason, 'unknown') AS reason, count(*) AS contacts_12m
    FROM features._tmp_contact WHERE inbound AND in_year AND person_id IS NOT NULL
    GROUP BY person_id, channel, coalesce(reason, 'unknown')"""

MODELS = (
    Model(ONLY_TENANCY, _ONLY_TENANCY_SQL),
    Model(CONTACT, _CONTACT_SQL),
    Model(PERSON_CONTACT, _PERSON_CONTACT_SQL),
    Model(TENANCY_CONTACT, _TENANCY_CONTACT_SQL),
    Model(PERSON_CONTACT_REASON, _REASON_SQL),
)
