"""The peers of `benchmarks.features`: each topic in DuckDB's own SQL, for 31 March 2026."""

from __future__ import annotations

_DAY = "DATE '2026-03-31'"
_YEAR_AGO = "DATE '2025-03-31'"  # what happened after it lies within 12 months


def _years(since: str, until: str = _DAY) -> str:
    """Full years; 29 February to 28 February is a day short of one."""
    return (
        f"(year({until}) - year({since}) - "
        f"CAST(month({until}) * 100 + day({until}) < month({since}) * 100 + day({since}) AS INTEGER))"
    )


def _tenancy_joins(alias: str) -> str:
    return (
        f"LEFT JOIN identity.tenancy_ref tp ON tp.ref_kind = 'tenancy_ref' AND tp.system = {alias}.system "
        f"AND tp.ref = {alias}.tenancy_ref "
        f"LEFT JOIN identity.tenancy_ref ts ON ts.ref_kind = 'tenancy_ref' AND ts.system = '*' "
        f"AND ts.ref = {alias}.tenancy_ref"
    )


def _person_join(alias: str) -> str:
    return f"LEFT JOIN identity.record w ON w.system = {alias}.system AND w.person_ref = {alias}.person_ref"


TENANCY = (
    f"""CREATE OR REPLACE TABLE hand_tenancy AS
    SELECT tenancy_id,
      CASE WHEN runs THEN {_DAY} - started_on END AS tenancy_age_days,
      CASE WHEN started_on <= ended THEN ended - started_on END AS tenancy_length_days,
      CASE WHEN runs THEN {_years("started_on")} END AS tenancy_age_years,
      CASE WHEN started_on IS NOT NULL THEN runs AND {_years("started_on")} < 1 END AS tenancy_is_new,
      CASE WHEN ended IS NOT NULL AND end_reason IS NOT NULL THEN failed END AS tenancy_failed,
      CASE WHEN started_on <= ended AND end_reason IS NOT NULL
        THEN failed AND {_years("started_on", "ended")} < 1 END AS tenancy_failed_in_year_one
    FROM (SELECT *, ended IS NULL AND started_on <= {_DAY} AS runs,
        end_reason IN ('abandoned', 'evicted_arrears', 'evicted_asb', 'evicted_arrears_and_asb') AS failed
      FROM (SELECT *, CASE WHEN ended_on <= {_DAY} THEN ended_on END AS ended FROM identity.tenancy))""",
)

_52_WEEKS = f"opened_on > {_DAY} - 364"
_NOTICE = (
    "c.kind = 'arrears_action' AND subtype IN ('notice', 'nosp', 'notice_seeking_possession') "
    f"AND {_52_WEEKS}"
)

CASES = (
    f"""CREATE OR REPLACE TABLE hand_tenancy_case AS
    SELECT t.tenancy_id,
      count(*) FILTER (kind = 'payment_arrangement' AND outcome = 'broken') AS broken_arrangements,
      count(*) FILTER (kind = 'payment_arrangement' AND outcome = 'broken' AND {_52_WEEKS})
        AS broken_arrangements_52w,
      count(*) FILTER (kind = 'payment_arrangement' AND is_open AND coalesce(outcome, '') <> 'broken') > 0
        AS arrangement_active,
      count(*) FILTER (kind = 'arrears_action' AND subtype = 'court_order' AND outcome = 'broken') > 0
        AS broken_court_order,
      count(*) FILTER ({_NOTICE}) > 0 AS notice_served,
      count(*) FILTER ({_NOTICE} AND is_open) > 0 AS notice_active,
      count(*) FILTER (kind = 'arrears_action' AND {_52_WEEKS}) AS arrears_actions_52w,
      count(*) FILTER (kind = 'complaint' AND opened_on > {_YEAR_AGO}) AS complaints_12m,
      count(*) FILTER (kind = 'complaint' AND is_open) AS complaints_open,
      count(*) FILTER (kind = 'asb' AND opened_on > {_YEAR_AGO}) AS asb_cases_12m,
      count(*) FILTER (kind = 'asb' AND is_open) AS asb_open,
      count(*) FILTER (kind = 'support_referral' AND is_open) > 0 AS support_referral_open,
      count(*) FILTER (kind = 'adaptation' AND is_open) > 0 AS adaptation_open,
      count(*) FILTER (kind = 'hazard' AND is_open) > 0 AS hazard_open,
      count(*) FILTER (kind IS NOT NULL AND opened_on > {_YEAR_AGO}) AS cases_12m,
      max(opened_on) AS last_case_opened_on
    FROM identity.tenancy t LEFT JOIN (
      SELECT coalesce(tp.tenancy_id, ts.tenancy_id) AS tenancy_id, c.kind, c.subtype, c.opened_on,
        c.closed_on IS NULL OR c.closed_on > {_DAY} AS is_open,
        CASE WHEN c.closed_on > {_DAY} THEN NULL ELSE c.outcome END AS outcome
      FROM staging."case" c {_tenancy_joins("c")} WHERE c.opened_on <= {_DAY}
    ) c ON c.tenancy_id = t.tenancy_id
    GROUP BY t.tenancy_id""",
)

