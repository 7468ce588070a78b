"""Rent accounts week by week: charges, benefit and payments, and the letters that arrears bring.

Balances are simulated for thousands of tenancies at once, one week after the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rooftree.demo import behaviour as habits
from rooftree.demo.draws import NO_DAY, YEAR, Array, Frame, date, stream, take
from rooftree.demo.world import World

CHUNK = 6_000  # tenancies simulated together: about 60 MB
KINDS = ("OBAL", "RENT", "SERV", "HB", "UC", "PAY", "REF", "WOFF")
OPENING, RENT, SERVICE, BENEFIT, UC, PAYMENT, REFUND, WRITE_OFF = range(8)
#: Rent increases of the last Aprils, newest first.
_RISES = (1.027, 1.077, 1.07, 1.041, 1.015, 1.027)
_ACTIONS = ("letter_1", "letter_2", "notice", "court_warning")
_STEPS = np.array([2.0, 3.0, 4.0, 8.0])  # weeks of rent owed before each


@dataclass(frozen=True, slots=True)
class Calendar:
    """The weeks of the window: Mondays, the first day of a month in each, and rent-free weeks."""

    mondays: Array
    first_of_month: Array  # offset of the day from Monday, -1 where no month begins
    december: Array
    march: Array
    rise: Array  # what the rent was, as a part of today's


@dataclass(frozen=True, slots=True)
class Ledger:
    """Entries of a run of tenancies, in order of tenancy and day, with the arrears actions taken."""

    entries: Frame  # tenancy, day, pence, kind, method
    actions: Frame  # tenancy, day, action
    balance: Array  # per tenancy of the run
    first: int


def calendar(today: int, years: int) -> Calendar:
    """The weeks from `years` ago to `today`."""
    opens = today - int(years * YEAR)
    monday = opens + (4 - opens) % 7
    mondays = np.arange(monday, today + 1, 7)
    dates = [date(d) for d in mondays]
    first = np.full(len(mondays), -1)
    for at, day in enumerate(dates):
        for offset in range(7):
            if (day + dt.timedelta(days=offset)).day == 1:
                first[at] = offset
    year = np.array([d.year - (1 if d.month < 4 else 0) for d in dates])
    rise = np.ones(len(mondays))
    for back in range(1, int(year[-1] - year[0]) + 1):
        rise[year == year[-1] - back] = 1 / np.prod([_RISES[k % 6] for k in range(back)])
    return Calendar(
        mondays,
        first,
        np.array([d.month == 12 and d.day >= 18 for d in dates]),
        np.array([d.month == 3 and d.day >= 18 for d in dates]),
        rise,
    )


def simulate(world: World, rents: Frame, habit: Frame) -> Iterator[Ledger]:
    """All accounts, a chunk of tenancies at a time."""
    weeks = calendar(world.landlord.today, world.landlord.years)
    n = len(world.tenancies["home"])
    for first in range(0, n, CHUNK):
        rows = np.arange(first, min(first + CHUNK, n))
        yield _Run(world, take(rents, rows), take(habit, rows), weeks, rows).ledger()


class _Run:
    """One chunk of tenancies being simulated."""

    def __init__(
        self, world: World, rents: Frame, habit: Frame, weeks: Calendar, rows: Array
    ) -> None:
        self.rng = stream(world.landlord.seed, "ledger", int(rows[0]))
        self.rents, self.habit, self.weeks, self.rows = rents, habit, weeks, rows
        self.today = world.landlord.today
        tenancies = take(world.tenancies, rows)
        self.start = tenancies["start"]
        self.end = np.where(tenancies["end"] == NO_DAY, self.today, tenancies["end"])
        self.council = world.landlord.kind == "council"
        self.kind = habit["class"]
        self.gross = rents["rent_pence"] + rents["service_pence"]
        way = rents["way"]
        per = np.where(way == 0, rents["weeks"] / 52, np.where(way == 1, 0.25, 12 / 52))
        self.weekly = np.maximum(self.gross * per, 1.0)  # pence due per week, over the year
        self.on = self.kind != habits.NO_ACCOUNT
        # Columns of a week: charge, benefit, payment.
        self.slots = np.zeros((len(rows), len(weeks.mondays), 3), dtype=np.int32)

    def ledger(self) -> Ledger:
        """Play every week and gather what was entered."""
        opening = self._opening()
        balance = opening.astype(float)
        stage = np.zeros(len(self.rows), dtype=int)
        since = np.full(len(self.rows), -99)
        actions: list[tuple[Array, int, Array]] = []
        for week, monday in enumerate(self.weeks.mondays):
            live = self.on & (self.start <= monday) & (self.end >= monday)
            charge = np.where(live, self._charge(week), 0)
            benefit = np.where(live, self._benefit(week, charge), 0)
            balance += charge - benefit
            payment = np.where(live, self._payment(week, balance), 0)
            balance -= payment
            self.slots[:, week, 0] = charge
            self.slots[:, week, 1] = -benefit
            self.slots[:, week, 2] = -payment
            stage = np.where(balance <= 0, 0, stage)
            owed = balance / self.weekly
            due = live & (stage < 4) & (owed >= _STEPS[np.minimum(stage, 3)]) & (week - since >= 2)
            if due.any():
                at = np.flatnonzero(due)
                actions.append((at, int(monday) + 3, stage[at]))
                stage[at] += 1
                since[at] = week
        return self._gather(opening, actions)

    def _opening(self) -> Array:
        before = self.on & (self.start < self.weeks.mondays[0])
        length = np.array([1.0, 2.0, 4.0, 52 / 12])[self.habit["period"]]
        weeks = self.habit["target"] - self.rng.random(len(self.rows)) * length
        weekly = self.council & (self.rents["way"] == 0)
        weeks = np.where(self.kind == habits.HB_FULL, np.where(weekly, 0.0, -2.2), weeks)
        weeks = np.where(self.kind == habits.SLIDER, 6.0, weeks)
        weeks = np.where(self.kind == habits.UC_MANAGED, np.maximum(weeks, 4.0), weeks)
        rise = self.weeks.rise[0]
        return np.where(before, np.round(weeks * self.weekly * rise), 0).astype(np.int64)

    def _charge(self, week: int) -> Array:
        way, w = self.rents["way"], self.weeks
        free = w.december[week] & (self.rents["weeks"] < 52)
        free = free | (w.march[week] & (self.rents["weeks"] == 48))
        due = np.where(
            way == 0, ~free, np.where(way == 1, week % 4 == 0, w.first_of_month[week] >= 0)
        )
        return np.where(due, np.round(self.gross * w.rise[week]), 0).astype(np.int64)

    def _benefit(self, week: int, charge: Array) -> Array:
        """Housing benefit: credited weekly by a council, every four weeks in arrears to others."""
        share = self.habit["share"]
        four_weeks = (week + self.habit["phase"]) % 4 == 0
        arrears = np.where(four_weeks, self.weekly * 4 * self.weeks.rise[week], 0)
        weekly = self.council & (self.rents["way"] == 0)
        return np.round(share * np.where(weekly, charge, arrears)).astype(np.int64)

    def _payment(self, week: int, balance: Array) -> Array:
        habit, kind, n = self.habit, self.kind, len(self.rows)
        pays = self._payday(week)
        length = np.array([1.0, 2.0, 4.0, 52 / 12])[habit["period"]]
        weekly = self.weekly * self.weeks.rise[week] * (1 - habit["share"])
        due = weekly * length
        factor, keen, pays = self._story(week, pays)
        amount = due * factor + keen * (balance - habit["target"] * weekly)
        erratic = kind == habits.ERRATIC
        amount = np.where(erratic, amount * self.rng.lognormal(0.0, 0.6, n), amount)
        pays &= ~erratic | (self.rng.random(n) < 0.62)
        pays &= (kind != habits.LATE) | (self.rng.random(n) < 0.95)
        pays &= kind != habits.HB_FULL
        step = np.where(np.isin(habit["method"], (2, 3)), 100, 1)
        amount = np.round(amount / step) * step
        amount = np.where(kind == habits.DEBIT, np.maximum(amount, due * 0.5), amount)
        return np.where(pays & (amount > 100), amount, 0).astype(np.int64)

    def _payday(self, week: int) -> Array:
        habit = self.habit
        phase = habit["phase"]
        monday = date(self.weeks.mondays[week])
        # A month's payday is a day from 1 to 28; it falls in this week or not.
        until = (phase + 1 - monday.day) % _month_length(monday)
        month = until < 7
        return np.select(
            [habit["period"] == 0, habit["period"] == 1, habit["period"] == 2],
            [True, (week + phase) % 2 == 0, (week + phase) % 4 == 0],
            month,
        )

    def _story(self, week: int, pays: Array) -> tuple[Array, Array, Array]:
        """How much of what is due is paid, how hard it tries, and whether it pays, as the story goes."""
        kind, keen = self.kind, self.habit["keen"].copy()
        monday = self.weeks.mondays[week]
        gone = ((monday - self.end) // 7 + self.habit["change"]).astype(
            float
        )  # weeks since the turn
        after = gone >= 0
        factor = np.ones(len(kind))
        claim = np.isin(kind, habits.CLAIM_CLASSES) & after
        pays = pays & ~(claim & (gone < 5) & np.isin(kind, (habits.ROCKETER, habits.CLIMBER)))
        for which, value in (
            (habits.ROCKETER, np.full(len(kind), 0.62)),
            (habits.CLIMBER, np.where(gone < 14, 0.35, 1.10)),
            (habits.DIPPER, np.where(gone < 26, 1.30, 0.66)),
            (habits.SLIDER, np.full(len(kind), 1.18)),
            (habits.GROWING, np.full(len(kind), 0.72)),
        ):
            at = (kind == which) & after
            factor = np.where(at, value, factor)
            keen = np.where(at & (which != habits.SLIDER), 0.0, np.where(at, 0.01, keen))
        low = (kind == habits.SLIDER) & ~after
        keen = np.where(low, 0.0, keen)
        before = np.isin(kind, (habits.KEPT, habits.BROKEN)) & ~after & (gone > -40)
        factor = np.where(before, 0.74, factor)
        kept = (kind == habits.KEPT) & after
        factor = np.where(kept, 1.18, factor)
        keen = np.where(before | kept, 0.0, keen)
        broken = (kind == habits.BROKEN) & after
        factor = np.where(broken, np.where(gone < 9, 1.2, 0.85), factor)
        return factor, np.where(broken, 0.0, keen), pays

    def _gather(self, opening: Array, actions: list[tuple[Array, int, Array]]) -> Ledger:
        at, week, slot = np.nonzero(self.slots)
        pence = self.slots[at, week, slot].astype(np.int64)
        day = self.weeks.mondays[week] + self._offsets(at, week, slot)
        keep = (day <= self.today) & (day >= self.start[at])
        at, pence, day, slot = at[keep], pence[keep], day[keep], slot[keep]
        owner = self.rents["rent_pence"][at] == 0
        managed = self.kind[at] == habits.UC_MANAGED
        kind = np.where(
            slot == 0,
            np.where(owner, SERVICE, RENT),
            np.where(slot == 1, BENEFIT, np.where(managed, UC, PAYMENT)),
        )
        method = np.where(
            slot == 0, -1, np.where((slot == 1) | managed, 7, self.habit["method"][at])
        )
        first = np.flatnonzero(opening)
        entries = {
            "tenancy": np.concatenate([first, at]) + self.rows[0],
            "day": np.concatenate([np.full(len(first), self.weeks.mondays[0]), day]),
            "pence": np.concatenate([opening[first], pence]),
            "kind": np.concatenate([np.full(len(first), OPENING), kind]).astype(np.int8),
            "method": np.concatenate([np.full(len(first), -1), method]).astype(np.int8),
        }
        balance = np.zeros(len(self.rows), dtype=np.int64)
        np.add.at(balance, entries["tenancy"] - self.rows[0], entries["pence"])
        return Ledger(
            self._closed(entries, balance), self._acts(actions), balance, int(self.rows[0])
        )

    def _offsets(self, at: Array, week: Array, slot: Array) -> Array:
        """Days after Monday: the first of the month for a monthly charge, a payday, or a whim."""
        phase, period = self.habit["phase"], self.habit["period"]
        monthly = (slot == 0) & (self.rents["way"][at] == 2)
        monday_day = np.array([date(d).day for d in self.weeks.mondays])
        length = np.array([_month_length(date(d)) for d in self.weeks.mondays])
        payday = (phase[at] + 1 - monday_day[week]) % length[week]
        fixed = np.where(period[at] == 3, np.minimum(payday, 6), phase[at] % 5)
        paid = np.where(self.kind[at] == habits.ERRATIC, self.rng.integers(0, 7, len(at)), fixed)
        # Late by a day or two, and then on the usual day again.
        late = self.kind[at] == habits.LATE
        paid = np.where(late, np.minimum(fixed + self.rng.integers(0, 3, len(at)), 6), paid)
        return np.where(slot == 2, paid, np.where(monthly, self.weeks.first_of_month[week], 0))

    def _closed(self, entries: Frame, balance: Array) -> Frame:
        """Credits of ended accounts are refunded; one former tenant's debt in seven is written off."""
        ended = self.end < self.today - 60
        refund = np.flatnonzero(ended & (balance < 0))
        off = np.flatnonzero(ended & (balance > 0) & (self.rng.random(len(balance)) < 0.15))
        at = np.concatenate([refund, off])
        if not len(at):
            return entries
        more = {
            "tenancy": at + self.rows[0],
            "day": self.end[at] + 45,
            "pence": -balance[at],
            "kind": np.where(np.arange(len(at)) < len(refund), REFUND, WRITE_OFF).astype(np.int8),
            "method": np.full(len(at), -1, dtype=np.int8),
        }
        balance[at] = 0
        return {name: np.concatenate([entries[name], more[name]]) for name in entries}

    def _acts(self, actions: list[tuple[Array, int, Array]]) -> Frame:
        if not actions:
            return {name: np.zeros(0, dtype=int) for name in ("tenancy", "day", "action")}
        return {
            "tenancy": np.concatenate([a for a, _, _ in actions]) + self.rows[0],
            "day": np.concatenate([np.full(len(a), d) for a, d, _ in actions]),
            "action": np.concatenate([s for _, _, s in actions]),
        }


def _month_length(day: dt.date) -> int:
    return (dt.date(day.year + day.month // 12, day.month % 12 + 1, 1) - dt.timedelta(days=1)).day


#: Names of the arrears actions, by number.
ACTIONS = _ACTIONS
