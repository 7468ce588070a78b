"""The soft checks: what is possible and unusual is asked again, and recorded when the answer is yes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from rooftree.catalogue.model import Attribute
from rooftree.identity.normalise import telephone
from rooftree.vocabulary.states import State

_VERY_OLD = 105
_ADULT_FROM = 16
_MANY_DAYS = 300  # further ahead than a pregnancy lasts
_WEEKS_IN_A_MONTH = 52 / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known beside the answer.

    `held` is the value that stands now, where there is one; `is_named` that the person is named on an
    agreement; `n_members` how many people are known to live in the household.
    """

    today: dt.date
    held: str | None = None
    is_named: bool = False
    n_members: int | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """One unusual thing about an answer: `key` names the rule, `question` asks the person at the keyboard."""

    key: str
    question: str


def doubts_of(
    state: State, value: str | None, attribute: Attribute, circumstances: Circumstances
) -> tuple[Doubt, ...]:
    """Everything unusual about an answer that passed the hard checks."""
    if state is not State.ANSWERED or value is None:
        return ()
    return tuple(_doubts(value, attribute, circumstances))


def _doubts(value: str, attribute: Attribute, known: Circumstances) -> Iterator[Doubt]:
    match attribute.type:
        case "number" | "money":
            yield from _of_amount(float(value), attribute, known)
        case "date":
            yield from _of_date(dt.date.fromisoformat(value), attribute, known)
        case "text":
            yield from _of_text(value, attribute)


def _of_amount(amount: float, attribute: Attribute, known: Circumstances) -> Iterator[Doubt]:
    is_money = attribute.type == "money"
    said = _pounds(amount) if is_money else f"{amount:g} {attribute.unit}".strip()
    low, high = attribute.usual_minimum, attribute.usual_maximum
    if (low is not None and amount < low) or (high is not None and amount > high):
        what = "less" if low is not None and amount < low else "more"
        yield Doubt("unusual", f"{said} is {what} than usual. Is that right?")
    held = float(known.held) if known.held else 0.0
    if is_money and held > 0 and attribute.unit.endswith("a week"):
        # The commonest slip is a monthly amount in place of a weekly one: 52 weeks to 12 months.
        ratio = amount / held
        if 0.9 <= ratio / _WEEKS_IN_A_MONTH <= 1.1:
            yield Doubt(
                "monthly",
                f"{said} is about four and a third times the {_pounds(held)} on record, as a month is to a "
                "week. Is it the amount for one week?",
            )
    if attribute.key == "household_size" and known.n_members and int(amount) != known.n_members:
        people = "1 person lives" if known.n_members == 1 else f"{known.n_members} people live"
        yield Doubt("members", f"{people} there as far as we know. Is {int(amount)} right?")


def _pounds(pence: float) -> str:
    return f"£{pence / 100:,.2f}".removesuffix(".00")


def _of_date(day: dt.date, attribute: Attribute, known: Circumstances) -> Iterator[Doubt]:
    if attribute.key == "date_of_birth":
        age = _age(day, known.today)
        if age >= _VERY_OLD:
            yield Doubt("very_old", f"This makes the person {age} years old. Is that right?")
        elif known.is_named and age < _ADULT_FROM:
            yield Doubt(
                "very_young",
                f"This makes somebody named on the agreement {age} years old. Is that right?",
            )
        if known.held and (before := dt.date.fromisoformat(known.held)) != day:
            yield Doubt(
                "differs", f"The date of birth on record is {_in_words(before)}. Is this one right?"
            )
    if attribute.key == "pregnancy_due_on":
        if day < known.today - dt.timedelta(days=31):
            yield Doubt("past", "This date is more than a month ago. Is that right?")
        if day > known.today + dt.timedelta(days=_MANY_DAYS):
            yield Doubt("far", "This date is more than ten months ahead. Is that right?")


def _of_text(value: str, attribute: Attribute) -> Iterator[Doubt]:
    if attribute.key == "mobile" and not (telephone(value) or "").startswith("+447"):
        yield Doubt("no_mobile", "This does not look like a UK mobile number. Is it right?")
    if attribute.key == "phone" and (telephone(value) or "").startswith("+447"):
        yield Doubt("a_mobile", "This looks like a mobile number. Is it their other telephone?")


def _age(born: dt.date, today: dt.date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _in_words(day: dt.date) -> str:
    return f"{day.day} {day:%B} {day.year}"
