"""From what was typed or ticked to a value in the form in which answers are kept, or the reason why it is none.

These are the hard checks: what fails one is not recorded. What is only unusual is a doubt (`doubts`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from rooftree.catalogue.model import Attribute, Code, CodeList
from rooftree.collection.choices import choices_of
from rooftree.identity.normalise import telephone
from rooftree.vocabulary.states import State

MOST_TEXT = 400
_EARLIEST_YEAR, _LATEST_YEAR = 1890, 2100
_OLDEST = 130  # nobody is known to have lived longer
#: Says that nothing of the list holds; it stands alone. Where the list has no such code, an empty value says it.
NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a form brought: how the question ended, and the answer as typed, in the field of its type."""

    state: str = ""
    text: str = ""
    codes: tuple[str, ...] = ()
    day: str = ""
    month: str = ""
    year: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """An outcome that may be kept. `value` is there when, and only when, the state is answered."""

    state: State
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why it cannot be kept, in words for the person at the keyboard, and the field to mend."""

    field: str  # state, text, codes, day, month or year
    message: str


def read(
    given: Given, attribute: Attribute, *, codes: CodeList | None, today: dt.date
) -> Read | Trouble:
    """The outcome of a question. The value is written as `staging.answer` writes it.

    Money is typed in pounds and kept in pence; a date is ISO; several codes are sorted and joined by ';'.
    """
    ends = {choice.state.value for choice in choices_of(attribute)}
    if given.state in ends:
        if attribute.type == "codes" and given.codes:
            return Trouble(
                "codes", "Choose either answers from the list or one of the last choices"
            )
        return Read(State(given.state))
    if given.state not in ("", State.ANSWERED.value):
        return Trouble("state", "Choose one of the answers")
    found = _READERS[attribute.type](given, attribute, codes)
    if isinstance(found, Trouble):
        return found
    problem = _check(found, attribute, today)
    return problem or Read(State.ANSWERED, found)


def _code(given: Given, attribute: Attribute, codes: CodeList | None) -> str | Trouble:
    if not given.text:
        return Trouble("text", "Choose one of the answers")
    if codes is None or given.text not in codes:
        return Trouble("text", "Choose an answer from the list")
    return given.text


def _codes(given: Given, attribute: Attribute, codes: CodeList | None) -> str | Trouble:
    chosen = sorted(set(given.codes))
    if not chosen:
        return Trouble("codes", "Choose at least one of the answers")
    if codes is None or any(code not in codes and code != NONE for code in chosen):
        return Trouble("codes", "Choose answers from the list")
    if NONE in chosen and len(chosen) > 1:
        return Trouble("codes", f"Choose either “{none_of(codes).label}” or the others")
    return "" if NONE in chosen and NONE not in codes else ";".join(chosen)


def none_of(codes: CodeList) -> Code:
    """The entry of a list by which somebody says that nothing of it holds; every list of several codes has one."""
    return next((code for code in codes.codes if code.key == NONE), Code(NONE, "None of these"))


def _text(given: Given, attribute: Attribute, codes: CodeList | None) -> str | Trouble:
    text = " ".join(given.text.split())
    if not text:
        return Trouble("text", "Enter the answer, or choose why there is none")
    if len(text) > MOST_TEXT:
        return Trouble("text", f"Enter no more than {MOST_TEXT} characters")
    if not text.isprintable():
        return Trouble("text", "Enter letters, digits and signs only")
    return text


def _boolean(given: Given, attribute: Attribute, codes: CodeList | None) -> str | Trouble:
    if given.text not in ("true", "false"):
        return Trouble("text", "Choose yes or no")
    return given.text


def _number(given: Given, attribute: Attribute, codes: CodeList | None) -> str | Trouble:
    amount = _decimal(given.text)
    if amount is None:
        return Trouble("text", "Enter a number, like 3")
    if attribute.unit in ("people", "count", "") and amount != amount.to_integral_value():
        return Trouble("text", "Enter a whole number, like 3")
    return _bounded(amount, attribute) or f"{amount.normalize():f}"


def _money(given: Given, attribute: Attribute, codes: CodeList | None) -> str | Trouble:
    amount = _decimal(given.text.replace("£", ""))
    if amount is None or amount != round(amount, 2):
        return Trouble("text", "Enter an amount in pounds, like 245.50")
    pence = amount * 100
    return _bounded(pence, attribute, is_money=True) or str(int(pence))


def _decimal(text: str) -> Decimal | None:
    tidy = text.strip().replace(",", "").replace(" ", "")
    if not re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,4})?", tidy, re.ASCII):
        return None
    try:
        return Decimal(tidy)
    except InvalidOperation:  # pragma: no cover, the pattern lets no other text through
        return None


def _bounded(amount: Decimal, attribute: Attribute, *, is_money: bool = False) -> Trouble | None:
    def said(bound: float) -> str:
        return f"£{bound / 100:,.2f}".removesuffix(".00") if is_money else f"{bound:g}"

    if attribute.minimum is not None and amount < Decimal(str(attribute.minimum)):
        return Trouble("text", f"Enter {said(attribute.minimum)} or more")
    if attribute.maximum is not None and amount > Decimal(str(attribute.maximum)):
        return Trouble("text", f"Enter {said(attribute.maximum)} or less")
    return None


def _date(given: Given, attribute: Attribute, codes: CodeList | None) -> str | Trouble:
    if not any(part.strip() for part in (given.day, given.month, given.year)):
        return Trouble("day", "Enter the date, or choose why there is none")
    found = read_day(given.day, given.month, given.year)
    return found if isinstance(found, Trouble) else found.isoformat()


def read_day(day: str, month: str, year: str) -> dt.date | Trouble:
    """A date in three parts; the month may be a word. Trouble names the part that is wrong."""
    parts = {"day": day.strip(), "month": month.strip(), "year": year.strip()}
    missing = [name for name, text in parts.items() if not text]
    if missing:
        return Trouble(missing[0], f"The date must include a {' and a '.join(missing)}")
    parts["month"] = _MONTHS.get(parts["month"].lower()[:3], parts["month"])
    for name, text in parts.items():
        if not re.fullmatch(r"\d{1,4}", text, re.ASCII):
            return Trouble(name, f"The {name} must be a number")
    if not _EARLIEST_YEAR <= int(parts["year"]) <= _LATEST_YEAR:
        bounds = f"{_EARLIEST_YEAR} and {_LATEST_YEAR}"
        return Trouble("year", f"The year must have four digits and lie between {bounds}")
    try:
        return dt.date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    except ValueError:
        wrong = "day" if 1 <= int(parts["month"]) <= 12 else "month"
        return Trouble(wrong, "There is no such date: check day and month")


_MONTHS = {
    name: str(number)
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}

_Reader = Callable[[Given, Attribute, "CodeList | None"], "str | Trouble"]
_READERS: Mapping[str, _Reader] = {
    "code": _code, "codes": _codes, "text": _text, "boolean": _boolean, "number": _number, "money": _money,
    "date": _date,
}  # fmt: skip


def _check(value: str, attribute: Attribute, today: dt.date) -> Trouble | None:
    """The hard checks of single attributes that a type does not make."""
    if attribute.key in ("mobile", "phone") and telephone(value) is None:
        return Trouble("text", "Enter a telephone number, like 020 7946 0958")
    if attribute.key == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}", value):
        return Trouble("text", "Enter an e-mail address, like name@example.org")
    if attribute.key == "national_insurance_number" and not _NI.fullmatch(_bare(value)):
        return Trouble("text", "Enter a National Insurance number, like QQ 12 34 56 C")
    if attribute.type == "date":
        return _check_date(dt.date.fromisoformat(value), attribute, today)
    return None


_NI = re.compile(r"[A-Z]{2}\d{6}[A-D]")


def _bare(value: str) -> str:
    return re.sub(r"[\s.-]", "", value).upper()


# Universal Credit began in Ashton-under-Lyne on 29 April 2013.
_UNIVERSAL_CREDIT_BEGAN = dt.date(2013, 4, 29)


def _check_date(day: dt.date, attribute: Attribute, today: dt.date) -> Trouble | None:
    if attribute.key == "date_of_birth":
        if day > today:
            return Trouble("year", "A date of birth must be in the past")
        if today.year - day.year > _OLDEST:
            return Trouble("year", f"This makes the person more than {_OLDEST} years old")
    if attribute.key == "universal_credit_since" and day < _UNIVERSAL_CREDIT_BEGAN:
        return Trouble("year", "Universal Credit began on 29 April 2013: enter a date from then on")
    if attribute.key == "universal_credit_since" and day > today:
        return Trouble("year", "Enter a date in the past")
    if attribute.key == "pregnancy_due_on" and abs((day - today).days) > 366:
        return Trouble("year", "Enter a date within a year from now")
    return None
