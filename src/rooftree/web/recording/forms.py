"""The form of one question. What is typed is kept as typed; `rooftree.collection` says whether it is an answer."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django import forms

from rooftree.catalogue.model import Attribute, Catalogue, CodeList
from rooftree.collection import NONE, Given, Read, Trouble, choices_of, none_of, read, read_day
from rooftree.profile.lookup import plus_months
from rooftree.vocabulary.states import Method, State

METHODS = {
    Method.TELEPHONE: "Telephone",
    Method.FACE_TO_FACE: "Face to face",
    Method.ONLINE: "E-mail or online",
    Method.PAPER: "On paper",
}
#: Up to so many choices stand as radio buttons; more are a list to pick from.
MOST_RADIOS = 15
_MOST_IN_A_COLUMN = 8
_LONGEST_AGO_YEARS = 5
_LATEST_REVIEW_MONTHS = 24
_DATE_PARTS = ("day", "month", "year")
#: The fields that the page shows under their own names; a message about another leads to the answer.
_SHOWN = (
    "text", "codes", "end", "method",
    *(f"{prefix}{part}" for prefix in ("", "said_", "review_") for part in _DATE_PARTS),
)  # fmt: skip


#: The button before a typed answer.
ANSWERED = "~answer"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice on the page. `group` is the heading under which it stands in a long list."""

    value: str
    label: str
    hint: str = ""
    group: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Boxes:
    """Boxes to tick that belong together; a group of a long list opens where one of them is ticked."""

    label: str
    options: list[Option]
    is_ticked: bool

    @property
    def is_long(self) -> bool:
        """Whether they stand in two columns."""
        return len(self.options) > _MOST_IN_A_COLUMN and not any(each.hint for each in self.options)


def end_of(state: State) -> str:
    """How a form writes that a question ended without an answer; no code of a list begins so."""
    return f"~{state.value}"


