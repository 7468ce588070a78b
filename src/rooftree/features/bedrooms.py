"""How many bedrooms a household needs, by the Bedroom Standard and by the benefit size criteria.

Two rules that look alike and are not. The Bedroom Standard (ONS) counts overcrowding and
under-occupation; the size criteria (Housing Benefit regulation B13, Universal Credit Schedule 4)
decide what rent is paid. An adult is 21 in the first and 16 in the second: each rule keeps its own
constant.

A person whose age, sex or relationship is not known is not guessed: the answer is the interval of
rooms over everything that person could be. The same question answered person by person, slowly and
plainly, is in `bedrooms_by_hand`; generated households hold the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from rooftree.storage.portable import compile_sql
from rooftree.vocabulary.errors import DataError, Problem

RULES = ("bedroom_standard", "size_criteria")
BENEFITS = ("hb", "uc")

STANDARD_ADULT_AGE = 21  # ONS dictionary; census table metadata that says 16 is wrong
SIZE_CRITERIA_ADULT_AGE = 16  # regulation B13(5)
MIXED_SHARING_BELOW = 10  # both rules: boys and girls may share below this age
PARTNER_FROM = 16  # nobody younger is taken for a partner when the relationship is missing
OLDEST = 120

#: People whose sex or age band is open are tried in every way up to this many in one household;
#: any further one adds nothing to the least and one room to the most, which is a true bound.
OPEN_PEOPLE = 6

#: Optional columns of a member, with the type they are read as. What is missing is null.
MEMBER_COLUMNS = {
    "age": "INTEGER", "age_min": "INTEGER", "age_max": "INTEGER", "sex": "VARCHAR",
    "relationship": "VARCHAR", "couple": "VARCHAR", "cannot_share": "BOOLEAN",
    "overnight_carer": "BOOLEAN", "foster_carer": "BOOLEAN", "lodger": "BOOLEAN",
    "non_dependant": "BOOLEAN",
}  # fmt: skip


def required(
    members: Any,
    *,
    rule: str = "bedroom_standard",
    benefit: str = "hb",
    household: str = "household_id",
) -> pa.Table:
    """The least and the most bedrooms that each household may need.

    `members` is any table Arrow can read, one row per person, with the column named by `household`
    and any of these (a missing column is as one full of nulls):

    - `age` in full years; or `age_min` and `age_max` where only bounds are known
    - `sex`: male or female; anything else, and null, is not known
    - `relationship` to the lead tenant: lead, partner, child, lodger ...; null and `unknown` are not
      known: such a person of 16 or more may be the lead's partner, and the interval says so
    - `couple`: two people of a household with the same key are a couple (instead of `relationship`)
    - `cannot_share`: a disabled child, or a member of a couple, who cannot reasonably share a bedroom
    - `overnight_carer`: needs a carer who does not live there to stay the night
    - `foster_carer`: approved, between placements of up to 52 weeks included
    - `lodger`: lodger, boarder or sub-tenant
    - `non_dependant`: an adult other than claimant and partner (Universal Credit: own room, couple or not)

    The flags are entitlements that somebody has to have judged, so null is false. Include an adult
    child deployed by the armed forces, who counts as living at home. `benefit` (hb or uc) matters to
    the size criteria only.

    Returns one row per household, in order: the household column, `rooms_min`, `rooms_max` (equal when
    everything that matters is known) and `n_people`. Sources: ONS Census 2021 dictionary; SI 2006/213
    regulation B13; SI 2013/376 Schedule 4. Raises DataError when a column or argument is unusable.
    """
    _check_arguments(rule, benefit)
    con = duckdb.connect(":memory:", config={"threads": 2})
    try:
        con.register("given", _as_arrow(members))
        _check_columns(con, household)
        have = {row[0] for row in con.execute("DESCRIBE given").fetchall()}
        columns = ", ".join(
            f'CAST("{name}" AS {kind}) AS {name}'
            if name in have
            else f"CAST(NULL AS {kind}) AS {name}"
            for name, kind in MEMBER_COLUMNS.items()
        )
        con.execute(
            f'CREATE TABLE bedroom_member AS SELECT "{household}" AS household_id, {columns}, '
            f'{benefit == "uc"} AS is_uc FROM given WHERE "{household}" IS NOT NULL'
        )
        return con.sql(
            f'SELECT household_id AS "{household}", rooms_min, rooms_max, n_people '
            f"FROM ({_compiled(rule)}) ORDER BY 1"
        ).to_arrow_table()
    finally:
        con.close()


@cache
def _compiled(rule: str) -> str:
    text = f"WITH {rooms_ctes(rule=rule, member='bedroom_member')} SELECT * FROM rooms"
    return compile_sql(text, where="bedrooms.required")


def _check_arguments(rule: str, benefit: str) -> None:
    problems = []
    for name, value, allowed in (("rule", rule, RULES), ("benefit", benefit, BENEFITS)):
        if value not in allowed:
            problems.append(
                Problem(
                    "bedrooms.required",
                    f"{name} {value!r} is not known.",
                    f"Use {' or '.join(allowed)}.",
                )
            )
    if problems:
        raise DataError(problems)


def _check_columns(con: duckdb.DuckDBPyConnection, household: str) -> None:
    have = {row[0] for row in con.execute("DESCRIBE given").fetchall()}
    if household not in have:
        raise DataError(
            [
                Problem(
                    "bedrooms.required",
                    f"the table has no column {household}.",
                    "Name it with household=.",
                )
            ]
        )


def _as_arrow(members: Any) -> pa.Table:
    if isinstance(members, pa.Table):
        return members
    if isinstance(members, list):  # of mappings, which need not all have the same keys
        names = sorted({name for member in members for name in member})
        return pa.table({name: [member.get(name) for member in members] for name in names})
    if hasattr(members, "to_arrow_table"):
        return members.to_arrow_table()
    return pa.table(members)


def rooms_ctes(*, rule: str, member: str) -> str:
    """The rule as portable SQL: common table expressions from the members to `rooms`, one row per household.

    `member` names a table or expression with household_id, is_uc and MEMBER_COLUMNS. The people who
    could be more than one thing are added one at a time, each in every way it could count; equal
    results are kept once, so the number of cases stays small.
    """
    size = rule == "size_criteria"
    adult = SIZE_CRITERIA_ADULT_AGE if size else STANDARD_ADULT_AGE
    steps = [_people(member), _scenarios(), _places(size), _bands(adult, size), _fixed(size)]
    steps += [_tried(number) for number in range(1, OPEN_PEOPLE + 1)]
    return ",\n".join([*steps, _rooms(size)])


def _people(member: str) -> str:
    return f"""
    person AS (
      SELECT household_id, is_uc,
        row_number() OVER (PARTITION BY household_id ORDER BY couple, relationship, age, age_min, age_max, sex,
          cannot_share, overnight_carer, foster_carer, lodger, non_dependant) AS person_no,
        coalesce(age, age_min, 0) AS age_lo, coalesce(age, age_max, {OLDEST}) AS age_hi,
        coalesce(lower(sex), 'unknown') AS sex,
        CASE WHEN couple IS NOT NULL THEN concat('c', couple)
             WHEN relationship IN ('lead', 'partner') THEN 'lead' END AS couple,
        coalesce(relationship = 'lead', false) AS is_lead,
        couple IS NULL AND coalesce(relationship, 'unknown') = 'unknown' AS may_be_partner,
        coalesce(cannot_share, false) AS cannot_share,
        coalesce(overnight_carer, false) AS overnight_carer, coalesce(foster_carer, false) AS foster_carer,
        coalesce(lodger, false) OR coalesce(relationship = 'lodger', false) AS lodger,
        coalesce(non_dependant, false) AS non_dependant
      FROM {member}
    )"""


def _scenarios() -> str:
    """Scenario 0 takes relationships as recorded; each other one takes one person as the lead's partner."""
    return f"""
    lone_lead AS (
      SELECT household_id FROM person WHERE couple = 'lead' GROUP BY household_id
      HAVING count(*) = 1 AND max(CASE WHEN is_lead THEN age_hi ELSE 0 END) >= {PARTNER_FROM}
    ),
    scenario AS (
      SELECT DISTINCT household_id, CAST(0 AS BIGINT) AS scenario FROM person
      UNION ALL
      SELECT p.household_id, p.person_no FROM person p JOIN lone_lead l ON l.household_id = p.household_id
      WHERE p.may_be_partner AND NOT p.lodger AND p.age_hi >= {PARTNER_FROM}
    ),
    cast_of AS (
      SELECT p.household_id, p.is_uc, p.person_no, p.age_lo, p.age_hi, p.sex, p.cannot_share, p.lodger,
        p.non_dependant, s.scenario,
        CASE WHEN s.scenario = p.person_no THEN 'lead' ELSE p.couple END AS couple
      FROM person p JOIN scenario s ON s.household_id = p.household_id
    )"""


