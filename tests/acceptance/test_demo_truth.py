"""Made-up landlords, run whole, held against the truth that was kept apart when they were made.

Three landlords that differ: a rural council, a city association and a supported-housing landlord. What
was planted is found in the number planted; what is true is what the snapshot says.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rooftree.catalogue.load import load
from rooftree.demo.answers import ANSWERS, Answer
from rooftree.demo.generate import generate
from rooftree.features.bedrooms import required
from rooftree.pipeline import read
from rooftree.pipeline.run import RunResult, run
from rooftree.storage.engine import Engine, quote
from rooftree.storage.workspace import Workspace

AS_OF = dt.date(2026, 3, 31)
YEAR_AGO = dt.date(2025, 3, 31)

# Which record is of whom, by the truth; who each person found is (only where all records are one
# person's); and who lives where now.
_TRUE = """
    CREATE TEMP TABLE true_record AS
    SELECT system, person_ref, person FROM truth_records_housing
    UNION ALL SELECT system, person_ref, person FROM truth_records_crm;

    CREATE TEMP TABLE who AS
    SELECT r.person_id, max(x.person) AS person FROM identity.record r
    JOIN true_record x USING (system, person_ref) GROUP BY 1 HAVING count(DISTINCT x.person) = 1;

    CREATE TEMP TABLE account AS
    SELECT a.*, t.status, p.* FROM truth_accounts a
    JOIN truth_tenancies t USING (tenancy) JOIN identity.tenancy i ON i.payment_ref = a.payment_ref
    JOIN features.tenancy_payment p USING (tenancy_id);

    CREATE TEMP TABLE true_member AS
    SELECT m.tenancy, m.person, m.role, m.relationship FROM truth_members m
    JOIN truth_tenancies t USING (tenancy)
    WHERE t.status = 'current' AND NOT m."left" AND m.role NOT IN ('next_of_kin', 'advocate')
      AND m.person IN (SELECT person FROM truth_records_housing);

    CREATE TEMP TABLE found_member AS
    SELECT t.tenancy, w.person, m.role, m.relationship FROM identity.member m
    JOIN identity.tenancy i USING (tenancy_id) JOIN truth_tenancies t USING (tenancy_ref)
    JOIN who w USING (person_id) WHERE m.is_current AND m.lives_there AND i.is_current;
