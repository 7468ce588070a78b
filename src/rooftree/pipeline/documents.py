"""One document per person for the pages about one person, and the keys under which they are found.

A document is what the snapshot knows of a person, as JSON: who, records, tenancies with home and
household, values with their why, features. It holds attributes of every purpose; a reader must
pass it through `pipeline.record.visible`, which keeps what the stated purpose may see.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from rooftree.storage.engine import Engine
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

_VALUES = """
    SELECT subject_id AS {subject}, to_json(list(struct_pack(
        attribute := attribute, state := state, value := value, origin := origin, method := method,
        system := system, recorded_on := recorded_on, is_stale := is_stale, stale_on := stale_on,
        in_conflict := in_conflict, n_statements := n_statements, why := why,
        source_file := source_file, source_row := source_row
    ) ORDER BY attribute)) AS held
    FROM profile.value WHERE grain = '{grain}' GROUP BY subject_id
"""

_TENANCIES = """
    SELECT m.person_id, to_json(list(struct_pack(
        tenancy_id := m.tenancy_id, role := m.role, relationship := m.relationship, is_current := m.is_current,
        from_on := m.from_on, to_on := m.to_on, lives_there := m.lives_there,
        tenancy_ref := t.tenancy_ref, payment_ref := t.payment_ref, tenure := t.tenure,
        started_on := t.started_on, ended_on := t.ended_on, end_reason := t.end_reason,
        rent_pence := t.rent_pence, charge_frequency := t.charge_frequency,
        household_id := m.household_id, home_id := t.home_id,
        home := struct_pack(
            address := concat_ws(', ', nullif(h.address_line_1, ''), nullif(h.address_line_2, ''),
                                 nullif(h.address_line_3, ''), nullif(h.postcode, '')),
            asset_type := h.asset_type, bedrooms := h.bedrooms, floor_level := h.floor_level,
            has_lift := h.has_lift, has_stairs := h.has_stairs, is_step_free := h.is_step_free, patch := h.patch),
        members := g.members, tenancy_values := tv.held, household_values := hv.held, home_values := mv.held
        {feature_fields}
    ) ORDER BY m.is_current DESC, t.started_on DESC NULLS LAST, m.tenancy_id)) AS tenancies
    FROM identity.member m
    JOIN identity.tenancy t USING (tenancy_id)
    LEFT JOIN identity.home h ON h.home_id = t.home_id
    LEFT JOIN _tmp_pipeline_members g ON g.tenancy_id = m.tenancy_id
    LEFT JOIN _tmp_pipeline_values_tenancy tv ON tv.tenancy_id = m.tenancy_id
    LEFT JOIN _tmp_pipeline_values_household hv ON hv.household_id = m.household_id
    LEFT JOIN _tmp_pipeline_values_home mv ON mv.home_id = t.home_id
    {feature_joins}
    GROUP BY m.person_id
"""


def build(engine: Engine, *, feature_tables: tuple[Table, ...]) -> None:
    """Make `_tmp_pipeline_document(id, document)` from the tables of identity, profile and features."""
    for grain, subject in SUBJECT.items():
        sql = _VALUES.format(subject=subject, grain=grain.value)
        engine.execute(f"CREATE OR REPLACE TEMP TABLE _tmp_pipeline_values_{grain.value} AS {sql}")
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE _tmp_pipeline_members AS
        SELECT m.tenancy_id, list(struct_pack(
            person_id := m.person_id, name := concat_ws(' ', p.title, p.given_name, p.family_name),
            role := m.role, relationship := m.relationship, is_current := m.is_current,
            date_of_birth := p.date_of_birth
        ) ORDER BY m.is_responsible DESC, p.date_of_birth NULLS LAST, m.person_id) AS members
        FROM identity.member m JOIN identity.person p USING (person_id) GROUP BY m.tenancy_id"""
    )
    person_features, fields, joins = [], "", ""
    one_row_each = (
        table for table in feature_tables if table.key in {(s,) for s in SUBJECT.values()}
    )
    for table in one_row_each:
        subject = table.key[0]
        name = f"_tmp_pipeline_{table.name}"
        columns = ", ".join(f'{c.name} := "{c.name}"' for c in table if c.name != subject)
        engine.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS "
            f"SELECT {subject}, to_json(struct_pack({columns})) AS features FROM {table.full_name}"
        )
        if subject == "person_id":
            person_features.append((table.name, name))
            continue
        alias = "m" if subject in ("tenancy_id", "household_id") else "t"
        fields += f", {table.name} := {name}.features"
        joins += f" LEFT JOIN {name} ON {name}.{subject} = {alias}.{subject}"
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE _tmp_pipeline_tenancies AS "
        + _TENANCIES.format(feature_fields=fields, feature_joins=joins)
    )
    _join_documents(engine, person_features)