_DIGITAL = "('email', 'sms', 'portal', 'app', 'web', 'web_form', 'web_chat', 'messaging', 'social_media', 'video')"


def _most(column: str) -> str:
    return f"""(SELECT person_id, {column} FROM hand_contact WHERE inbound AND in_year AND {column} IS NOT NULL
      GROUP BY person_id, {column}
      QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY count(*) DESC, {column}) = 1)"""


_IN = "inbound AND in_year"

CONTACT = (
    f"""CREATE OR REPLACE TEMP TABLE hand_contact AS
    SELECT * EXCLUDE (source_file, source_row), coalesce(inbound AND reason IS NOT NULL
        AND occurred_on - lag(occurred_on) OVER (PARTITION BY coalesce(person_id, tenancy_id), inbound, reason
          ORDER BY occurred_on, source_file, source_row) <= 28, false) AS is_repeat
    FROM (
      SELECT w.person_id, coalesce(tp.tenancy_id, ts.tenancy_id, o.tenancy_id) AS tenancy_id, c.occurred_on,
        c.channel, c.direction = 'inbound' AS inbound, c.reason, c.outcome,
        c.occurred_on > {_YEAR_AGO} AS in_year, c.source_file, c.source_row
      FROM staging.contact c {_tenancy_joins("c")} {_person_join("c")}
      LEFT JOIN (SELECT person_id, any_value(tenancy_id) AS tenancy_id FROM identity.member
        WHERE is_current AND lives_there GROUP BY person_id HAVING count(*) = 1) o ON o.person_id = w.person_id
      WHERE c.occurred_on <= {_DAY})""",
    f"""CREATE OR REPLACE TABLE hand_person_contact AS
    WITH counted AS (
      SELECT person_id, count(*) FILTER (inbound AND occurred_on > {_DAY} - 90) AS contacts_in_90d,
        count(*) FILTER ({
        _IN
    }) AS contacts_in_12m, count(*) FILTER (NOT inbound AND in_year) AS contacts_out_12m,
        count(*) FILTER ({_IN} AND channel = 'phone') AS contacts_phone_12m,
        count(*) FILTER ({_IN} AND channel IN {_DIGITAL}) AS contacts_digital_12m,
        count(*) FILTER ({_IN} AND channel IN ('visit', 'office')) AS contacts_in_person_12m,
        count(*) FILTER ({_IN} AND channel = 'letter') AS contacts_letter_12m,
        count(*) FILTER (is_repeat AND in_year) AS repeat_contacts_12m,
        count(*) FILTER ({_IN} AND outcome = 'unresolved') AS unresolved_contacts_12m,
        count(*) FILTER (NOT inbound AND in_year AND outcome = 'no_answer') AS no_answer_12m,
        max(occurred_on) FILTER (inbound) AS last_contact_in_on
      FROM hand_contact WHERE person_id IS NOT NULL GROUP BY person_id)
    SELECT p.person_id, {
        ", ".join(
            f"coalesce(c.{name}, 0) AS {name}"
            for name in (
                "contacts_in_90d",
                "contacts_in_12m",
                "contacts_out_12m",
                "contacts_phone_12m",
                "contacts_digital_12m",
                "contacts_in_person_12m",
                "contacts_letter_12m",
            )
        )
    }, u.channel AS main_channel, a.reason AS main_contact_reason,
      coalesce(c.repeat_contacts_12m, 0) AS repeat_contacts_12m,
      coalesce(c.unresolved_contacts_12m, 0) AS unresolved_contacts_12m,
      coalesce(c.no_answer_12m, 0) AS no_answer_12m, c.last_contact_in_on,
      {_DAY} - c.last_contact_in_on AS days_silent, w.channel AS channel_preferred,
      u.channel = w.channel AS uses_preferred_channel
    FROM identity.person p LEFT JOIN counted c USING (person_id)
    LEFT JOIN {_most("channel")} u USING (person_id) LEFT JOIN {_most("reason")} a USING (person_id)
    LEFT JOIN (SELECT w.person_id, p.channel FROM staging.preference p {_person_join("p")}
      WHERE p.choice = 'prefer' AND coalesce(p.from_on, {_DAY}) <= {
        _DAY
    } AND (p.to_on IS NULL OR p.to_on > {_DAY})
      QUALIFY row_number() OVER (PARTITION BY w.person_id
        ORDER BY p.topic <> 'all', p.from_on DESC NULLS LAST, p.topic, p.channel) = 1) w USING (person_id)""",
    f"""CREATE OR REPLACE TABLE hand_tenancy_contact AS
    SELECT t.tenancy_id, count(*) FILTER ({_IN}) AS tenancy_contacts_in_12m,
      count(*) FILTER (NOT inbound AND in_year) AS tenancy_contacts_out_12m,
      count(*) FILTER (is_repeat AND in_year) AS tenancy_repeat_contacts_12m,
      {_DAY} - max(occurred_on) FILTER (inbound) AS tenancy_days_silent
    FROM identity.tenancy t LEFT JOIN hand_contact c USING (tenancy_id) GROUP BY t.tenancy_id""",
    f"""CREATE OR REPLACE TABLE hand_person_contact_reason AS
    SELECT person_id, channel, coalesce(reason, 'unknown') AS reason, count(*) AS contacts_12m
    FROM hand_contact WHERE {_IN} AND person_id IS NOT NULL GROUP BY ALL""",
)