"""


@dataclass(frozen=True)
class Landlord:
    """One landlord that was made and run, with its snapshot and its truth as tables."""

    directory: Path
    result: RunResult
    engine: Engine
    planted: dict[str, int]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.engine.rows(sql)

    def one(self, sql: str) -> tuple[Any, ...]:
        (row,) = self.rows(sql)
        return row

    def extract(self, pattern: str, *, encoding: str, above: int = 0) -> list[dict[str, str]]:
        """The rows of an extract as its system wrote them, read by no part of Rooftree."""
        found: list[dict[str, str]] = []
        for path in sorted((self.directory / "extracts").glob(pattern)):
            with path.open(encoding=encoding, newline="") as file:
                for _ in range(above):
                    next(file)
                found += csv.DictReader(file)
        return found

    def issue(self, rule: str, table: str) -> int:
        return sum(i.rows for i in self.result.quality.issues if (i.rule, i.table) == (rule, table))


def made(directory: Path, *, kind: str, setting: str, homes: int, seed: int) -> Iterator[Landlord]:
    generate(directory, as_of=AS_OF, homes=homes, kind=kind, setting=setting, seed=seed)
    workspace = Workspace.open(directory)
    result = run(workspace, as_of=AS_OF, memory="1GB")
    truth = directory / "truth"
    with read.opened(workspace) as (engine, _):
        for path in sorted(truth.glob("*.parquet")):
            engine.execute(
                f"CREATE VIEW truth_{path.stem} AS SELECT * FROM read_parquet({quote(str(path))})"
            )
        engine.execute(_TRUE)
        planted = json.loads((truth / "planted.json").read_text("utf-8"))
        yield Landlord(directory, result, engine, planted)


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landlord]:
    """400 homes of a rural council."""
    folder = tmp_path_factory.mktemp("council")
    yield from made(folder, kind="council", setting="rural", homes=400, seed=1)


@pytest.fixture(scope="module")
def association(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landlord]:
    """150 homes of a city association."""
    folder = tmp_path_factory.mktemp("association")
    yield from made(folder, kind="association", setting="city", homes=150, seed=2)


@pytest.fixture(scope="module")
def supported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landlord]:
    """150 homes of a landlord of supported housing."""
    folder = tmp_path_factory.mktemp("supported")
    yield from made(folder, kind="supported", setting="city", homes=150, seed=3)


@pytest.fixture(scope="module", params=["council", "association", "supported"])
def landlord(request: pytest.FixtureRequest) -> Landlord:
    """Each of the three."""
    return request.getfixturevalue(request.param)


# --- rows and what was planted in them -----------------------------------------------------------


def test_every_row_of_the_files_is_accounted_for(landlord: Landlord) -> None:
    planted, staging = landlord.planted, landlord.result.staging
    assert staging["tenancy"].read == planted["housing.tenancies.rows"]
    assert staging["household_member"].read == planted["housing.members.rows"]
    assert staging["contact"].read == planted["crm.contacts.rows"]
    assert staging["repair"].read == planted["repairs.repairs.rows"]
    assert staging["service_use"].read == planted["crm.services.rows"]
    assert staging["case"].read == planted["crm.cases.rows"] + planted["housing.income_cases.rows"]
    assert staging["property"].read == (
        planted["asset.homes.rows"] + planted["asset.buildings.rows"]
    )
    assert all(rows.read == rows.accepted + rows.rejected for rows in staging.values())


def test_what_is_wrong_on_purpose_is_named_and_nothing_else_of_its_kind(
    landlord: Landlord,
) -> None:
    planted, staging = landlord.planted, landlord.result.staging
    assert staging["tenancy"].rejected == planted["housing.tenancies.end_before_start"]
    assert staging["person"].rejected == planted["housing.people.impossible_birth_dates"]
    assert staging["answer"].rejected == planted["housing.people.wrong_ethnic_codes"]
    assert staging["property"].rejected == staging["repair"].rejected == 0
    assert (
        landlord.issue("postcode_impossible", "property")
        == planted["asset.homes.impossible_postcode"]
    )
    assert landlord.issue("postcode_impossible", "person") == 0
    assert landlord.issue("ni_number_invalid", "person") == 0
    assert (
        landlord.issue("birth_in_future", "person") == planted["housing.people.birth_dates_ahead"]
    )
    assert (
        landlord.issue("contact_without_person_or_tenancy", "contact")
        == (planted["crm.contacts.caller_unknown"])
    )


def test_account_entries_that_lead_nowhere_are_named_once(landlord: Landlord) -> None:
    assert landlord.issue("entry_without_tenancy", "account_transaction") == 0
    lost = landlord.one(
        "SELECT sum(n_rows) FROM features.unmatched WHERE rule = 'entry_without_tenancy'"
    )
    assert lost == (landlord.issue("reference_unknown", "account_transaction"),)


def test_every_running_tenancy_has_a_household_or_is_named(landlord: Landlord) -> None:
    """The record of a tenant with an impossible birth date is refused; the contact centre may know them."""
    named = {
        rule: landlord.issue(rule, "tenancy")
        for rule in ("tenancy_without_household", "household_by_mention")
    }
    without, mentioned = landlord.one(
        """SELECT count(*) FILTER (WHERE household_id IS NULL), count(*) FILTER (WHERE household_id IN (
              SELECT household_id FROM identity.member GROUP BY 1 HAVING bool_and(role = 'other')))
        FROM identity.tenancy WHERE is_current"""
    )
    assert named == {"tenancy_without_household": without, "household_by_mention": mentioned}
    assert without + mentioned <= landlord.planted["housing.people.impossible_birth_dates"]


# --- tenancies and homes -------------------------------------------------------------------------


def test_every_tenancy_is_found_with_its_dates_and_its_home(landlord: Landlord) -> None:
    n, found, current, dated, homed = landlord.one(
        """SELECT count(*), count(i.tenancy_id), sum(CAST(i.is_current = (t.status = 'current') AS INT)),
            sum(CAST(i.started_on IS NOT DISTINCT FROM t."start" OR t.status = 'application' AS INT)),
            sum(CAST(h.property_ref IS NOT DISTINCT FROM th.property_ref AS INT))
        FROM truth_tenancies t LEFT JOIN identity.tenancy i USING (tenancy_ref)
        LEFT JOIN identity.home h USING (home_id) LEFT JOIN truth_homes th ON th.home = t.home"""
    )
    refused = landlord.planted["housing.tenancies.end_before_start"]
    nowhere = landlord.planted["housing.tenancies.unknown_property"]
    assert found == current == n
    assert n - dated <= refused
    assert n - homed <= refused + nowhere
    assert landlord.one("SELECT count(*) FROM identity.home WHERE property_ref IS NOT NULL") == (
        landlord.planted["asset.homes.rows"] + landlord.planted["asset.buildings.rows"],
    )


# --- people and households -----------------------------------------------------------------------


def test_households_are_who_lives_there(landlord: Landlord) -> None:
    """Missing are people joined wrongly; beyond the truth are those planted as gone but still shown."""
    n, found, role, relationship = landlord.one(
        """SELECT count(*), count(f.person), sum(CAST(f.role = t.role AS INT)),
            sum(CAST(f.relationship = t.relationship AS INT))
        FROM true_member t LEFT JOIN found_member f USING (tenancy, person)"""
    )
    (extra,) = landlord.one(
        "SELECT count(*) FROM found_member f ANTI JOIN true_member t USING (tenancy, person)"
    )
    assert found >= 0.94 * n
    assert role == found
    assert found - relationship <= landlord.planted["housing.members.no_relationship"]
    assert extra <= landlord.planted["housing.members.left_but_shown"]


def test_most_households_have_their_true_size_and_each_lead_tenant(landlord: Landlord) -> None:
    n, same, led = landlord.one(
        """SELECT count(*), sum(CAST(h.n_members = t.n AS INT)), sum(CAST(w.person = t.lead AS INT))
        FROM identity.household h JOIN identity.tenancy i USING (tenancy_id)
        JOIN truth_tenancies x USING (tenancy_ref)
        JOIN (SELECT tenancy, count(*) AS n, max(person) FILTER (relationship = 'lead') AS lead
              FROM true_member GROUP BY 1) t USING (tenancy)
        LEFT JOIN who w ON w.person_id = h.lead_person_id WHERE h.is_current"""
    )
    # The one tenant whose own record was refused leaves a tenancy without a household.
    refused = landlord.planted["housing.people.impossible_birth_dates"]
    assert landlord.planted["housing.tenancies.current"] - n <= refused
    assert same >= 0.93 * n
    assert led >= 0.98 * n


# --- what people said ----------------------------------------------------------------------------

#: Attributes whose old answers were made wrong on purpose.
STALE = {"internet_access", "bank_account", "contents_insurance", "savings", "preferred_channel"}


def test_the_type_of_a_household_is_the_same_as_answer_and_as_feature(landlord: Landlord) -> None:
    wrong = """SELECT count(*) FROM features.household f
        LEFT JOIN (SELECT * FROM profile.value WHERE attribute = 'household_type' AND origin = 'derived') v
            ON v.subject_id = f.household_id
        WHERE f.core_household_type IS DISTINCT FROM v.value"""
    assert landlord.one(wrong) == (0,)
    derived = "SELECT count(*) > 0 FROM profile.value WHERE attribute = 'household_type'"
    assert landlord.one(derived) == (True,)


def test_disability_follows_from_the_true_answers(council: Landlord) -> None:
    """Where both questions were answered and nothing was told outright, by the rule written out by hand."""
    answered = council.rows("""SELECT c.value, e.value, d.value FROM profile.value d
        JOIN profile.value c ON c.subject_id = d.subject_id AND c.attribute = 'long_term_condition'
        LEFT JOIN profile.value e ON e.subject_id = d.subject_id AND e.attribute = 'day_to_day_effect'
        WHERE d.attribute = 'disability' AND d.origin = 'derived' AND d.state = 'answered'""")
    limited = {
        "a_lot": "limited_a_lot", "a_little": "limited_a_little", "not_at_all": "condition_not_limiting",
    }  # fmt: skip
    assert len(answered) > 100
    for condition, effect, found in answered:
        assert found == ("no_condition" if condition == "no" else limited[effect])


def _truth_sql(answer: Answer, codes: dict[str, str]) -> str:
    column = f"CAST(p.{answer.truth} AS VARCHAR)"
    if answer.unit == "pounds":  # whole pounds were written down
        return f"CAST(p.{answer.truth} // 100 * 100 AS VARCHAR)"
    cases = " ".join(f"WHEN '{a}' THEN '{b}'" for a, b in codes.items())
    return f"CASE {column} {cases} ELSE {column} END" if cases else column


def _codes(answer: Answer) -> dict[str, str]:
    """From the truth's word to ours: the answer's own map, or for CORE's numbers their frame."""
    if answer.attribute not in ("sex_at_birth", "economic_status"):
        return dict(answer.codes)
    catalogue = load()
    codes = catalogue.code_lists[catalogue.attributes[answer.attribute].codes or ""]
    return dict(codes.frames["core_2026"].to_ours)


