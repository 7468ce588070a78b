"""One document per person for the pages about one person, and the keys under which they are found.

A document is what the snapshot knows of a person, as JSON: who, records, tenancies with home and
household, values with their why, features. It holds attributes of every purpose; a reader must
pass it through `pipeline.record.visible`, which keeps what the stated purpose may see.

What all members of a tenancy share is kept once, as a part of its own; `whole` puts it in.
JSON text is joined as text: to take apart and write again what is JSON already costs more than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from rooftree.storage.engine import Engine, quote
from rooftree.storage.lookup import Lookup
from rooftree.storage.lookup_build import build_lookup
from rooftree.storage.tables import Table
from rooftree.vocabulary.states import Grain

#: Column that names the subject, by grain.
SUBJECT = {
    Grain.PERSON: "person_id",
    Grain.HOUSEHOLD: "household_id",
    Grain.TENANCY: "tenancy_id",
    Grain.HOME: "home_id",
}
#: So many documents are made at a time: all at once they would not fit in the memory of a run.
_AT_A_TIME = 25_000
_FEW = "_tmp_pipeline_few"

# Sorted as text these are sorted by attribute: it comes first, and once for each subject.
_VALUES = """
    SELECT subject_id AS {subject}, {listed} AS held FROM (
        SELECT subject_id, CAST(to_json(struct_pack(
            attribute := attribute, state := state, value := value, origin := origin, method := method,
            system := system, recorded_on := recorded_on, is_stale := is_stale, stale_on := stale_on,
            in_conflict := in_conflict, n_statements := n_statements, why := why,
            source_file := source_file, source_row := source_row)) AS VARCHAR) AS item
        FROM profile.value WHERE grain = '{grain}' AND subject_id IN (SELECT {subject} FROM _tmp_pipeline_few)
    ) GROUP BY subject_id
"""


def _in_order(order: str, item: str) -> str:
    """SQL aggregate: items as a JSON list, in the order of the fields of `order`, nulls not among them.

    The list is sorted when it is whole: an ordered aggregate costs several times as much.
    """
    pairs = f"list_sort(list(struct_pack({order}, item := struct_pack({item}))))"
    return f"to_json(list_transform({pairs}, lambda pair: pair.item))"


_MEMBER = _in_order(
    "own := NOT m.is_responsible, born := coalesce(p.date_of_birth, DATE '9999-12-31'), id := m.person_id",
    """person_id := m.person_id, name := concat_ws(' ', p.title, p.given_name, p.family_name),
        role := m.role, relationship := m.relationship, is_current := m.is_current,
        lives_there := m.lives_there, date_of_birth := p.date_of_birth""",
)
_MEMBERS = f"""
    SELECT m.tenancy_id, {_MEMBER} AS members
    FROM identity.member m JOIN identity.person p USING (person_id)
    WHERE m.tenancy_id IN (SELECT tenancy_id FROM _tmp_pipeline_few) GROUP BY m.tenancy_id
"""

# What a person has of their own in a tenancy: current ones first, then the newest.
_OWN_TENANCY = _in_order(
    "past := NOT m.is_current, age := coalesce(DATE '9999-12-31' - t.started_on, 9999999), id := m.tenancy_id",
    """tenancy_id := m.tenancy_id, role := m.role, relationship := m.relationship, is_current := m.is_current,
        from_on := m.from_on, to_on := m.to_on, lives_there := m.lives_there, household_id := m.household_id""",
)
_OWN = f"""
    SELECT m.person_id, {_OWN_TENANCY} AS tenancies
    FROM identity.member m JOIN identity.tenancy t USING (tenancy_id)
    WHERE m.person_id IN (SELECT person_id FROM _tmp_pipeline_few) GROUP BY m.person_id
"""

_RECORD = _in_order(
    "system := system, ref := person_ref",
    "system := system, person_ref := person_ref, reason := reason, probability := probability",
)
_RECORDS = f"""
    SELECT person_id, {_RECORD} AS records
    FROM identity.record WHERE person_id IN (SELECT person_id FROM _tmp_pipeline_few) GROUP BY person_id
"""

# Ended ones too: whether an alert counts on a day is for the reader to say.
_ALERTS = """
    SELECT r.person_id, to_json(list(struct_pack(
        kind := a.kind, code := a.code, started_on := a.started_on, ended_on := a.ended_on, review_on := a.review_on
    ) ORDER BY a.kind, a.code, a.started_on, a.review_on, a.ended_on)) AS alerts
    FROM staging.alert a JOIN identity.record r USING (system, person_ref)
    WHERE r.person_id IN (SELECT person_id FROM _tmp_pipeline_few) GROUP BY r.person_id