def _join_documents(engine: Engine, person_features: list[tuple[str, str]]) -> None:
    features = ", ".join(f"{table} := {name}.features" for table, name in person_features)
    joins = " ".join(f"LEFT JOIN {name} USING (person_id)" for _, name in person_features)
    packed = f"struct_pack({features})" if features else "NULL"
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_pipeline_document AS
        SELECT p.person_id AS id, CAST(to_json(struct_pack(
            person_id := p.person_id, title := p.title, given_name := p.given_name, middle_name := p.middle_name,
            family_name := p.family_name, preferred_name := p.preferred_name, date_of_birth := p.date_of_birth,
            date_of_death := p.date_of_death, is_organisation := p.is_organisation,
            records := r.records, tenancies := t.tenancies, held := v.held, features := {packed}
        )) AS VARCHAR) AS document
        FROM identity.person p
        LEFT JOIN (
            SELECT person_id, list(struct_pack(
                system := system, person_ref := person_ref, reason := reason, probability := probability
            ) ORDER BY system, person_ref) AS records
            FROM identity.record GROUP BY person_id
        ) r USING (person_id)
        LEFT JOIN _tmp_pipeline_tenancies t USING (person_id)
        LEFT JOIN _tmp_pipeline_values_person v USING (person_id)
        {joins}
        ORDER BY p.person_id"""
    )


def write_lookup(engine: Engine, path: Path, *, feature_tables: tuple[Table, ...]) -> None:
    """Write the snapshot's look-up file: every person's document, and how to find it."""
    build(engine, feature_tables=feature_tables)
    batches = (
        engine.execute(sql).to_arrow_reader(50_000)
        for sql in ("SELECT id, document FROM _tmp_pipeline_document ORDER BY id", _KEYS)
    )
    documents, keys = (pa.Table.from_batches(reader, schema=reader.schema) for reader in batches)
    build_lookup(path, documents.to_batches(), keys.to_batches())
    for (name,) in engine.rows(
        "SELECT table_name FROM duckdb_tables() WHERE temporary AND table_name LIKE '\\_tmp\\_pipeline%' ESCAPE '\\'"
    ):
        engine.execute(f'DROP TABLE "{name}"')


# Every name, reference, postcode, telephone and e-mail by which somebody may ask for a person.
_KEYS = """
    SELECT DISTINCT id, kind, text FROM (
        SELECT r.person_id AS id, 'name' AS kind,
               coalesce(nullif(concat_ws(' ', s.given_name, s.middle_name, s.family_name), ''), s.full_name) AS text
        FROM staging.person s JOIN identity.record r USING (system, person_ref)
        UNION ALL
        SELECT person_id, 'name', concat_ws(' ', preferred_name, family_name) FROM identity.person
        UNION ALL
        SELECT r.person_id, unnest(['postcode', 'phone', 'phone', 'email', 'address']),
               unnest([s.postcode, s.phone, s.phone_2, s.email, s.address_line_1])
        FROM staging.person s JOIN identity.record r USING (system, person_ref)
        UNION ALL
        SELECT m.person_id, unnest(['tenancy_ref', 'payment_ref', 'postcode', 'address']),
               unnest([t.tenancy_ref, t.payment_ref, h.postcode, h.address_line_1])
        FROM identity.member m JOIN identity.tenancy t USING (tenancy_id)
        LEFT JOIN identity.home h ON h.home_id = t.home_id
    ) WHERE trim(coalesce(text, '')) <> ''
    ORDER BY kind, text, id
"""