class Answer(forms.Form):
    """One question: the answer in the field of its type, how it was said, and on which day."""

    text = forms.CharField(required=False, max_length=2000, strip=False)
    codes = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": "Choose answers from the list"}
    )
    day = forms.CharField(required=False, max_length=20)
    month = forms.CharField(required=False, max_length=20)
    year = forms.CharField(required=False, max_length=20)
    end = forms.CharField(required=False, max_length=40)
    method = forms.ChoiceField(
        choices=[(each.value, label) for each, label in METHODS.items()],
        error_messages={
            "required": "Choose how the customer said it",
            "invalid_choice": "Choose how the customer said it",
        },
    )
    said_day = forms.CharField(required=False, max_length=20)
    said_month = forms.CharField(required=False, max_length=20)
    said_year = forms.CharField(required=False, max_length=20)
    review_day = forms.CharField(required=False, max_length=20)
    review_month = forms.CharField(required=False, max_length=20)
    review_year = forms.CharField(required=False, max_length=20)
    entry = forms.CharField(required=False)
    seen = forms.CharField(required=False)
    sure = forms.CharField(required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        attribute: Attribute,
        catalogue: Catalogue,
        today: dt.date,
        is_reviewed: bool,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.attribute, self.today, self.is_reviewed = attribute, today, is_reviewed
        self.codes_of: CodeList | None = catalogue.code_lists.get(attribute.codes or "")
        parents = self.codes_of.parents if self.codes_of else None
        self.parents = catalogue.code_lists.get(parents or "")
        self.fields["codes"].choices = [  # type: ignore[attr-defined]
            (each.value, each.label) for each in (*self.options, *self.ends)
        ]
        self.outcome: Read | None = None
        self.said_on: dt.date = today
        self.review_on: dt.date | None = None

    @property
    def kind(self) -> str:
        """Which controls the answer has: radios, checkboxes, select, date, money, number or text."""
        match self.attribute.type:
            case "codes":
                return "checkboxes"
            case "boolean":
                return "radios"
            case "code":
                return "radios" if len(self.options) <= MOST_RADIOS else "select"
        return self.attribute.type

    @property
    def options(self) -> list[Option]:
        """The answers to choose from, in the order of the list."""
        if self.attribute.type == "boolean":
            return [Option("true", "Yes"), Option("false", "No")]
        if self.codes_of is None:
            return []
        groups = {code.key: code.label for code in self.parents.codes} if self.parents else {}
        found = [
            Option(code.key, code.label, code.note, groups.get(code.parent or "", ""))
            for code in self.codes_of.codes
            if code.key != NONE or self.attribute.type == "code"
        ]
        if self.attribute.type == "codes":
            nothing = none_of(self.codes_of)
            found.append(Option(nothing.key, nothing.label, nothing.note))
        return found

    @property
    def ends(self) -> list[Option]:
        """How the question may end without an answer."""
        return [Option(end_of(each.state), each.label) for each in choices_of(self.attribute)]

    def given(self) -> Given:
        """What was typed, as the core reads it. Where one button answers all, its value says which it was."""
        data = self.cleaned_data
        text, end, codes = data["text"], data["end"], data["codes"]
        if self.kind == "radios":
            end, text = (text, "") if text.startswith("~") else ("", text)
        elif self.kind == "checkboxes":
            ends = [each for each in codes if each.startswith("~")]
            codes = [each for each in codes if not each.startswith("~")]
            end = ends[0] if len(ends) == 1 else "several" if ends else ""
        state = "" if end == ANSWERED else end.removeprefix("~")
        return Given(
            state=state, text=text, codes=tuple(codes), day=data["day"], month=data["month"],
            year=data["year"],
        )  # fmt: skip

    def clean(self) -> None:
        """The hard checks: of the answer, of the day on which it was said, of the day of its review."""
        if {"text", "codes", "end", *_DATE_PARTS} & set(self.errors):
            return
        found = read(self.given(), self.attribute, codes=self.codes_of, today=self.today)
        if isinstance(found, Trouble):
            of_state = {"radios": "text", "checkboxes": "codes"}.get(self.kind, "end")
            self.add_error(of_state if found.field == "state" else found.field, found.message)
        else:
            self.outcome = found
        self.said_on = self._day_in("said", default=self.today) or self.today
        if self.said_on > self.today:
            self.add_error("said_day", "The day on which it was said must be today or in the past")
        elif self.said_on.year < self.today.year - _LONGEST_AGO_YEARS:
            self.add_error("said_year", f"Enter a day within the last {_LONGEST_AGO_YEARS} years")
        if self.is_reviewed and self._is_something():
            self._clean_review()

    def _is_something(self) -> bool:
        """Whether the answer is one that has to be looked at again: something holds."""
        found = self.outcome
        return (
            found is not None
            and found.state is State.ANSWERED
            and found.value not in ("", NONE, "false")
        )

    def _clean_review(self) -> None:
        self.review_on = self._day_in("review", default=None)
        if any(name.startswith("review_") for name in self.errors):
            return
        if self.review_on is None:
            self.add_error("review_day", "Enter the day by which this is to be reviewed")
        elif self.review_on <= self.today:
            self.add_error("review_day", "The review must be after today")
        elif self.review_on > plus_months(self.today, _LATEST_REVIEW_MONTHS):
            self.add_error("review_year", f"Review it within {_LATEST_REVIEW_MONTHS} months")

    def _day_in(self, name: str, *, default: dt.date | None) -> dt.date | None:
        parts = [self.cleaned_data.get(f"{name}_{part}", "").strip() for part in _DATE_PARTS]
        if not any(parts):
            return default
        found = read_day(*parts)
        if isinstance(found, Trouble):
            self.add_error(f"{name}_{found.field}", found.message)
            return default
        return found

    @property
    def version(self) -> int:
        """The version of what the user saw. A form that does not say saw nothing: it overwrites nothing."""
        text = self.cleaned_data["seen"]
        return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else -1

    @property
    def own_entry(self) -> str:
        """The mark of this form, made when it was opened."""
        text = self.cleaned_data["entry"]
        return text if re.fullmatch(r"[0-9a-f-]{36}", text) else new_entry()

    @property
    def mark(self) -> str:
        """Names what was typed, so that a yes to a doubt is a yes to this answer and to no other."""
        found = self.outcome
        text = repr((self.attribute.key, found and found.state, found and found.value))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def is_sure(self) -> bool:
        """Whether the user was asked about exactly this answer, and said yes."""
        return self.cleaned_data.get("sure") == self.mark

    @property
    def text_now(self) -> str:
        """What stands in the answer's field now: typed, or filled in beforehand."""
        return str(self["text"].value() or "")

    @property
    def end_now(self) -> str:
        """Which button before a typed answer is chosen now; the answer's own, until somebody chooses."""
        return str(self["end"].value() or ANSWERED)

    @property
    def grouped(self) -> list[Boxes]:
        """The boxes, by the groups of the list; what stands for none of them by itself."""
        ticked = self.ticked()
        named = [
            replace(each, id=f"id_codes{f'_{place}' if place else ''}")
            for place, each in enumerate(self.options)
        ]
        apart = [each for each in named if each.value == NONE]
        found = [
            Boxes(label, options := list(these), any(each.value in ticked for each in options))
            for label, these in groupby(
                (each for each in named if each.value != NONE), key=lambda each: each.group
            )
        ]
        return [*found, Boxes("", apart, False)]

    def ticked(self) -> set[str]:
        """The boxes that are ticked now."""
        return set(self["codes"].value() or ())

    def _parts_of(self, prefix: str) -> list[tuple[str, Any, int]]:
        return [
            (part.capitalize(), self[f"{prefix}{part}"], 4 if part == "year" else 2)
            for part in _DATE_PARTS
        ]

    @property
    def date_parts(self) -> list[tuple[str, Any, int]]:
        """The three boxes of a date: label, field, width in characters."""
        return self._parts_of("")

    @property
    def said_parts(self) -> list[tuple[str, Any, int]]:
        """Those of the day on which it was said."""
        return self._parts_of("said_")

    @property
    def review_parts(self) -> list[tuple[str, Any, int]]:
        """Those of the day of the review."""
        return self._parts_of("review_")

    @property
    def answer_errors(self) -> list[str]:
        """What is wrong with the answer, and with the form as a whole."""
        return self._errors_of("__all__", "text", "codes", "end", *_DATE_PARTS)

    @property
    def said_errors(self) -> list[str]:
        """What is wrong with the day on which it was said."""
        return self._errors_of(*(f"said_{part}" for part in _DATE_PARTS))

    @property
    def review_errors(self) -> list[str]:
        """What is wrong with the day of the review."""
        return self._errors_of(*(f"review_{part}" for part in _DATE_PARTS))

    def _errors_of(self, *names: str) -> list[str]:
        return [str(error) for name in names for error in self.errors.get(name, ())]

    @property
    def listed_errors(self) -> list[tuple[str, str]]:
        """For the summary: the control that each leads to, and the message."""
        first = {
            "checkboxes": "id_end_0" if self.parents and self.ends else "id_codes",
            "date": "id_day",
        }.get(self.kind, "id_text")
        return [
            (f"id_{name}" if name in _SHOWN and name != "codes" else first, str(error))
            for name, errors in self.errors.items()
            for error in errors
        ]


def new_entry() -> str:
    """A mark for one form: sent twice, it is kept once."""
    return str(uuid.uuid4())


def initial_of(
    attribute: Attribute, value: str | None, *, method: str, review_on: dt.date | None
) -> dict[str, Any]:
    """What a form is filled in with: the answer that stands, if it may be shown, so that yes is one click."""
    filled: dict[str, Any] = {"method": method}
    if review_on is not None:
        filled |= _parts("review_", review_on)
    if value is None:
        return filled
    filled["end"] = ANSWERED
    match attribute.type:
        case "codes":
            filled["codes"] = [each for each in value.split(";") if each] or [NONE]
        case "date":
            filled |= _parts("", dt.date.fromisoformat(value[:10]))
        case "money":
            filled["text"] = f"{int(value) / 100:.2f}"
        case _:
            filled["text"] = value
    return filled


def _parts(prefix: str, day: dt.date) -> dict[str, str]:
    return {
        f"{prefix}day": str(day.day),
        f"{prefix}month": str(day.month),
        f"{prefix}year": str(day.year),
    }
