"""How a tenancy pays: each payment feature on a tiny rent account. Money is in pence, arrears positive."""

from __future__ import annotations

import datetime as dt

import pytest

from rooftree.features.arrears_priority import priority_sql
from rooftree.features.build import build
from rooftree.features.parameters import filled
from rooftree.features.schema import TENANCY_PAYMENT
from rooftree.storage.portable import compile_sql
from rooftree.vocabulary.errors import DefinitionError
from tests.spec.world import AS_OF, ago, one, world

RENT = 100_00


def entry(on: dt.date, amount: int, kind: str = "rent", **more: object) -> dict:
    return {
        "system": "housing",
        "tenancy_ref": "T1",
        "posted_on": on,
        "amount_pence": amount,
        "kind": kind,
        **more,
    }


def weekly(weeks: int, *, rent: int = RENT) -> list[dict]:
    """A charge each week, the newest on as_of."""
    return [entry(ago(weeks=week), rent) for week in range(weeks)]


def paid(*weeks_ago: int, amount: int = RENT, kind: str = "payment", **more: object) -> list[dict]:
    return [entry(ago(weeks=week), -amount, kind, **more) for week in weeks_ago]


def account(
    *entries: dict,
    refs: tuple[tuple[str, str, str], ...] = (("tenancy_ref", "*", "T1"),),
    cases: tuple[dict, ...] = (),
    parameters: dict | None = None,
    **tenancy: object,
):
    """The features of the one tenancy that has these entries."""
    held = {"tenancy_id": "T", "rent_pence": RENT, "charge_frequency": "weekly", **tenancy}
    engine = world(
        staging_account_transaction=list(entries),
        staging_case=[{"system": "housing", "tenancy_ref": "T1", **case} for case in cases],
        identity_tenancy=[held],
        identity_tenancy_ref=[
            {"ref_kind": kind, "system": system, "ref": ref, "tenancy_id": "T"}
            for kind, system, ref in refs
        ],
    )
    build(engine, as_of=AS_OF, parameters=parameters)
    return lambda *columns: one(engine, TENANCY_PAYMENT, *columns)


# --- the balance, now and before -----------------------------------------------------------------


def test_the_balance_is_the_sum_of_the_entries_up_to_as_of():
    of = account(*weekly(3), *paid(1), entry(AS_OF + dt.timedelta(days=1), 999_99))
    assert of("rent_balance_pence", "balance_basis", "in_arrears") == (200_00, "ledger", True)


def test_without_a_ledger_the_balance_a_system_shows_stands_in():
    of = account(balance_pence=-5_00)
    assert of("rent_balance_pence", "balance_basis", "in_arrears") == (-5_00, "shown", False)
    assert of("payment_regularity", "payments_52w", "days_since_payment") == (None, None, None)


def test_the_balance_so_many_weeks_ago_counts_entries_at_least_that_old():
    of = account(
        *(entry(ago(weeks=week), 1 << place) for place, week in enumerate((0, 4, 13, 26, 52)))
    )
    assert of("rent_balance_pence") == 0b11111
    assert of("rent_balance_4w_ago_pence") == 0b11110
    assert of("rent_balance_13w_ago_pence") == 0b11100
    assert of("rent_balance_26w_ago_pence") == 0b11000
    assert of("rent_balance_52w_ago_pence") == 0b10000


def test_a_day_short_of_four_weeks_is_not_four_weeks_ago():
    of = account(entry(ago(27), 5))
    assert of("rent_balance_4w_ago_pence") == 0
    assert account(entry(ago(28), 5))("rent_balance_4w_ago_pence") == 5


def test_peak_and_lowest_are_taken_at_thirteen_four_weekly_points():
    of = account(entry(ago(weeks=48), 300), entry(ago(weeks=30), -500), entry(ago(weeks=2), 100))
    assert of("peak_balance_52w_pence", "lowest_balance_52w_pence") == (300, -200)


def test_days_in_arrears_count_back_to_the_last_four_weekly_point_that_was_clear():
    assert account(entry(ago(weeks=9), 50))("days_in_arrears") == 56
    assert account(entry(ago(3), 50))("days_in_arrears") == 0
    assert account(entry(ago(weeks=60), 50))("days_in_arrears") == 336
    assert account(entry(ago(weeks=60), -50))("days_in_arrears") == 0


