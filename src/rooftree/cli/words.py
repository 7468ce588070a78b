"""How a value is said to a person: labels for codes, dates in words, money in pounds, units."""

from __future__ import annotations

import datetime as dt

from rooftree.catalogue.model import Attribute, Catalogue, Feature


def day(value: object) -> str:
    """3 May 2024, from a date or its ISO text; an en dash for none."""
    if value is None or value == "":
        return "–"
    if not isinstance(value, dt.date):
        try:
            value = dt.date.fromisoformat(str(value)[:10])
        except ValueError:
            return str(value)
    return f"{value.day} {value:%B} {value.year}"


def pounds(pence: float | str) -> str:
    """£1,234.56 from pence; a credit has a minus before the sign of the currency."""
    amount = round(float(pence))
    return f"{'−' if amount < 0 else ''}£{abs(amount) / 100:,.2f}"


def code(value: object, codes: str | None, catalogue: Catalogue) -> str:
    """The label of a code, or of several joined by semicolons; the code itself where no list knows it."""
    if value is None or value == "":
        return "–"
    known = catalogue.code_lists.get(codes or "")
    labels = {each.key: each.label for each in known.codes} if known else {}
    return ", ".join(labels.get(part, part.replace("_", " ")) for part in str(value).split(";"))


def said(value: object, declared: Attribute | Feature, catalogue: Catalogue) -> str:
    """A value as its definition says: code, date, money, yes or no, number with its unit."""
    if value is None or value == "":
        return "–"
    if declared.type in ("code", "codes"):
        return code(value, declared.codes, catalogue)
    if declared.type == "date":
        return day(value)
    if declared.type == "boolean":
        return "yes" if str(value).lower() == "true" else "no"
    if declared.type == "money":
        return pounds(str(value)) + declared.unit.removeprefix("pence").rstrip()
    return _number(value, declared.unit) if declared.type == "number" else str(value)


def _number(value: object, unit: str) -> str:
    number = float(str(value))
    if unit == "share":
        return f"{100 * number:.0f}%"
    if number == 1:
        unit = {"people": "person"}.get(unit, unit.removesuffix("s"))
    text = f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
    return f"{text.replace('-', '−')} {unit}".rstrip()