@pytest.mark.parametrize("attribute", sorted({a.attribute for a in ANSWERS if a.truth}))
def test_what_is_known_is_true(council: Landlord, attribute: str) -> None:
    answer = next(a for a in ANSWERS if a.attribute == attribute and a.truth)
    said = _truth_sql(answer, _codes(answer))
    grain = load().attributes[attribute].grain
    subject = (
        "JOIN who w ON w.person_id = v.subject_id"
        if grain == "person"
        else """JOIN identity.household h ON h.household_id = v.subject_id
                JOIN who w ON w.person_id = h.lead_person_id"""
    )
    n, right, unmarked = council.one(
        f"""SELECT count(*), coalesce(sum(CAST(v.value = {said} AS INT)), 0),
            coalesce(sum(CAST(v.value <> {said} AND NOT v.is_stale AS INT)), 0)
        FROM profile.value v {subject} JOIN truth_people p USING (person)
        WHERE v.attribute = '{attribute}' AND v.state = 'answered'"""
    )
    assert n > 50
    # Income and savings are asked of whoever answers; the household's is the lead tenant's or another's.
    least = 0.95 if attribute in STALE else 0.97 if attribute == "household_income" else 1
    assert right >= least * n
    # What is wrong was said long ago, and the picture says that it needs asking again.
    assert unmarked <= 0.005 * n