def _places(size: bool) -> str:
    """Who is in a couple. A couple is two: a third person with the same key counts alone."""
    gone = "WHERE NOT (is_uc AND lodger)" if size else ""
    return f"""
    seated AS (
      SELECT *, row_number() OVER (PARTITION BY household_id, scenario, couple
          ORDER BY age_hi DESC, age_lo DESC, sex, cannot_share DESC, non_dependant, person_no) AS seat,
        count(*) OVER (PARTITION BY household_id, scenario, couple) AS n_seats
      FROM cast_of {gone}
    ),
    placed AS (
      SELECT *, couple IS NOT NULL AND n_seats >= 2 AND seat <= 2 AS in_couple FROM seated
    )"""


def _bands(adult: int, size: bool) -> str:
    own_room = "OR cannot_share" if size else ""
    return f"""
    single AS (
      SELECT household_id, scenario, person_no,
        sex <> 'female' AS may_be_male, sex <> 'male' AS may_be_female,
        age_lo < {MIXED_SHARING_BELOW} AS may_be_young,
        age_lo < {adult} AND age_hi >= {MIXED_SHARING_BELOW} AS may_be_older,
        age_hi >= {adult} AS may_be_adult,
        age_lo >= {adult} {own_room} AS alone
      FROM placed WHERE NOT in_couple
    ),
    sorted AS (
      SELECT *,
        alone OR NOT (may_be_adult OR (may_be_male AND may_be_female) OR (may_be_young AND may_be_older)) AS certain
      FROM single
    ),
    doubtful AS (
      SELECT *, row_number() OVER (PARTITION BY household_id, scenario ORDER BY person_no) AS doubt_no
      FROM sorted WHERE NOT certain
    )"""


