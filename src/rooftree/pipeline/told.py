"""A person's document with what was recorded in Rooftree since the last run, resolved as the next run will.

A snapshot never changes; the register does, with every call. A page about one person reads the document
of the snapshot, and for what the register speaks of resolves anew: the statements of the snapshot and
the register's answers together, by the code of `rooftree.profile`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rooftree.catalogue.model import Attribute, Catalogue
from rooftree.collection.standing import REGISTER, resolve_with
from rooftree.pipeline.record import ALERT_KINDS
from rooftree.profile.ordering import Statement
from rooftree.profile.resolve import Resolved
from rooftree.storage.answers import Kept, Ref
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import Grain, State

#: What the head of a record shows from an answer, where the register's stands.
_HEAD = ("preferred_name", "date_of_birth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One person, household, tenancy or home that answers are about.

    `known_as` are all references under which the register may speak of it; a new answer takes the first.
    A person's is a record of a system, which a merge of two people does not make unknown.
    """

    grain: Grain
    id: str
    known_as: tuple[Ref, ...]
    left_on: dt.date | None = None

    @property
    def written_as(self) -> Ref:
        """The reference that a new answer takes."""
        return self.known_as[0]


#: Gives the statements of a snapshot about these attributes of a subject, by attribute.
Said = Callable[[str, Grain, Collection[str]], Mapping[str, list[Statement]]]


def person_in(document: Mapping[str, Any], *, today: dt.date) -> Subject:
    """The person of a document."""
    records = sorted((each["system"], each["person_ref"]) for each in document.get("records") or ())
    person_id = document["person_id"]
    ends = [_ended(each) for each in document.get("tenancies") or ()]
    return Subject(
        grain=Grain.PERSON, id=person_id, known_as=(*records, (None, person_id)), left_on=_last(ends, today)
    )  # fmt: skip


def subject_in(
    document: Mapping[str, Any], grain: Grain, tenancy_id: str, *, today: dt.date
) -> Subject | None:
    """The tenancy of that id, its household or its home; None where the person has no part in it.

    Who only stands by (next of kin, an advocate) has no household there, and speaks for nothing of it.
    """
    for tenancy in document.get("tenancies") or ():
        if tenancy["tenancy_id"] == tenancy_id and tenancy.get("household_id") is not None:
            found = tenancy.get(f"{grain.value}_id")
            if found is None:
                return None
            ended = None if grain is Grain.HOME else _last([_day(tenancy.get("ended_on"))], today)
            return Subject(grain=grain, id=found, known_as=((None, found),), left_on=ended)
    return None


def subjects_in(document: Mapping[str, Any], *, today: dt.date) -> list[Subject]:
    """Everything of the document that answers may be about."""
    found = {(Grain.PERSON, document["person_id"]): person_in(document, today=today)}
    for tenancy in document.get("tenancies") or ():
        for grain in (Grain.TENANCY, Grain.HOUSEHOLD, Grain.HOME):
            subject = subject_in(document, grain, tenancy["tenancy_id"], today=today)
            if subject is not None:
                found.setdefault((grain, subject.id), subject)
    return list(found.values())


def said_in(engine: Engine) -> Said:
    """The statements of the snapshot that is attached to the engine."""

    def said(
        subject_id: str, grain: Grain, attributes: Collection[str]
    ) -> Mapping[str, list[Statement]]:
        marks = ", ".join("?" for _ in attributes)
        columns = ", ".join(_COLUMNS)
        rows = engine.rows(
            f"SELECT attribute, {columns} FROM profile.statement "
            f"WHERE subject_id = ? AND grain = ? AND attribute IN ({marks})",
            [subject_id, grain.value, *attributes],
        )
        found: dict[str, list[Statement]] = {}
        for attribute, *fields in rows:
            found.setdefault(attribute, []).append(
                Statement(**dict(zip(_COLUMNS, fields, strict=True)))
            )
        return found

    return said


_COLUMNS = (
    "state", "value", "raw_value", "frame", "origin", "method", "system", "source_kind", "recorded_by",
    "recorded_on", "confidence", "source_file", "source_row",
)  # fmt: skip


def resolved(
    subject: Subject,
    kept: Iterable[Kept],
    *,
    attributes: Collection[str],
    catalogue: Catalogue,
    today: dt.date,
    said: Said,
) -> dict[str, Resolved]:
    """What stands today of these attributes of the subject."""
    known = [key for key in sorted(attributes) if key in catalogue.attributes]
    if not known:
        return {}
    statements = said(subject.id, subject.grain, known)
    ours = _of(subject, kept)
    return {
        key: resolve_with(
            statements.get(key, []),
            [each for each in ours if each.attribute == key],
            catalogue.attributes[key],
            today=today,
            left_on=subject.left_on,
        )
        for key in known
    }


def touched(document: Mapping[str, Any], subject: Subject, kept: Iterable[Kept]) -> set[str]:
    """The attributes of a subject on which the register decides: it speaks of them, or spoke when the run read it.

    The second because an answer may have been taken back since.
    """
    if subject.grain is Grain.PERSON:
        held = document.get("held") or ()
    else:
        held = next(
            (
                each.get(f"{subject.grain.value}_values") or ()
                for each in document.get("tenancies") or ()
                if each.get(f"{subject.grain.value}_id") == subject.id
            ),
            (),
        )
    by_run = {each["attribute"] for each in held if each["system"] == REGISTER}
    return by_run | {each.attribute for each in _of(subject, kept)}