"""

_TENANCY = """to_json(struct_pack(
    tenancy_ref := t.tenancy_ref, payment_ref := t.payment_ref, tenure := t.tenure,
    started_on := t.started_on, ended_on := t.ended_on, end_reason := t.end_reason,
    rent_pence := t.rent_pence, charge_frequency := t.charge_frequency, home_id := t.home_id,
    home := struct_pack(
        address := concat_ws(', ', nullif(h.address_line_1, ''), nullif(h.address_line_2, ''),
                             nullif(h.address_line_3, ''), nullif(h.postcode, '')),
        asset_type := h.asset_type, bedrooms := h.bedrooms, floor_level := h.floor_level,
        has_lift := h.has_lift, has_stairs := h.has_stairs, is_step_free := h.is_step_free, patch := h.patch)))"""

_PERSON = """to_json(struct_pack(
    person_id := p.person_id, title := p.title, given_name := p.given_name, middle_name := p.middle_name,
    family_name := p.family_name, preferred_name := p.preferred_name, date_of_birth := p.date_of_birth,
    date_of_death := p.date_of_death, is_organisation := p.is_organisation))"""

Fields = list[tuple[str, str]]


def _object(fields: Fields, *, after: str = "'{'") -> str:
    """SQL that joins JSON texts to the text of one object, in one step: the texts are long.

    `after` is the text that the fields follow: of an object that has some, without its last brace.
    """
    if not fields:
        return "'{}'"
    comma = "" if after == "'{'" else ","
    named = [
        f"'{',' if number else comma}\"{name}\":', coalesce(CAST({sql} AS VARCHAR), 'null')"
        for number, (name, sql) in enumerate(fields)
    ]
    return f"concat({after}, {', '.join(named)}, '}}')"


def _with(json: str, fields: Fields) -> str:
    """SQL that adds fields to the text of an object that has some."""
    return _object(fields, after=f"left(CAST({json} AS VARCHAR), -1)")


def _values(grain: Grain) -> str:
    listed = "concat('[', array_to_string(list_sort(list(item)), ','), ']')"
    return _VALUES.format(subject=SUBJECT[grain], grain=grain.value, listed=listed)


def _features(tables: tuple[Table, ...], subject: str, alias: str) -> tuple[Fields, str]:
    """The one-row-each feature tables of a subject as JSON fields, and the joins that bring them."""
    fields, joins = [], ""
    for table in (t for t in tables if t.key == (subject,)):
        columns = ", ".join(f'{c.name} := "{c.name}"' for c in table if c.name != subject)
        joins += (
            f" LEFT JOIN (SELECT {subject}, to_json(struct_pack({columns})) AS held FROM {table.full_name} "
            f"WHERE {subject} IN (SELECT {subject} FROM {_FEW})) AS {table.name} "
            f"ON {table.name}.{subject} = {alias}.{subject}"
        )
        fields.append((table.name, f"{table.name}.held"))
    return fields, joins


def people_sql(feature_tables: tuple[Table, ...]) -> str:
    """One row per person of `_tmp_pipeline_few`: id and document, in order of id."""
    features, joins = _features(feature_tables, "person_id", "p")
    document = _with(
        _PERSON,
        [("records", "r.records"), ("tenancies", "t.tenancies"), ("held", "v.held"),
         ("alerts", "a.alerts"), ("features", _object(features))],
    )  # fmt: skip
    return f"""SELECT p.person_id AS id, {document} AS document FROM {_FEW} p
        LEFT JOIN ({_RECORDS}) r USING (person_id) LEFT JOIN ({_OWN}) t USING (person_id)
        LEFT JOIN ({_values(Grain.PERSON)}) v USING (person_id)
        LEFT JOIN ({_ALERTS}) a USING (person_id) {joins} ORDER BY id"""


def tenancies_sql(feature_tables: tuple[Table, ...]) -> str:
    """One row per tenancy of `_tmp_pipeline_few`: id and what its members share, in order of id."""
    own, own_joins = _features(feature_tables, "tenancy_id", "t")
    home, home_joins = _features(feature_tables, "home_id", "t")
    household, household_joins = _features(feature_tables, "household_id", "t")
    shared = _with(
        _TENANCY,
        [("members", "g.members"), ("tenancy_values", "tv.held"), ("home_values", "mv.held"), *own, *home],
    )  # fmt: skip
    of_household = _object([("household_values", "hv.held"), *household])
    document = _object([("tenancy", shared), ("household", of_household)])
    return f"""SELECT t.tenancy_id AS id, {document} AS document FROM {_FEW} t
        LEFT JOIN identity.home h ON h.home_id = t.home_id
        LEFT JOIN ({_MEMBERS}) g ON g.tenancy_id = t.tenancy_id
        LEFT JOIN ({_values(Grain.TENANCY)}) tv ON tv.tenancy_id = t.tenancy_id
        LEFT JOIN ({_values(Grain.HOUSEHOLD)}) hv ON hv.household_id = t.household_id
        LEFT JOIN ({_values(Grain.HOME)}) mv ON mv.home_id = t.home_id
        {own_joins} {home_joins} {household_joins} ORDER BY id"""


def whole(lookup: Lookup, person_id: str) -> dict[str, Any]:
    """A person's document with what their tenancies share put in. NotFound when there is no such person.

    Who does not live there (next of kin, an advocate, an applicant) gets nothing of the household.
    """
    document = lookup.document(person_id)
    for tenancy in document.get("tenancies") or ():
        shared = lookup.part(tenancy["tenancy_id"])
        tenancy |= shared["tenancy"]
        if tenancy["household_id"] is not None:
            tenancy |= shared["household"]
    return document


def write_lookup(engine: Engine, path: Path, *, feature_tables: tuple[Table, ...]) -> None:
    """Write the snapshot's look-up file: every person's document, and how to find it."""

    def documents(subject: str, sql: str) -> Iterator[pa.RecordBatch]:
        for condition in _portions(engine, subject):
            engine.execute(
                f"CREATE OR REPLACE TEMP TABLE {_FEW} AS SELECT * FROM identity.{subject} WHERE {condition}"
            )
            yield from engine.execute(sql).to_arrow_reader(_AT_A_TIME)

    def listed(sql: str) -> Iterator[pa.RecordBatch]:
        yield from engine.execute(sql).to_arrow_reader(_AT_A_TIME)

    with engine.scratch(_FEW):
        build_lookup(
            path,
            documents("person", people_sql(feature_tables)),
            listed(_KEYS),
            parts=documents("tenancy", tenancies_sql(feature_tables)),
            groups=listed(_PATCHES),
        )


def _portions(engine: Engine, subject: str) -> list[str]:
    """Conditions that take the people (or tenancies) a portion at a time, in order of id."""
    starts = engine.rows(
        f"SELECT id FROM (SELECT {subject}_id AS id, row_number() OVER (ORDER BY {subject}_id) AS n "
        f"FROM identity.{subject}) WHERE (n - 1) % {_AT_A_TIME} = 0 ORDER BY id"
    )
    conditions = [f"{subject}_id >= {quote(start)}" for (start,) in starts]
    ends = [f" AND {subject}_id < {quote(start)}" for (start,) in starts[1:]]
    return [one + end for one, end in zip(conditions, [*ends, ""], strict=False)]


# Every name, reference, postcode, telephone and e-mail by which somebody may ask for a person.
_KEYS = """
    SELECT DISTINCT id, kind, text FROM (
        SELECT r.person_id AS id, 'name' AS kind,
               coalesce(nullif(concat_ws(' ', s.given_name, s.middle_name, s.family_name), ''), s.full_name) AS text
        FROM staging.person s JOIN identity.record r USING (system, person_ref)
        UNION ALL
        SELECT person_id, 'name', concat_ws(' ', preferred_name, family_name) FROM identity.person
        UNION ALL
        SELECT person_id, 'person_ref', person_ref FROM identity.record
        UNION ALL
        SELECT r.person_id, unnest(['postcode', 'phone', 'phone', 'email', 'address']),
               unnest([s.postcode, s.phone, s.phone_2, s.email, s.address_line_1])
        FROM staging.person s JOIN identity.record r USING (system, person_ref)
        UNION ALL
        SELECT m.person_id, unnest(['tenancy_ref', 'payment_ref', 'postcode', 'address', 'address']),
               unnest([t.tenancy_ref, t.payment_ref, h.postcode, h.address_line_1,
                       -- The street without the number, as people say it.
                       regexp_replace(h.address_line_1, '^[^ ]*[0-9][^ ]* +', '')])
        FROM identity.member m JOIN identity.tenancy t USING (tenancy_id)
        LEFT JOIN identity.home h ON h.home_id = t.home_id
    ) WHERE trim(coalesce(text, '')) <> ''
"""

# The patches whose officers may see a person: those of the homes of their tenancies now; for one who
# has none now, of all they had. Who never had a home in a patch belongs to no officer.
_PATCHES = """
    SELECT DISTINCT id, text FROM (
        SELECT m.person_id AS id, h.patch AS text, m.is_current,
               bool_or(m.is_current) OVER (PARTITION BY m.person_id) AS has_one_now
        FROM identity.member m JOIN identity.tenancy t USING (tenancy_id)
        JOIN identity.home h ON h.home_id = t.home_id
        WHERE trim(coalesce(h.patch, '')) <> ''
    ) WHERE is_current OR NOT has_one_now
"""