@pytest.mark.parametrize("weeks", [13, 52])
def test_the_slope_is_the_least_squares_line_through_the_weekly_balances(weeks):
    of = account(*weekly(80))  # a pound more each week, never paid
    assert of(f"balance_slope_{weeks}w_pence") == pytest.approx(RENT)
    steps = [entry(ago(weeks=90), 40_00), entry(ago(weeks=5), -30_00), entry(ago(weeks=2), 11_00)]
    balances = [
        sum(e["amount_pence"] for e in steps if e["posted_on"] <= ago(weeks=k))
        for k in range(weeks)
    ]
    middle = (weeks - 1) / 2
    mean = sum(balances) / weeks
    slope = sum((middle - k) * (b - mean) for k, b in enumerate(balances)) / sum(
        (middle - k) ** 2 for k in range(weeks)
    )
    assert account(*steps)(f"balance_slope_{weeks}w_pence") == pytest.approx(slope)


# --- the charge, in every rhythm -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("frequency", "weeks", "rent", "weekly_pence"),
    [
        ("weekly", None, 100_00, 100_00),
        *(("weekly", weeks, 52_00, weeks * 100) for weeks in range(46, 54)),
        ("fortnightly", None, 200_00, 100_00),
        ("fortnightly", 48, 52_00, 24_00),
        ("four_weekly", None, 400_00, 100_00),
        ("monthly", None, 520_00, 120_00),
        ("monthly", 53, 520_00, 120_00),
    ],
)
def test_the_weekly_charge_of_every_rhythm(frequency, weeks, rent, weekly_pence):
    of = account(
        rent_pence=rent,
        charge_frequency=frequency,
        charge_weeks=weeks,
        balance_pence=weekly_pence * 3,
    )
    assert of("weekly_charge_pence", "charge_basis") == (weekly_pence, "agreement")
    assert of("weeks_behind") == pytest.approx(3)


def test_the_service_charge_is_part_of_the_weekly_charge():
    assert account(rent_pence=90_00, service_charge_pence=10_00)("weekly_charge_pence") == 100_00


def test_without_an_agreed_rent_the_charges_posted_stand_in():
    of = account(*weekly(52), rent_pence=None, charge_frequency=None)
    assert of("weekly_charge_pence", "charge_basis") == (RENT, "ledger")
    # an account that is ten weeks old is spread over ten weeks
    assert account(*weekly(10), rent_pence=None)("weekly_charge_pence") == RENT


def test_without_any_charge_weeks_behind_cannot_be_told():
    assert account(entry(AS_OF, 5, "adjustment"), rent_pence=None)(
        "weeks_behind", "charge_basis"
    ) == (None, "none")


# --- payments ------------------------------------------------------------------------------------


def test_payments_are_money_received_from_the_tenant_or_benefit():
    of = account(
        *weekly(60), *paid(1), *paid(2, kind="housing_benefit"), *paid(3, kind="uc_direct"),
        *paid(14), *paid(30), *paid(52), entry(ago(1), 5_00, "payment"), entry(ago(1), -7_00, "adjustment"),
    )  # fmt: skip
    assert of("payments_13w", "payments_26w", "payments_52w") == (3, 4, 5)
    assert of("paid_52w_pence", "charged_52w_pence") == (500_00, 52 * RENT)
    assert of("last_payment_on", "days_since_payment") == (ago(7), 7)


def test_missed_weeks_count_weeks_without_any_payment():
    of = account(*paid(0, 0, 1, 2, 20, 51, 52))
    assert of("missed_weeks_13w", "missed_weeks_26w", "missed_weeks_52w") == (10, 22, 47)
    assert account(entry(AS_OF, 1))("missed_weeks_52w") == 52


def test_gaps_between_the_days_of_payment():
    of = account(*(entry(ago(days), -1, "payment") for days in (0, 0, 10, 20, 50)))
    assert of("payment_gap_mean_days", "payment_gap_median_days") == (pytest.approx(50 / 3), 10)
    assert of("payment_gap_sd_days") == pytest.approx(11.547, abs=0.001)
    assert of("steady_gap_share") == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("entries", "regularity"),
    [
        ([*weekly(53), *paid(*range(53))], "regular"),
        ([*weekly(53), *paid(*range(0, 53, 2), amount=2 * RENT)], "regular"),
        ([*weekly(53), *paid(*range(0, 53, 4), amount=4 * RENT)], "regular"),
        ([*weekly(60), *paid(*range(52))], "late_regular"),
        ([*weekly(53), *paid(0, 1, 5, 13, 14, 25, 40)], "erratic"),
        ([*weekly(53), *paid(3, 9, 20)], "too_few"),
        ([*weekly(53), *paid(27, 28, 29, 30, 31, 32)], "none"),
    ],
    ids=[
        "weekly",
        "fortnightly",
        "four-weekly",
        "always behind",
        "no rhythm",
        "three payments",
        "stopped",
    ],
)
def test_regularity(entries, regularity):
    assert account(*entries)("payment_regularity") == regularity