def with_register(
    document: Mapping[str, Any],
    kept: Sequence[Kept],
    *,
    catalogue: Catalogue,
    today: dt.date,
    said: Said,
) -> dict[str, Any]:
    """The document with the register's answers in it; the one that is given is not changed.

    What Rooftree works out from a value that has changed is left out until the next run works it out.
    """
    now = dict(document)
    by_subject: dict[tuple[Grain, str], dict[str, Resolved]] = {}
    for subject in subjects_in(document, today=today):
        attributes = touched(document, subject, kept)
        if attributes:
            by_subject[subject.grain, subject.id] = resolved(
                subject, kept, attributes=attributes, catalogue=catalogue, today=today, said=said
            )
    if not by_subject:
        return now
    reviews = {each.number: each.review_on for each in kept}
    own = by_subject.get((Grain.PERSON, document["person_id"]), {})
    now["held"] = _values(document.get("held"), own, reviews, catalogue)
    now["alerts"] = _alerts(document.get("alerts"), own, reviews)
    for key in _HEAD:
        if key in own and (current := own[key].current) is not None and current.system == REGISTER:
            now[key] = own[key].value if own[key].state is State.ANSWERED else now.get(key)
    now["tenancies"] = [
        _tenancy(each, by_subject, reviews, catalogue) for each in document.get("tenancies") or ()
    ]
    return now


def _of(subject: Subject, kept: Iterable[Kept]) -> list[Kept]:
    return [
        each
        for each in kept
        if each.grain == subject.grain.value and each.subject in subject.known_as
    ]


_Reviews = Mapping[int, dt.date | None]


def _tenancy(
    tenancy: Mapping[str, Any],
    by_subject: Mapping[tuple[Grain, str], Mapping[str, Resolved]],
    reviews: _Reviews,
    catalogue: Catalogue,
) -> dict[str, Any]:
    now = dict(tenancy)
    for grain in (Grain.TENANCY, Grain.HOUSEHOLD, Grain.HOME):
        changed = by_subject.get((grain, tenancy.get(f"{grain.value}_id") or ""))
        if changed:
            name = f"{grain.value}_values"
            now[name] = _values(tenancy.get(name), changed, reviews, catalogue)
    return now


def _values(
    values: Iterable[Mapping[str, Any]] | None,
    changed: Mapping[str, Resolved],
    reviews: _Reviews,
    catalogue: Catalogue,
) -> list[Mapping[str, Any]]:
    before = {each["attribute"]: each for each in values or ()}
    moved = {
        key
        for key, now in changed.items()
        if (before.get(key, {}).get("state"), before.get(key, {}).get("value")) != (now.state.value, now.value)
    }  # fmt: skip
    after = {
        key: value
        for key, value in before.items()
        if not (value["origin"] == "derived" and moved & _inputs(catalogue.attributes.get(key)))
    }
    for key, now in changed.items():
        after.pop(key, None)
        if now.current is not None:
            after[key] = _as_held(key, now, reviews)
    return [after[key] for key in sorted(after)]


def _inputs(attribute: Attribute | None) -> set[str]:
    return set(attribute.derived_from) if attribute is not None else set()


def _as_held(key: str, now: Resolved, reviews: _Reviews) -> dict[str, Any]:
    current = now.current
    assert current is not None
    is_ours = current.system == REGISTER
    return {
        "attribute": key, "state": now.state.value, "value": now.value, "origin": current.origin,
        "method": current.method, "system": current.system,
        "recorded_on": current.recorded_on and current.recorded_on.isoformat(), "is_stale": now.is_stale,
        "stale_on": now.stale_on and now.stale_on.isoformat(), "in_conflict": now.in_conflict,
        "n_statements": now.n_statements, "why": now.why, "source_file": current.source_file,
        "source_row": current.source_row, "review_on": _review(current, reviews) if is_ours else None,
    }  # fmt: skip


def _review(current: Statement, reviews: _Reviews) -> str | None:
    day = reviews.get(current.source_row)
    return day and day.isoformat()


def _alerts(
    alerts: Iterable[Mapping[str, Any]] | None, changed: Mapping[str, Resolved], reviews: _Reviews
) -> list[Mapping[str, Any]]:
    """The dated alerts, with those of the register.

    What another system lists stays until that system ends it: a warning is not lost because somebody
    ticked fewer boxes. A withdrawal takes the kind away as a whole.
    """
    found = list(alerts or ())
    for kind, attribute in ALERT_KINDS.items():
        now = changed.get(attribute)
        if now is None or now.current is None:
            continue
        if now.state is State.WITHDRAWN:
            found = [each for each in found if each["kind"] != kind]
        elif now.state is State.ANSWERED and now.current.system == REGISTER:
            ours = set((now.value or "").split(";")) - {"none", ""}
            since = {each["code"]: each["started_on"] for each in found if each["kind"] == kind}
            on = now.current.recorded_on and now.current.recorded_on.isoformat()
            found = [each for each in found if each["kind"] != kind or each["code"] not in ours]
            found += [
                {"kind": kind, "code": code, "started_on": since.get(code) or on, "ended_on": None,
                 "review_on": _review(now.current, reviews)}
                for code in sorted(ours)
            ]  # fmt: skip
    return found


def _ended(tenancy: Mapping[str, Any]) -> dt.date | None:
    """The end of a person's part in a tenancy, as `profile.placing` reckons it."""
    ends = [day for day in (_day(tenancy.get("to_on")), _day(tenancy.get("ended_on"))) if day]
    return min(ends, default=None)


def _last(ends: Sequence[dt.date | None], today: dt.date) -> dt.date | None:
    """The last of the ends, where none is open and none lies ahead; None otherwise."""
    past = [day for day in ends if day is not None and day < today]
    return max(past) if past and len(past) == len(ends) else None


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text[:10]) if text else None