def test_refused_stays_refused(council: Landlord) -> None:
    """Whoever said only that they would rather not say is neither blank nor guessed.

    What former tenants said is past its time and gone.
    """
    said: dict[str, set[str]] = {}
    for row in council.extract("profile.csv", encoding="utf-8-sig"):
        said.setdefault(row["CustomerId"], set()).add(row["Religion"])
    only = {ref for ref, answers in said.items() if answers == {"Prefer not to say"}}
    states = council.rows(
        """SELECT r.person_ref, v.state FROM identity.record r
        LEFT JOIN profile.value v ON v.subject_id = r.person_id AND v.attribute = 'religion'
        WHERE r.system = 'crm'
          AND r.person_id IN (SELECT person_id FROM identity.member WHERE is_current)"""
    )
    kept = [state for ref, state in states if ref in only]
    assert len(kept) >= 15
    # A second record of the same person may have answered at another time.
    assert kept.count("refused") >= 0.95 * len(kept)
    assert None not in kept


# --- how accounts are paid -----------------------------------------------------------------------


def test_every_balance_is_the_sum_of_its_entries(landlord: Landlord) -> None:
    n, exact = landlord.one(
        "SELECT count(*), sum(CAST(rent_balance_pence = balance_pence AS INT)) FROM account WHERE class <> 'no_account'"
    )
    assert exact == n
    assert n >= landlord.planted["housing.tenancies.rows"] * 0.9


