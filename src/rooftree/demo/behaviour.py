"""How each account is paid: the habit behind it, benefits, and what happens around a Universal Credit claim.

Shares give the arrears that landlords report: 15 to 20% of accounts at any one time, about 45% among
those paid through Universal Credit.
"""

from __future__ import annotations

import numpy as np

from rooftree.demo.draws import NO_DAY, YEAR, Array, Frame, chance, pick, pick_by_row, stream
from rooftree.demo.homes import LEASEHOLD, SHARED
from rooftree.demo.households import APPLICATION
from rooftree.demo.members import LEAD
from rooftree.demo.world import World

CLASSES = (
    "regular_debit", "regular_weekly", "late_but_regular", "erratic", "monthly_on_weekly",
    "benefit_full", "benefit_partial", "uc_direct", "uc_managed", "uc_rocketer", "uc_climber",
    "uc_dipper", "uc_slider", "growing_arrears", "in_credit", "arrangement_kept",
    "arrangement_broken", "no_account",
)  # fmt: skip
(DEBIT, WEEKLY, LATE, ERRATIC, MONTHLY, HB_FULL, HB_PART, UC_DIRECT, UC_MANAGED, ROCKETER, CLIMBER,
 DIPPER, SLIDER, GROWING, CREDIT, KEPT, BROKEN, NO_ACCOUNT) = range(18)  # fmt: skip
UC_CLASSES = (UC_DIRECT, UC_MANAGED, ROCKETER, CLIMBER, DIPPER, SLIDER)
CLAIM_CLASSES = (ROCKETER, CLIMBER, DIPPER, SLIDER)

#: Shares of the classes for people of working age, of pension age, and for owners.
_WORKING = (21, 13, 5, 4, 10, 2, 3, 24, 9, 1.1, 1.6, 1.1, 1.4, 1.6, 4, 2.0, 1.2, 0)
_PENSION = (22, 8, 1.5, 0.8, 7, 34, 20, 0, 0.4, 0, 0, 0, 0, 0.4, 5, 0.6, 0.3, 0)
_OWNER = (78, 0, 5, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0)

WEEK, FORTNIGHT, FOUR_WEEKS, MONTH = range(4)
METHODS = (
    "direct_debit", "standing_order", "card", "cash", "cheque", "online", "payroll", "benefit",
)  # fmt: skip


def build_behaviour(world: World, rents: Frame) -> Frame:
    """Per tenancy: class, how often and when it pays, target balance in weeks of rent, change week.

    `target` is the balance aimed at before a payment (arrears positive); `change` is the week before
    `as_of` in which things changed (a claim, an arrangement, the start of arrears); `share` is the
    part of the rent that housing benefit pays.
    """
    rng = stream(world.landlord.seed, "behaviour")
    t = world.tenancies
    n = len(t["home"])
    kind = _classes(rng, world, rents)
    habit = _HABITS[kind]
    period = pick_by_row(rng, habit)
    return {
        "class": kind,
        "period": period,
        "phase": rng.integers(0, 28, n),
        "method": _methods(rng, kind, period, t["lead_age"]),
        "share": np.where(kind == HB_FULL, 1.0, np.where(kind == HB_PART, rng.uniform(0.3, 0.85, n), 0.0)),
        "target": _targets(rng, kind),
        "change": _changes(rng, t, world.landlord.today, n),
        "keen": _keenness(rng, kind),
    }  # fmt: skip