def _repair_counts(prefix: str) -> str:
    return f"""count(*) FILTER (reported_on > {_YEAR_AGO}) AS {prefix}repairs_12m,
      count(*) FILTER (reported_on > DATE '2024-03-31') AS {prefix}repairs_24m,
      coalesce(sum(no_access) FILTER (reported_on > DATE '2024-03-31'), 0) AS {prefix}no_access_24m,
      count(*) FILTER (is_damp AND reported_on > {_YEAR_AGO}) AS {prefix}damp_mould_12m,
      count(*) FILTER (is_damp AND reported_on > DATE '2023-03-31') AS {prefix}damp_mould_36m,
      coalesce(any_value(often.n), 0) AS {prefix}recurring_trades_12m"""


def _often(subject: str) -> str:
    return f"""LEFT JOIN (SELECT {subject}, count(*) AS n FROM (SELECT {subject}, trade FROM hand_repair
      WHERE reported_on > {_YEAR_AGO} AND trade IS NOT NULL GROUP BY ALL HAVING count(*) >= 3)
      GROUP BY {subject}) often USING ({subject})"""


REPAIRS = (
    f"""CREATE OR REPLACE TEMP TABLE hand_repair AS
    WITH placed AS (
      SELECT coalesce(tp.tenancy_id, ts.tenancy_id) AS tenancy_id, coalesce(hp.home_id, hs.home_id) AS home_id,
        r.source_file, r.source_row, r.reported_on, r.trade, r.priority, coalesce(r.no_access_visits, 0) AS no_access,
        coalesce(r.is_damp_mould, false) OR coalesce(r.trade = 'damp_mould', false) AS is_damp,
        r.status <> 'completed' AND (r.completed_on IS NULL OR r.completed_on > {_DAY})
          OR r.completed_on > {_DAY} AS is_open
      FROM staging.repair r {_tenancy_joins("r")}
      LEFT JOIN identity.home_ref hp ON hp.ref_kind = 'property_ref' AND hp.system = r.system
        AND hp.ref = r.property_ref
      LEFT JOIN identity.home_ref hs ON hs.ref_kind = 'property_ref' AND hs.system = '*' AND hs.ref = r.property_ref
      WHERE r.reported_on <= {_DAY} AND r.status <> 'cancelled'),
    at_home AS (
      SELECT p.source_file, p.source_row, any_value(t.tenancy_id) AS tenancy_id
      FROM placed p JOIN identity.tenancy t ON t.home_id = p.home_id AND t.started_on <= p.reported_on
        AND (t.ended_on IS NULL OR t.ended_on >= p.reported_on)
      WHERE p.tenancy_id IS NULL GROUP BY ALL HAVING count(*) = 1)
    SELECT coalesce(p.home_id, t.home_id) AS home_id, coalesce(p.tenancy_id, a.tenancy_id) AS tenancy_id, p.reported_on,
      p.trade, p.is_damp, p.no_access, p.priority, p.is_open, p.is_open AND {_DAY} - p.reported_on >
        CASE p.priority WHEN 'emergency' THEN 1 WHEN 'urgent' THEN 7 WHEN 'planned' THEN 90 ELSE 28 END AS is_overdue
    FROM placed p LEFT JOIN at_home a USING (source_file, source_row)
    LEFT JOIN identity.tenancy t ON t.tenancy_id = p.tenancy_id""",
    f"""CREATE OR REPLACE TABLE hand_tenancy_repair AS
    SELECT s.tenancy_id, {_repair_counts("")},
      coalesce(sum(no_access) FILTER (reported_on > {_YEAR_AGO}), 0) AS no_access_12m,
      count(*) FILTER (is_open) AS repairs_open,
      count(*) FILTER (is_overdue AND priority = 'emergency') AS repairs_overdue_emergency,
      count(*) FILTER (is_overdue AND priority = 'urgent') AS repairs_overdue_urgent,
      count(*) FILTER (is_overdue AND coalesce(priority, '') NOT IN ('emergency', 'urgent')) AS repairs_overdue_routine,
      {_DAY} - max(reported_on) AS days_since_repair
    FROM identity.tenancy s LEFT JOIN hand_repair r USING (tenancy_id) {_often("tenancy_id")} GROUP BY s.tenancy_id""",
    f"""CREATE OR REPLACE TABLE hand_home_repair AS
    SELECT s.home_id, {_repair_counts("home_")}, count(*) FILTER (is_overdue) AS home_repairs_overdue
    FROM identity.home s LEFT JOIN hand_repair r USING (home_id) {_often("home_id")} GROUP BY s.home_id""",
)