#: Habit → what the payment features must say of it, and of how many in a hundred (current accounts of
#: half a year and more).
HABITS = {
    "regular_debit": (
        "payment_regularity = 'regular' AND main_payment_method = 'direct_debit'",
        97,
    ),
    "regular_weekly": ("payment_regularity = 'regular'", 97),
    "monthly_on_weekly": ("payment_regularity = 'regular' AND payment_gap_median_days >= 28", 97),
    "late_but_regular": ("payment_regularity = 'late_regular'", 80),
    "erratic": ("payment_regularity = 'erratic'", 90),
    "growing_arrears": ("balance_slope_52w_pence > 0 AND rent_balance_pence > 0", 80),
    "in_credit": ("rent_balance_pence < 0", 90),
    "benefit_full": ("on_housing_benefit AND main_payment_method = 'benefit'", 97),
    "benefit_partial": ("on_housing_benefit", 97),
    "uc_managed": ("on_uc_managed", 97),
    "uc_direct": ("uc_claim_on IS NOT NULL AND NOT on_uc_managed", 97),
}


@pytest.mark.parametrize("habit", sorted(HABITS))
def test_the_habit_behind_an_account_shows(council: Landlord, habit: str) -> None:
    sign, least = HABITS[habit]
    n, shows = council.one(
        f"""SELECT count(*), coalesce(sum(CAST(({sign}) AS INT)), 0) FROM account
        JOIN features.tenancy y USING (tenancy_id)
        WHERE class = '{habit}' AND status = 'current' AND y.tenancy_age_days > 182"""
    )
    assert n >= 4
    assert shows * 100 >= least * n


def test_the_patterns_around_a_universal_credit_claim(council: Landlord) -> None:
    rows = council.rows(
        """SELECT class, uc_pattern FROM account
        WHERE class IN ('uc_rocketer', 'uc_climber', 'uc_dipper', 'uc_slider') AND status = 'current'
          AND uc_pattern IS NOT NULL AND uc_pattern <> 'too_early'"""
    )
    assert len(rows) >= 4
    assert sum(kind == f"uc_{pattern}" for kind, pattern in rows) >= 0.7 * len(rows)


def test_arrears_that_benefit_will_cover_are_technical(landlord: Landlord) -> None:
    """Few payers on benefit in arrears have anything to be chased for; those whose arrears grow all do."""
    on_benefit, technical = landlord.one(
        """SELECT count(*), sum(CAST(technical_arrears_only AS INT)) FROM account
        WHERE status = 'current' AND in_arrears
          AND class IN ('benefit_full', 'benefit_partial', 'uc_direct', 'uc_managed')"""
    )
    assert on_benefit >= 4
    assert technical >= 0.6 * on_benefit
    growing, chased = landlord.one(
        """SELECT count(*), coalesce(sum(CAST(collectable_arrears_pence > 0 AS INT)), 0) FROM account
        WHERE class = 'growing_arrears' AND in_arrears"""
    )
    assert chased == growing


# --- contacts, repairs, damp ---------------------------------------------------------------------


