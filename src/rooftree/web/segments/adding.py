"""Adding a condition without writing it: a field, a comparison, a value; or events; or another segment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from rooftree.catalogue.model import Catalogue, Event, Purpose
from rooftree.governance import may_count, may_select
from rooftree.segments.fields import Known, all_fields
from rooftree.segments.nodes import (
    Compare,
    Comparison,
    Elapsed,
    Events,
    Happened,
    Includes,
    InSegment,
    IsTrue,
    Kind,
    Knowing,
    Literal,
    Members,
    Name,
    Node,
    Not,
    OneOf,
    StateIs,
    Window,
)
from rooftree.segments.schema import SEEN, is_hidden
from rooftree.vocabulary.states import Grain
from rooftree.web.layout.forms import wide

EVENT, SEGMENT = "event:", "segment:"
_KNOWN = [("known", "is known"), ("not_known", "is not known")]
_NUMBERS = [(">=", "is at least"), (">", "is more than"), ("<=", "is at most"), ("<", "is less than"),
            ("=", "is exactly")]  # fmt: skip
_DATES = [(">=", "is on or after"), ("<=", "is on or before")]
_UNITS = [("days", "days"), ("months", "months"), ("years", "years")]
_WHO = [("any", "Anybody in the household"), ("every", "Everybody in the household"),
        ("no", "Nobody in the household"), ("lead", "The lead tenant")]  # fmt: skip


def offered(
    catalogue: Catalogue, *, unit: Grain, purpose: Purpose, use: str, text: str, own: str
) -> list[tuple[str, str, str]]:
    """What a condition may be about, as key, label and meaning, whose words hold those of the text."""
    may = may_select if use == "select" else may_count
    words = text.lower().split()
    things: list[tuple[str, str, str]] = []
    for key, known in all_fields(catalogue).items():
        seen = known.grain in SEEN[unit] or known.grain == Grain.PERSON
        if seen and may(known.thing, purpose):
            things.append((key, known.label, known.thing.meaning))
    for key, event in catalogue.events.items():
        if may(event, purpose):
            things.append((f"{EVENT}{key}", f"Events: {event.plural}", event.meaning))
    for key, segment in catalogue.segments.items():
        if key != own and (segment.unit == unit or segment.unit != Grain.PERSON):
            things.append((f"{SEGMENT}{key}", f"Segment: {segment.label}", segment.why))
    found = [one for one in things if all(word in " ".join(one).lower() for word in words)]
    return sorted(found, key=lambda one: (not one[1].lower().startswith(text.lower()), one[1]))


class Condition(forms.Form):
    """One condition about one thing. The fields are those that its type needs."""

    def __init__(self, given: Any, *, key: str, catalogue: Catalogue, unit: Grain) -> None:
        super().__init__(given, prefix="c")
        self.key, self.catalogue, self.unit = key, catalogue, unit
        self.known = all_fields(catalogue).get(key)
        self.event: Event | None = catalogue.events.get(key.removeprefix(EVENT))
        if key.startswith(EVENT) and self.event:
            self._event()
        elif key.startswith(SEGMENT):
            self.fields["how"] = forms.ChoiceField(
                label="They are", choices=[("in", "in it"), ("out", "not in it")]
            )
        elif self.known is not None:
            if self.known.grain == Grain.PERSON and unit != Grain.PERSON:
                self.fields["who"] = forms.ChoiceField(label="Who", choices=_WHO)
            self._field(self.known)

    @property
    def title(self) -> str:
        """What the condition is about."""
        if self.key.startswith(SEGMENT):
            return self.catalogue.segments[self.key.removeprefix(SEGMENT)].label
        if self.key.startswith(EVENT) and self.event:
            return self.event.label
        return self.known.label if self.known else self.key

    def _event(self) -> None:
        self.fields["how"] = forms.ChoiceField(
            label="How many",
            choices=[("any", "at least one"), ("no", "none"), (">=", "at least"), ("<=", "at most"), ("=", "exactly")],
        )  # fmt: skip
        self.fields["n"] = _whole("Number (for at least, at most, exactly)", required=False)
        self.fields["last"] = _whole("In the last (empty: ever)", required=False)
        self.fields["unit"] = forms.ChoiceField(
            label="Days, months or years", choices=_UNITS, initial="months"
        )

    def _field(self, known: Known) -> None:
        more = _KNOWN
        codes = [(c.key, c.label) for c in known.codes.codes] if known.codes else []
        hidden = known.stateful and is_hidden(known.thing)  # type: ignore[arg-type]
        match known.kind:
            case Kind.CODE:
                more = [("in", "is one of"), ("not_in", "is none of"), *_KNOWN]
            case Kind.CODES:
                more = [("any", "includes any of"), ("all", "includes all of"), *_KNOWN]
            case Kind.BOOLEAN:
                more = [("yes", "is yes"), ("no", "is no"), *_KNOWN]
            case Kind.NUMBER | Kind.MONEY:
                more = [*_NUMBERS, *_KNOWN]
            case Kind.DATE:
                more = [
                    ("within", "is within the last"),
                    ("ago", "is longer ago than"),
                    *_DATES,
                    *_KNOWN,
                ]
            case Kind.TEXT:
                more = _KNOWN if hidden else [("text", "is"), *_KNOWN]
        self.fields["how"] = forms.ChoiceField(label="Comparison", choices=more)
        if known.kind in (Kind.CODE, Kind.CODES):
            self.fields["values"] = forms.MultipleChoiceField(
                label="Values", choices=codes, required=False, widget=forms.CheckboxSelectMultiple,
                error_messages={"invalid_choice": "Choose values from the list"},
            )  # fmt: skip
        elif known.kind in (Kind.NUMBER, Kind.MONEY):
            unit = "Pounds" if known.kind == Kind.MONEY else known.unit.capitalize() or "Number"
            self.fields["value"] = wide(
                forms.DecimalField(
                    label=unit, required=False, max_digits=12,
                    decimal_places=2 if known.kind == Kind.MONEY else 4,
                    error_messages={"invalid": "Enter a number, such as 65"},
                    widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                ),
                "input-10",
            )  # fmt: skip
        elif known.kind == Kind.DATE:
            self.fields["last"] = _whole("How many (for within and longer ago)", required=False)
            self.fields["unit"] = forms.ChoiceField(
                label="Days, months or years", choices=_UNITS, initial="months"
            )
            self.fields["day"] = wide(
                forms.DateField(
                    label="Day (for on or after, on or before), such as 2026-03-31", required=False,
                    input_formats=["%Y-%m-%d", "%d/%m/%Y"],
                    error_messages={"invalid": "Enter a day such as 2026-03-31"},
                    widget=forms.TextInput(),
                ),
                "input-10",
            )  # fmt: skip
        elif known.kind == Kind.TEXT and not hidden:
            self.fields["text"] = forms.CharField(label="Text", required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        """What the comparison needs is there."""
        given = super().clean() or {}
        how = given.get("how")
        needs = {"in": "values", "not_in": "values", "any": "values", "all": "values", "within": "last",
                 "ago": "last", "text": "text"}  # fmt: skip
        wanted = needs.get(how or "")
        if how in dict(_NUMBERS):
            wanted = "day" if "day" in self.fields else "n" if "n" in self.fields else "value"
        if (
            wanted in self.fields
            and given.get(wanted) in (None, "", [])
            and wanted not in self.errors
        ):
            say = {"values": "Choose at least one value", "last": "Enter how many",
                   "day": "Enter a day such as 2026-03-31"}  # fmt: skip
            self.add_error(wanted, say.get(wanted or "", "Enter what to compare with"))
        return given

    def node(self) -> Node:
        """The condition, of a valid form."""
        given = self.cleaned_data
        if self.key.startswith(SEGMENT):
            inside = InSegment(self.key.removeprefix(SEGMENT))
            return inside if given["how"] == "in" else Not(inside)
        if self.event is not None and self.key.startswith(EVENT):
            return _happened(self.event, given)
        assert self.known is not None
        node = _compared(self.known, given)
        return Members(given["who"], node) if "who" in given else node


def _whole(label: str, *, required: bool) -> forms.Field:
    return wide(
        forms.IntegerField(
            label=label, required=required, min_value=0, max_value=1000,
            error_messages={"invalid": "Enter a whole number, such as 12"},
            widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        ),
        "input-4",
    )  # fmt: skip


def _happened(event: Event, given: Mapping[str, Any]) -> Node:
    window = Window(given["last"], given["unit"]) if given.get("last") else None
    how = given["how"]
    if how == "any":
        return Happened(Events(event.key), Comparison.AT_LEAST, 1, window)
    if how == "no":
        return Happened(Events(event.key), Comparison.EQUAL, 0, window)
    return Happened(Events(event.key), Comparison(how), given["n"], window)


def _compared(known: Known, given: Mapping[str, Any]) -> Node:
    of, how = Name(known.key), given["how"]
    values = tuple(Literal(value, Kind.CODE) for value in given.get("values", ()))
    match how:
        case "known":
            return StateIs(of, Knowing.ANSWERED)
        case "not_known":
            return StateIs(of, Knowing.UNKNOWN)
        case "in" | "not_in":
            if len(values) == 1:
                op = Comparison.EQUAL if how == "in" else Comparison.NOT_EQUAL
                return Compare(of, op, values[0])
            return OneOf(of, values) if how == "in" else Not(OneOf(of, values))
        case "any" | "all":
            return Includes(of, how, values)
        case "yes":
            return IsTrue(of)
        case "no":
            return Compare(of, Comparison.EQUAL, Literal(False, Kind.BOOLEAN))
        case "within" | "ago":
            op = Comparison.LESS if how == "within" else Comparison.AT_LEAST
            return Compare(
                Elapsed(given["unit"], "since", of), op, Literal(given["last"], Kind.NUMBER)
            )
        case "text":
            return Compare(of, Comparison.EQUAL, Literal(given["text"], Kind.TEXT))
    if known.kind == Kind.DATE:
        day: dt.date = given["day"]
        return Compare(of, Comparison(how), Literal(day, Kind.DATE))
    value: Decimal = given["value"]
    if known.kind == Kind.MONEY:
        return Compare(of, Comparison(how), Literal(int(value * 100), Kind.MONEY))
    number = int(value) if value == value.to_integral_value() else float(value)
    return Compare(of, Comparison(how), Literal(number, Kind.NUMBER))