SERVICE = (
    f"""CREATE OR REPLACE TEMP TABLE hand_use AS
    SELECT w.person_id, s.service, s.used_on, s.service IN ('portal', 'app') AS online,
      s.used_on > {_YEAR_AGO} AS in_year
    FROM staging.service_use s JOIN identity.record w USING (system, person_ref) WHERE s.used_on <= {_DAY}""",
    """CREATE OR REPLACE TABLE hand_person_service AS
    SELECT p.person_id, coalesce(u.uses, 0) AS service_uses_12m, u.services AS services_12m,
      coalesce(u.n, 0) AS n_services_12m, u.last_on AS last_service_on, coalesce(u.n, 0) = 0 AS uses_no_service
    FROM identity.person p LEFT JOIN (
      SELECT person_id, count(*) FILTER (in_year) AS uses, count(DISTINCT service) FILTER (in_year) AS n,
        nullif(array_to_string(list_sort(list_distinct(list(service) FILTER (in_year))), ';'), '') AS services,
        max(used_on) AS last_on
      FROM hand_use WHERE NOT online GROUP BY person_id) u USING (person_id)""",
    f"""CREATE OR REPLACE TABLE hand_person_digital AS
    SELECT person_id, coalesce(o.n_90d, 0) AS portal_uses_90d, coalesce(o.n_12m, 0) AS portal_uses_12m,
      greatest(o.last_on, w.last_on) AS last_digital_on, w.digital / nullif(w.n, 0) AS digital_share_12m,
      CASE WHEN last_digital_on IS NULL THEN 'none' WHEN last_digital_on > {_DAY} - 90 THEN 'active'
        WHEN last_digital_on > {_YEAR_AGO} THEN 'occasional' ELSE 'lapsed' END AS digital_use
    FROM identity.person
    LEFT JOIN (SELECT person_id, count(*) FILTER (used_on > {_DAY} - 90) AS n_90d, count(*) FILTER (in_year) AS n_12m,
        max(used_on) AS last_on FROM hand_use WHERE online GROUP BY person_id) o USING (person_id)
    LEFT JOIN (SELECT person_id, count(*) FILTER (in_year) AS n,
        count(*) FILTER (in_year AND channel IN {_DIGITAL}) AS digital,
        max(occurred_on) FILTER (channel IN {_DIGITAL}) AS last_on
      FROM hand_contact WHERE inbound AND person_id IS NOT NULL GROUP BY person_id) w USING (person_id)""",
)