def test_contacts_of_each_tenancy_are_those_of_the_file(council: Landlord) -> None:
    expected = Counter(
        row["TenancyNo"] for row in council.extract("contacts_*.csv", encoding="utf-8-sig")
        if row["Direction"] == "In" and row["TenancyNo"]
        and YEAR_AGO < dt.date.fromisoformat(row["Date"]) <= AS_OF
    )  # fmt: skip
    found = council.rows(
        """SELECT tenancy_ref, tenancy_contacts_in_12m FROM features.tenancy_contact
        JOIN identity.tenancy USING (tenancy_id) WHERE tenancy_contacts_in_12m > 0"""
    )
    assert dict(found) == expected


def _repairs(landlord: Landlord) -> list[dict[str, str]]:
    rows = landlord.extract("repairs_*.csv", encoding="utf-8", above=10)
    return [row for row in rows if row["Status"] != "Cancelled"]


def _reported(row: dict[str, str]) -> dt.date:
    return dt.datetime.strptime(row["Reported"], "%d-%b-%Y").replace(tzinfo=dt.UTC).date()


def test_repairs_of_each_home_are_those_of_the_file(landlord: Landlord) -> None:
    expected = Counter(
        row["Asset ref"] for row in _repairs(landlord) if YEAR_AGO < _reported(row) <= AS_OF
    )
    found = landlord.rows(
        """SELECT property_ref, home_repairs_12m FROM features.home_repair
        JOIN identity.home USING (home_id) WHERE home_repairs_12m > 0"""
    )
    assert dict(found) == expected


def test_damp_is_counted_and_the_planted_clusters_stand_out(landlord: Landlord) -> None:
    since = dt.date(2023, 3, 31)
    expected = Counter(
        row["Asset ref"] for row in _repairs(landlord)
        if row["Damp or mould"] == "Y" and since < _reported(row) <= AS_OF
    )  # fmt: skip
    found = landlord.rows(
        """SELECT property_ref, home_damp_mould_36m FROM features.home_repair
        JOIN identity.home USING (home_id) WHERE home_damp_mould_36m > 0"""
    )
    assert dict(found) == expected
    shares = dict(
        landlord.rows(
            """SELECT damp_cluster, avg(home_damp_mould_36m) FROM truth_homes
            JOIN identity.home USING (property_ref) JOIN features.home_repair USING (home_id) GROUP BY 1"""
        )
    )
    assert shares[True] > 2 * shares[False]


# --- households in their homes, homes in their places --------------------------------------------


@pytest.mark.parametrize("rule", ["bedroom_standard", "size_criteria"])
def test_rooms_needed_are_those_of_the_true_household(council: Landlord, rule: str) -> None:
    """Where the household is found whole: the true number lies in the interval, which is mostly one number."""
    members = council.engine.execute(
        """SELECT i.household_id, p.age, CASE p.sex WHEN 'F' THEN 'female' WHEN 'M' THEN 'male' END AS sex,
            t.relationship, t.relationship = 'lodger' AS lodger,
            t.relationship NOT IN ('lead', 'partner') AS non_dependant
        FROM true_member t JOIN truth_people p USING (person)
        JOIN truth_tenancies x ON x.tenancy = t.tenancy JOIN identity.tenancy i USING (tenancy_ref)
        WHERE t.tenancy NOT IN (
            SELECT tenancy FROM (SELECT tenancy, person FROM found_member) f
            FULL JOIN (SELECT tenancy, person FROM true_member) m USING (tenancy, person)
            WHERE f.person IS NULL OR m.person IS NULL)
        ORDER BY ALL"""
    ).to_arrow_table()
    council.engine.con.register("needed", required(members, rule=rule))
    column = "standard_rooms" if rule == "bedroom_standard" else "size_rooms"
    n, within, told = council.one(
        f"""SELECT count(*),
            sum(CAST(n.rooms_min BETWEEN o.{column}_min AND o.{column}_max AS INT)),
            sum(CAST(o.{column}_min = o.{column}_max AS INT))
        FROM needed n JOIN features.household_occupancy o USING (household_id)"""
    )
    assert n > 300
    assert within >= 0.97 * n  # birth dates with a slip move a child over a limit
    assert told >= 0.95 * n