def _fixed(size: bool) -> str:
    couple_rooms = "1"
    if size:
        apart = "cannot_share OR (is_uc AND non_dependant)"
        couple_rooms = f"1 + max(CASE WHEN {apart} THEN 1 ELSE 0 END)"
    return f"""
    couple_rooms AS (
      SELECT household_id, scenario, sum(n) AS n FROM (
        SELECT household_id, scenario, couple, {couple_rooms} AS n FROM placed WHERE in_couple
        GROUP BY household_id, scenario, couple) c
      GROUP BY household_id, scenario
    ),
    certain_people AS (
      SELECT household_id, scenario,
        sum(CASE WHEN alone THEN 1 ELSE 0 END) AS own,
        sum(CASE WHEN NOT alone AND may_be_young AND may_be_male THEN 1 ELSE 0 END) AS young_m,
        sum(CASE WHEN NOT alone AND may_be_young AND may_be_female THEN 1 ELSE 0 END) AS young_f,
        sum(CASE WHEN NOT alone AND may_be_older AND may_be_male THEN 1 ELSE 0 END) AS older_m,
        sum(CASE WHEN NOT alone AND may_be_older AND may_be_female THEN 1 ELSE 0 END) AS older_f
      FROM sorted WHERE certain GROUP BY household_id, scenario
    ),
    way_0 AS (
      SELECT s.household_id, s.scenario, CAST(coalesce(c.n, 0) + coalesce(k.own, 0) AS BIGINT) AS own,
        CAST(coalesce(k.young_m, 0) AS BIGINT) AS young_m, CAST(coalesce(k.young_f, 0) AS BIGINT) AS young_f,
        CAST(coalesce(k.older_m, 0) AS BIGINT) AS older_m, CAST(coalesce(k.older_f, 0) AS BIGINT) AS older_f
      FROM scenario s
      LEFT JOIN couple_rooms c ON c.household_id = s.household_id AND c.scenario = s.scenario
      LEFT JOIN certain_people k ON k.household_id = s.household_id AND k.scenario = s.scenario
    )"""


#: Every way a doubtful person can count: when, and which of own, young m, young f, older m, older f grows.
_WAYS = (
    ("d.may_be_adult", (1, 0, 0, 0, 0)),
    ("d.may_be_young AND d.may_be_male", (0, 1, 0, 0, 0)),
    ("d.may_be_young AND d.may_be_female", (0, 0, 1, 0, 0)),
    ("d.may_be_older AND d.may_be_male", (0, 0, 0, 1, 0)),
    ("d.may_be_older AND d.may_be_female", (0, 0, 0, 0, 1)),
)