def _answer(name: str, attribute: str, grain: str = "person") -> str:
    return (
        f"LEFT JOIN profile.value {name} ON {name}.attribute = '{attribute}' AND {name}.grain = '{grain}' "
        f"AND {name}.subject_id = m.{grain}_id AND {name}.state = 'answered'"
    )


_GENERATIONS = (
    "('parent', 'grandparent')",
    "('lead', 'partner', 'sibling')",
    "('child')",
    "('grandchild')",
)

HOUSEHOLD = (
    f"""CREATE OR REPLACE TEMP TABLE hand_resident AS
    SELECT m.household_id, m.person_id, m.role, m.relationship,
      CASE WHEN p.date_of_birth <= {_DAY} THEN {_years("p.date_of_birth")} END AS age,
      CASE WHEN coalesce(s.value, g.value) IN ('male', 'female') THEN coalesce(s.value, g.value) END AS sex,
      coalesce(b.value = 'uc_housing', false) AS on_uc, coalesce(f.value = 'true', false) AS foster_carer,
      coalesce(o.value = 'true', false) AS overnight_carer, coalesce(c.value = 'true', false) AS cannot_share
    FROM (SELECT m.household_id, m.person_id, m.role,
        CASE WHEN h.lead_person_id = m.person_id THEN 'lead' WHEN m.relationship = 'lead' THEN 'unknown'
          ELSE coalesce(m.relationship, 'unknown') END AS relationship
      FROM identity.member m JOIN identity.household h USING (household_id)
      WHERE m.is_current AND m.lives_there AND h.is_current
      QUALIFY row_number() OVER (PARTITION BY m.household_id, m.person_id
        ORDER BY m.is_responsible DESC, m.tenancy_id) = 1) m
    LEFT JOIN identity.person p USING (person_id)
    {_answer("s", "sex_at_birth")} {_answer("g", "gender")} {_answer("f", "foster_carer")}
    {_answer("c", "cannot_share_bedroom")} {_answer("b", "housing_benefit", "household")}
    {_answer("o", "overnight_carer", "household")}""",
    f"""CREATE OR REPLACE TABLE hand_household AS
    SELECT household_id, coalesce(size, 0) AS n_residents,
      CASE WHEN size IS NULL OR n_known < size THEN NULL
        WHEN elders = 1 AND adults = 0 AND children = 0 THEN 'one_elder'
        WHEN elders > 0 AND elders + adults = 2 AND children = 0 THEN 'two_adults_elder'
        WHEN elders = 0 AND adults = 1 AND children = 0 THEN 'one_adult'
        WHEN elders = 0 AND adults = 2 AND children = 0 THEN 'two_adults'
        WHEN elders = 0 AND adults = 1 THEN 'one_adult_children'
        WHEN elders = 0 AND adults >= 2 AND children > 0 THEN 'adults_children' ELSE 'other' END AS core_household_type,
      elders AS n_elders, adults AS n_adults, children AS n_children, under_5 AS n_under_5,
      size - n_known AS n_age_unknown, oldest AS oldest_age, youngest AS youngest_age,
      CASE WHEN n_known = size THEN grown = 1 AND size > 1 END AS is_lone_parent,
      CASE WHEN generations >= 3 THEN true WHEN unplaced = 0 THEN false END AS is_multi_generational,
      CASE WHEN size > 1 THEN false WHEN n_known = 1 THEN elders = 1 END AS is_lone_elder
    FROM identity.household LEFT JOIN (
      SELECT household_id, count(*) AS size, count(age) AS n_known, count(*) FILTER (age < 16) AS children,
        count(*) FILTER (age >= 60) AS elders, count(*) FILTER (age BETWEEN 16 AND 59) AS adults,
        count(*) FILTER (age < 5) AS under_5, max(age) AS oldest, min(age) AS youngest,
        count(*) FILTER (age >= 16) AS grown,
        count(*) FILTER (relationship IN ('unknown', 'other', 'other_relative')) AS unplaced,
        {" + ".join(f"CAST(bool_or(relationship IN {words}) AS INTEGER)" for words in _GENERATIONS)} AS generations
      FROM hand_resident GROUP BY household_id) USING (household_id)
    WHERE is_current""",
)