def _classes(rng: np.random.Generator, world: World, rents: Frame) -> Array:
    t = world.tenancies
    n = len(t["home"])
    pension = t["lead_age"] >= 66
    kind = np.where(pension, pick(rng, _PENSION, n), pick(rng, _WORKING, n))
    lead = world.members["relationship"] == LEAD
    person = np.zeros(n, dtype=int)
    person[world.members["tenancy"][lead]] = world.members["person"][lead]
    work = world.attributes["working_situation"][person]
    # People in full-time work seldom live on benefit.
    employed = np.isin(work, ("1",)) & np.isin(kind, UC_CLASSES) & chance(rng, 0.65, n)
    kind = np.where(employed, pick(rng, [44, 12, 9, 5, 22, 0, 0], n), kind)
    owner = np.isin(t["tenure"], (LEASEHOLD, SHARED))
    kind = np.where(owner, pick(rng, _OWNER, n), kind)
    kind = np.where((rents["end_reason"] == "evicted_arrears"), GROWING, kind)
    kind = np.where((rents["end_reason"] == "abandoned") & chance(rng, 0.7, n), GROWING, kind)
    return np.where(t["status"] == APPLICATION, NO_ACCOUNT, kind).astype(np.int32)


def _habit_table() -> Array:
    table = np.zeros((len(CLASSES), 4))
    table[:] = (0, 0, 0, 1)
    table[WEEKLY] = (0.72, 0.16, 0.12, 0)
    table[LATE] = (0.7, 0.3, 0, 0)
    table[ERRATIC] = (0.5, 0.3, 0, 0.2)
    table[HB_PART] = (0.5, 0.25, 0, 0.25)
    table[GROWING] = (0.5, 0.2, 0, 0.3)
    table[CREDIT] = (0.4, 0.1, 0, 0.5)
    table[KEPT] = table[BROKEN] = (0.6, 0.2, 0, 0.2)
    return table


_HABITS = _habit_table()


def _methods(rng: np.random.Generator, kind: Array, period: Array, age: Array) -> Array:
    """Position in METHODS: the young pay online, the old by cash and card."""
    young = pick(rng, [6, 16, 34, 4, 0, 40, 0], len(kind))
    old = pick(rng, [5, 22, 34, 26, 5, 8, 0], len(kind))
    method = np.where(age < 55, young, old)
    method = np.where(kind == DEBIT, 0, method)
    payroll = (kind == MONTHLY) & chance(rng, 0.06, len(kind))
    return np.where(payroll, 6, np.where((kind == MONTHLY) & (method == 3), 1, method))


def _targets(rng: np.random.Generator, kind: Array) -> Array:
    n = len(kind)
    # Paying in advance: even before a payment the account is not in arrears.
    target = -rng.gamma(1.2, 0.55, n) - 0.15
    # Never behind by less than a week, though every payment comes: a fortnight's rent and more.
    target = np.where(kind == LATE, 3.4 + rng.gamma(1.5, 0.6, n), target)
    target = np.where(kind == ERRATIC, rng.normal(0.5, 3.0, n), target)
    target = np.where(kind == CREDIT, -2.0 - rng.gamma(2.0, 3.0, n), target)
    # Universal Credit comes monthly in arrears: about half the month such an account owes a little.
    target = np.where(np.isin(kind, UC_CLASSES), rng.normal(1.9, 2.4, n), target)
    target = np.where(kind == UC_MANAGED, rng.normal(1.6, 2.6, n), target)
    target = np.where(kind == HB_FULL, 0.0, target)
    return np.where(kind == HB_PART, rng.normal(-0.8, 0.7, n), target)


def _keenness(rng: np.random.Generator, kind: Array) -> Array:
    """What part of the distance to the target a payment closes."""
    keen = np.full(len(kind), 0.30)
    keen[kind == DEBIT] = 0.05
    keen[kind == ERRATIC] = 0.22
    keen[kind == UC_MANAGED] = 0.08
    return keen


def _changes(rng: np.random.Generator, t: Frame, today: int, n: int) -> Array:
    """Weeks before the end of the account at which its story turns; at least half a year in."""
    last = np.where(t["end"] == NO_DAY, today, t["end"])
    life = np.maximum((last - t["start"]) / 7, 2)
    most = np.minimum(life * 0.7, 3 * YEAR / 7)
    return np.maximum(rng.uniform(0.25, 1.0, n) * most, 6).astype(int)