def _tried(number: int) -> str:
    before = f"way_{number - 1}"
    columns = ("own", "young_m", "young_f", "older_m", "older_f")
    join = (
        f"FROM {before} w JOIN doubtful d ON d.household_id = w.household_id "
        f"AND d.scenario = w.scenario AND d.doubt_no = {number}"
    )
    ways = [
        "SELECT w.household_id, w.scenario, "
        + ", ".join(f"w.{c} + {add} AS {c}" for c, add in zip(columns, adds, strict=True))
        + f" {join} WHERE {when}"
        for when, adds in _WAYS
    ]
    stay = f"""SELECT w.household_id, w.scenario, w.own, w.young_m, w.young_f, w.older_m, w.older_f
        FROM {before} w WHERE NOT EXISTS (SELECT 1 FROM doubtful d WHERE d.household_id = w.household_id
          AND d.scenario = w.scenario AND d.doubt_no = {number})"""
    return f"way_{number} AS (" + "\nUNION\n".join([stay, *ways]) + ")"


def _rooms(size: bool) -> str:
    """Rungs 3 to 8 of the ladder as arithmetic: pair within each sex, an odd one takes a younger child."""
    extra = "e.n_care + e.n_foster" if size else "0"
    return f"""
    beyond AS (
      SELECT household_id, scenario, count(*) AS n FROM doubtful WHERE doubt_no > {OPEN_PEOPLE}
      GROUP BY household_id, scenario
    ),
    extra AS (
      SELECT household_id, count(*) AS n_people,
        max(CASE WHEN overnight_carer THEN 1 ELSE 0 END) AS n_care,
        max(CASE WHEN foster_carer THEN 1 ELSE 0 END) AS n_foster
      FROM person GROUP BY household_id
    ),
    counted AS (
      SELECT household_id, scenario,
        own + int_div(older_m + 1, 2) + int_div(older_f + 1, 2)
          + int_div(greatest(young_m - older_m % 2, 0) + greatest(young_f - older_f % 2, 0) + 1, 2) AS n
      FROM way_{OPEN_PEOPLE}
    ),
    rooms AS (
      SELECT c.household_id, CAST(min(c.n + {extra}) AS INTEGER) AS rooms_min,
        CAST(max(c.n + coalesce(b.n, 0) + {extra}) AS INTEGER) AS rooms_max,
        CAST(max(e.n_people) AS INTEGER) AS n_people
      FROM counted c JOIN extra e ON e.household_id = c.household_id
      LEFT JOIN beyond b ON b.household_id = c.household_id AND b.scenario = c.scenario
      GROUP BY c.household_id
    )"""


# --- what follows from the number of rooms -------------------------------------------------------


def rating(bedrooms: int, rooms: int) -> int:
    """Occupancy rating: bedrooms available less bedrooms required. A bedsit, recorded as 0, is one room."""
    return max(bedrooms, 1) - rooms


def occupation(value: int, *, under_from: int) -> str:
    """Overcrowded, at_standard or under_occupied. `under_from` 1 is the ONS threshold, 2 the EHS one."""
    if value <= -1:
        return "overcrowded"
    return "under_occupied" if value >= under_from else "at_standard"


@dataclass(frozen=True, slots=True)
class Reduction:
    """What the size criteria take off the eligible rent of one liable person, in pence per rent period."""

    percent: int
    reduction_pence: int
    maximum_rent_pence: int


def reduction(
    eligible_rent_pence: int,
    *,
    spare: int,
    liable: int = 1,
    benefit: str = "hb",
    liable_are_couple: bool = False,
) -> Reduction:
    """The rent that benefit does not cover for spare bedrooms: 14% for one, 25% for two or more.

    `liable` people share the rent equally (regulation B13 apportions between joint tenants); the
    result is for one of them. In Universal Credit joint tenants who are not a couple lose nothing.
    Halves of a penny round up.
    """
    share = -(-eligible_rent_pence // liable)
    exempt = benefit == "uc" and liable > 1 and not liable_are_couple
    percent = 0 if exempt or spare <= 0 else 14 if spare == 1 else 25
    taken = (share * percent + 50) // 100
    return Reduction(percent, taken, share - taken)