PLACE = (
    """CREATE OR REPLACE TABLE hand_home_place AS
    SELECT h.home_id,
      CASE WHEN coalesce(trim(h.postcode), '') = '' THEN 'no_postcode'
        WHEN p.postcode_key IS NULL THEN 'unknown_postcode' WHEN p.is_terminated THEN 'terminated'
        ELSE 'matched' END AS place_match,
      p.output_area, coalesce(p.lsoa21, p.lsoa11) AS lsoa,
      CASE WHEN p.lsoa21 IS NOT NULL THEN '2021' WHEN p.lsoa11 IS NOT NULL THEN '2011' END AS lsoa_vintage,
      p.ward, p.local_authority, p.basis AS place_basis, coalesce(n21.imd_rank, n11.imd_rank, p.imd_rank) AS imd_rank,
      CASE WHEN n21.imd_rank IS NOT NULL THEN n21.imd_vintage WHEN n11.imd_rank IS NOT NULL THEN n11.imd_vintage
        ELSE p.imd_vintage END AS imd_vintage,
      CAST((coalesce(n21.imd_rank, n11.imd_rank, p.imd_rank) * 10 + ranked.n - 1) // ranked.n AS INTEGER) AS imd_decile,
      CASE WHEN coalesce(n21.imd_rank, n11.imd_rank) IS NOT NULL THEN 'lsoa'
        WHEN p.imd_rank IS NOT NULL THEN 'postcode' END AS imd_basis,
      coalesce(n21.rural_urban, n11.rural_urban, p.rural_urban) AS rural_urban,
      CASE WHEN n21.rural_urban IS NOT NULL THEN n21.rural_urban_scheme
        WHEN n11.rural_urban IS NOT NULL THEN n11.rural_urban_scheme
        ELSE p.rural_urban_scheme END AS rural_urban_scheme,
      coalesce(o.area_classification, p.area_classification) AS area_classification,
      CASE WHEN o.area_classification IS NOT NULL THEN o.area_classification_scheme
        ELSE p.area_classification_scheme END AS area_classification_scheme
    FROM identity.home h
    LEFT JOIN reference.postcode p ON p.postcode_key = upper(replace(h.postcode, ' ', ''))
    LEFT JOIN reference.lsoa n21 ON n21.lsoa = p.lsoa21 LEFT JOIN reference.lsoa n11 ON n11.lsoa = p.lsoa11
    LEFT JOIN reference.output_area o ON o.output_area = p.output_area
    LEFT JOIN (VALUES ('2025', 33755), ('2019', 32844), ('SIMD2020', 6976), ('WIMD2019', 1909), ('NIMDM2017', 890))
      ranked(vintage, n) ON ranked.vintage = CASE WHEN n21.imd_rank IS NOT NULL THEN n21.imd_vintage
        WHEN n11.imd_rank IS NOT NULL THEN n11.imd_vintage ELSE p.imd_vintage END""",
)