def test_bedrooms_are_those_of_the_home(landlord: Landlord) -> None:
    n, right, missing = landlord.one(
        """SELECT count(*), sum(CAST(h.bedrooms = t.bedrooms OR h.bedrooms = 0 AND t.bedrooms = 1 AS INT)),
            count(*) FILTER (h.bedrooms IS NULL)
        FROM truth_homes t JOIN identity.home h USING (property_ref)"""
    )
    assert missing == landlord.planted["asset.homes.no_bedrooms"]
    assert right == n - missing


def test_every_home_has_a_place_but_those_with_an_unknown_postcode(landlord: Landlord) -> None:
    with (landlord.directory / "reference" / "postcodes.csv").open(encoding="utf-8") as file:
        directory = {row["pcds"]: row for row in csv.DictReader(file)}
    planted = landlord.planted
    found = landlord.rows(
        """SELECT t.postcode, p.lsoa, p.output_area, p.ward, p.imd_decile, p.place_match
        FROM truth_homes t JOIN identity.home USING (property_ref)
        JOIN features.home_place p USING (home_id)"""
    )
    unmatched = [row for row in found if row[5] != "matched"]
    wrong = planted["asset.homes.unknown_postcode"] + planted["asset.homes.impossible_postcode"]
    assert len(unmatched) == wrong == landlord.issue("home_postcode_unknown", "home")
    for postcode, lsoa, output_area, ward, decile, match in found:
        if match == "matched":
            there = directory[postcode]
            assert (lsoa, output_area, ward) == (
                there["lsoa21cd"],
                there["oa21cd"],
                there["wd25cd"],
            )
            assert 1 <= decile <= 10


# --- what analyses should find -------------------------------------------------------------------


def test_the_young_are_insured_less_often(council: Landlord) -> None:
    shares = dict(
        council.rows(
            """SELECT p.age < 35, avg(CAST(v.value <> 'none' AS INT)) FROM profile.value v
            JOIN identity.household h ON h.household_id = v.subject_id
            JOIN who w ON w.person_id = h.lead_person_id JOIN truth_people p USING (person)
            WHERE v.attribute = 'contents_insurance' AND v.state = 'answered' AND h.is_current GROUP BY 1"""
        )
    )
    assert shares[True] < shares[False] - 0.1


# --- counts that must not move without notice ----------------------------------------------------

GOLDEN = {
    "council": {
        "records": 2256,
        "tenancies": 558,
        "tenancies_with_home": 544,
        "households": 394,
        "homes": 414,
        "entries": 126606,
        "answers": 10169,
        "unplaced": 16,
    },
    "association": {
        "records": 758,
        "tenancies": 203,
        "tenancies_with_home": 197,
        "households": 148,
        "homes": 157,
        "entries": 39274,
        "answers": 3612,
        "unplaced": 12,
    },
    "supported": {
        "records": 1334,
        "tenancies": 401,
        "tenancies_with_home": 395,
        "households": 149,
        "homes": 158,
        "entries": 44594,
        "answers": 7468,
        "unplaced": 21,
    },
}


@pytest.mark.parametrize("name", ["council", "association", "supported"])
def test_counts_stay_as_they_are(name: str, request: pytest.FixtureRequest) -> None:
    """Change these figures only with the reason in the commit: somebody's picture changes with them."""
    landlord: Landlord = request.getfixturevalue(name)
    result = landlord.result
    assert GOLDEN[name] == {
        "records": result.identity.records,
        "tenancies": result.identity.tenancies_total,
        "tenancies_with_home": result.identity.tenancies_with_home,
        "households": result.identity.households,
        "homes": result.identity.homes,
        "entries": result.staging["account_transaction"].accepted,
        "answers": result.staging["answer"].accepted,
        "unplaced": result.totals["profile.unplaced"],
    }