def test_a_monthly_payer_is_regular_although_months_differ():
    firsts = [dt.date(2025 + month // 12, month % 12 + 1, 1) for month in range(4, 15)]
    ahead = entry(ago(weeks=60), -600_00, "opening_balance")
    of = account(ahead, *weekly(53), *(entry(day, -433_33, "payment") for day in firsts))
    assert of("payment_regularity") == "regular"


def test_the_main_way_of_paying():
    of = account(*paid(1, 2, method="cash"), *paid(3, 4, 5, method="direct_debit"), *paid(6))
    assert of("main_payment_method") == "direct_debit"
    assert (
        account(*paid(1, method="online"), *paid(2, method="card"))("main_payment_method") == "card"
    )
    assert account(*paid(1, 2, kind="housing_benefit"))("main_payment_method") == "benefit"


# --- book arrears --------------------------------------------------------------------------------


def test_a_weekly_payer_without_benefit_has_no_book_arrears():
    of = account(*weekly(3))
    assert of("book_arrears_pence", "collectable_arrears_pence", "technical_arrears_only") == (
        0,
        300_00,
        False,
    )


def test_what_the_next_managed_payment_covers_is_not_collectable():
    # four weeks' rent came three weeks ago; three weeks and the lag of one have built up since
    of = account(
        *weekly(30), *paid(3, amount=26 * RENT), *paid(3, kind="uc_direct", amount=4 * RENT - 1)
    )
    assert of("on_uc_managed", "expected_benefit_pence") == (True, 399_99)
    assert of("rent_balance_pence", "book_arrears_pence", "technical_arrears_only") == (1, 1, True)
    owing = account(
        *weekly(40), *paid(3, amount=26 * RENT), *paid(3, kind="uc_direct", amount=4 * RENT)
    )
    assert owing("rent_balance_pence", "book_arrears_pence") == (1000_00, 400_00)
    assert owing("collectable_arrears_pence", "technical_arrears_only") == (600_00, False)


def test_book_arrears_never_exceed_what_has_been_charged_since():
    of = account(*weekly(40), *paid(1, kind="housing_benefit", amount=4 * RENT))
    assert of("book_arrears_pence") == 100_00


def test_universal_credit_paid_to_the_tenant_allows_a_month():
    claim = {
        "case_ref": "1",
        "kind": "benefit_claim",
        "subtype": "universal_credit",
        "opened_on": ago(200),
    }
    of = account(*weekly(40), *paid(4, amount=4 * RENT), cases=(claim,))
    assert of("expected_benefit_pence", "book_arrears_pence") == (433_33, 433_33)


def test_benefit_that_stopped_is_no_longer_expected():
    of = account(*weekly(40), *paid(10, kind="housing_benefit"))
    assert of("on_housing_benefit", "book_arrears_pence") == (False, 0)
    longer = account(
        *weekly(40), *paid(10, kind="housing_benefit"), parameters={"benefit_recent_days": 70}
    )
    assert longer("on_housing_benefit", "book_arrears_pence") == (True, 100_00)


def test_the_week_rule_takes_off_the_entries_of_the_last_seven_days():
    of = account(*weekly(5), entry(ago(2), -30_00, "payment"))
    assert of("rent_balance_pence", "collectable_arrears_week_pence") == (470_00, 400_00)


# --- around a Universal Credit claim -------------------------------------------------------------

CLAIM = {
    "case_ref": "1",
    "kind": "benefit_claim",
    "subtype": "universal_credit",
    "opened_on": ago(weeks=60),
}


def moves(before: int, after: int, later: int) -> list[dict]:
    """An account whose balance changes by so much before the claim, and in each half year after it."""
    return [
        entry(ago(weeks=100), 5000_00),
        entry(ago(weeks=70), before),
        entry(ago(weeks=50), after),
        entry(ago(weeks=20), later),
    ]


@pytest.mark.parametrize(
    ("after", "later", "pattern"),
    [
        (+500_00, +500_00, "rocketer"),
        (+500_00, -200_00, "climber"),
        (+500_00, 0, "climber"),
        (-500_00, +300_00, "dipper"),
        (-500_00, -500_00, "slider"),
        (-500_00, 0, "slider"),
        (+200_00, -200_00, "steady"),  # rent-free weeks alone move a balance by two
        (0, +500_00, "climber"),
        (0, -500_00, "slider"),
    ],
)
def test_the_patterns_around_a_claim(after, later, pattern):
    of = account(*moves(50_00, after, later), cases=(CLAIM,))
    assert of("uc_pattern", "uc_claim_on", "uc_claim_basis") == (
        pattern,
        CLAIM["opened_on"],
        "case",
    )
    changes = of("uc_change_before_pence", "uc_change_after_pence", "uc_change_later_pence")
    assert changes == (50_00, after, later)


def test_without_a_case_the_first_managed_payment_dates_the_claim():
    of = account(*weekly(60), *paid(10, 6, 2, kind="uc_direct"))
    assert of("uc_claim_on", "uc_claim_basis", "uc_pattern") == (
        ago(weeks=10),
        "first_managed_payment",
        "too_early",
    )


def test_without_a_claim_there_is_no_pattern():
    assert account(*weekly(60))("uc_claim_on", "uc_pattern") == (None, None)


# --- references ----------------------------------------------------------------------------------


def test_entries_under_two_references_of_one_tenancy_add_up():
    of = account(
        *weekly(2), *paid(1),
        entry(ago(weeks=3), 10_00, tenancy_ref="OLD7"), entry(ago(weeks=2), -4_00, "payment", tenancy_ref="OLD7"),
        entry(AS_OF, 1_00, tenancy_ref=None, payment_ref="P9"),
        refs=(("tenancy_ref", "*", "T1"), ("tenancy_ref", "*", "OLD7"), ("payment_ref", "*", "P9")),
    )  # fmt: skip
    assert of("rent_balance_pence", "payments_13w", "missed_weeks_13w") == (107_00, 2, 11)
    assert of("payment_gap_mean_days") == 7


def test_a_private_reference_belongs_to_its_own_system_only():
    of = account(
        *weekly(1), entry(AS_OF, 7, system="crm"), refs=(("tenancy_ref", "housing", "T1"),)
    )
    assert of("rent_balance_pence") == RENT


# --- priority ------------------------------------------------------------------------------------

CLEAR = {
    "balance_pence": 0, "days_in_arrears": 0, "days_since_payment": 0, "amount_delta_pence": 0, "date_delta_days": 0,
    "broken": 0, "arrangement_active": False, "court_broken": False, "notice_served": False, "notice_active": False,
}  # fmt: skip


def priority(**given: object) -> tuple[int, str]:
    values = ", ".join(f"{value} AS {name}" for name, value in {**CLEAR, **given}.items())
    sql = priority_sql(f"SELECT 1 AS id, {values}", keep="id")
    compiled = compile_sql(sql, where="priority", parameters=filled(AS_OF))
    return world().rows(compiled)[0][1:]


def test_the_score_of_two_worked_cases():
    first = priority(balance_pence=600_00, days_in_arrears=70, days_since_payment=21, broken=1)
    assert first == (34, "amber")
    second = priority(
        balance_pence=1500_00, days_in_arrears=250, days_since_payment=60, broken=4,
        notice_served=True, notice_active=True,
    )  # fmt: skip
    assert second == (146, "red")


@pytest.mark.parametrize(
    ("given", "band"),
    [
        ({}, "green"),
        ({"balance_pence": 350_00}, "green"),
        ({"balance_pence": 350_01}, "amber"),
        ({"balance_pence": 1049_01}, "red"),
        ({"balance_pence": 1049_01, "arrangement_active": True}, "green"),
        ({"days_in_arrears": 106}, "amber"),
        ({"days_in_arrears": 211}, "red"),
        ({"notice_served": True}, "amber"),
        ({"notice_served": True, "days_since_payment": 28}, "red"),
        ({"court_broken": True}, "red"),
        ({"broken": 1}, "amber"),
        ({"broken": 3}, "red"),
        ({"amount_delta_pence": 1}, "red"),
        ({"date_delta_days": -4}, "red"),
        ({"days_since_payment": 105}, "amber"),  # a score of 158 lifts green to amber
        ({"days_since_payment": 210, "arrangement_active": True}, "amber"),
        ({"days_since_payment": 210, "broken": 1}, "red"),  # a score of 635 lifts amber to red
    ],
)
def test_the_bands(given, band):
    assert priority(**given)[1] == band


def test_an_unknown_parameter_is_refused():
    with pytest.raises(DefinitionError, match="uc_lag is not a parameter"):
        account(parameters={"uc_lag": 1})
