"""One question: put it, check what was typed, ask about what is doubtful, record, and show what changed meanwhile."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from rooftree.catalogue.model import Attribute
from rooftree.collection import Circumstances, Doubt, doubts_of
from rooftree.pipeline.told import Subject
from rooftree.profile.lookup import plus_months
from rooftree.vocabulary.errors import Overtaken
from rooftree.vocabulary.states import Method, State
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.audit.models import Action
from rooftree.web.landlords.told import register_of, today_of
from rooftree.web.people.access import Looking, record_page
from rooftree.web.people.shell import record_shell
from rooftree.web.recording import queries, scope, services, suggesting
from rooftree.web.recording.forms import METHODS, Answer, initial_of, new_entry
from rooftree.web.recording.rules import REVIEWED, can_object_for, can_record, is_shown

#: How the last answer of this session was said: in one call all are said alike.
_METHOD = "recording_method"
_REVIEW_MONTHS = 6


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question about one subject, as this user may put it."""

    looking: Looking
    attribute: Attribute
    subject: Subject
    tenancy_id: str

    @property
    def address(self) -> str:
        """Where it is put."""
        where = {"person_id": self.looking.person_id, "attribute": self.attribute.key}
        if self.tenancy_id:
            return reverse("question_of", kwargs=where | {"tenancy_id": self.tenancy_id})
        return reverse("question", kwargs=where)

    @property
    def today(self) -> dt.date:
        """The day on which it is put."""
        return today_of(self.looking.data)


@require_http_methods(["GET", "POST"])
@record_page(Action.ASKING_VIEWED, what=Can.RECORD_ANSWERS)
def question(
    request: Request, looking: Looking, attribute: str, tenancy_id: str = ""
) -> HttpResponse:
    """The question, and what becomes of the answer."""
    asked = _asked(looking, attribute, tenancy_id)
    value = queries.value_now(looking, asked.attribute, tenancy_id)
    with register_of(looking.data) as register:
        seen = register.version_of(asked.subject.known_as, [asked.attribute.key])
    form = _form(request, asked, value, seen)
    if request.method != "POST":
        return _page(request, asked, form, value)
    if not form.is_valid():
        return _page(request, asked, form, value, status=422)
    if _objected_today(asked):
        form.add_error(
            None,
            "An objection to this was recorded today, and an answer of the same day would not count. If the "
            "objection was a mistake, take it back first; otherwise record the answer from tomorrow.",
        )
        return _page(request, asked, form, value, status=422)
    doubts = _doubts(asked, form, value)
    if doubts and not form.is_sure:
        return _page(request, asked, form, value, status=422, doubts=doubts)
    return _record(request, asked, form, value, seen)


def _asked(looking: Looking, key: str, tenancy_id: str) -> _Asked:
    """The question of an address. What is not in the catalogue, not this role's work, or no part of the record: 404."""
    attribute = looking.data.catalogue.attributes.get(key)
    if attribute is None or not can_record(looking.user, attribute):
        raise Http404
    subject = scope.subject_of(looking, attribute, tenancy_id)
    if subject is None:
        raise Http404
    return _Asked(looking, attribute, subject, tenancy_id)


def _form(request: Request, asked: _Asked, value: Any, seen: int) -> Answer:
    method = request.session.get(_METHOD, Method.TELEPHONE.value)
    is_reviewed = asked.attribute.key in REVIEWED
    months = min(asked.attribute.fresh_months or _REVIEW_MONTHS, 12)
    held = value["value"] if value is not None and value["state"] == State.ANSWERED else None
    initial = initial_of(
        asked.attribute,
        held,
        method=method,
        review_on=plus_months(asked.today, months) if is_reviewed else None,
    )
    return Answer(
        request.POST if request.method == "POST" else None,
        attribute=asked.attribute,
        catalogue=asked.looking.data.catalogue,
        today=asked.today,
        is_reviewed=is_reviewed,
        initial=initial | {"entry": new_entry(), "seen": seen},
    )


def _objected_today(asked: _Asked) -> bool:
    return any(
        each.state == State.WITHDRAWN and each.recorded_on >= asked.today
        for each in queries.kept_of(asked.looking, asked.attribute, asked.subject)
    )


def _doubts(asked: _Asked, form: Answer, value: Any) -> tuple[Doubt, ...]:
    assert form.outcome is not None
    tenancy = next(
        (each for each in asked.looking.record.tenancies if each["tenancy_id"] == asked.tenancy_id),
        None,
    )
    members = [
        each for each in (tenancy or {}).get("members") or () if each["is_current"] and each["lives_there"]
    ]  # fmt: skip
    known = Circumstances(
        today=asked.today,
        held=value["value"] if value is not None and value["state"] == State.ANSWERED else None,
        is_named=scope.is_named(asked.looking),
        n_members=len(members) or None,
    )
    return doubts_of(form.outcome.state, form.outcome.value, asked.attribute, known)


def _record(
    request: Request, asked: _Asked, form: Answer, value: Any, seen_now: int
) -> HttpResponse:
    looking = asked.looking
    assert form.outcome is not None
    method = Method(form.cleaned_data["method"])
    told = services.Told(
        attribute=asked.attribute, subject=asked.subject, outcome=form.outcome, method=method,
        said_on=form.said_on, review_on=form.review_on,
    )  # fmt: skip
    try:
        number = services.record_answer(
            data=looking.data, person_id=looking.person_id, told=told,
            entry=form.own_entry, seen=form.version, by=looking.user,
        )  # fmt: skip
    except Overtaken:
        return _page(request, asked, form, value, status=409, seen_now=seen_now)
    request.session[_METHOD] = method.value
    _say(request, asked, number)
    if "next" in request.POST:
        following = _following(looking, asked)
        if following:
            return redirect(following)
    return redirect("person_ask", person_id=looking.person_id)


def _say(request: Request, asked: _Asked, number: int) -> None:
    """Say that it is recorded; and where it does not stand, why. Never what was said."""
    label = asked.attribute.label
    after = Looking(asked.looking.user, asked.looking.person_id, asked.looking.data)
    value = queries.value_now(after, asked.attribute, asked.tenancy_id)
    is_ours = value is not None and value["system"] == "register" and value["source_row"] == number
    if value is None or is_ours:
        messages.success(request, f"{label}: recorded.")
        return
    messages.info(
        request,
        f"{label}: recorded. What was said before still stands, because {queries.because(value)}.",
    )


def _following(looking: Looking, asked: _Asked) -> str | None:
    """The next question to put, other than the one just put."""
    after = Looking(looking.user, looking.person_id, looking.data)
    for row in suggesting.next_for(after, most=2):
        if row.attribute != asked.attribute.key:
            where = {"person_id": looking.person_id, "attribute": row.attribute}
            if row.tenancy_id:
                return reverse("question_of", kwargs=where | {"tenancy_id": row.tenancy_id})
            return reverse("question", kwargs=where)
    return None


def _page(
    request: Request,
    asked: _Asked,
    form: Answer,
    value: Any,
    *,
    status: int = 200,
    doubts: tuple[Doubt, ...] = (),
    seen_now: int | None = None,
) -> HttpResponse:
    looking, attribute = asked.looking, asked.attribute
    kept = queries.kept_of(looking, attribute, asked.subject)
    names = queries.names_of(looking.user, [each.recorded_by for each in kept])
    mine = [each for each in kept if queries.may_take_back(looking, each)]
    about = {
        "attribute": attribute, "form": form, "asked": asked, "doubts": doubts, "methods": METHODS,
        "held": suggesting.value_in_words(looking, value), "is_shown": is_shown(looking.user, attribute),
        "last": queries.recorded(looking, kept[-1], names) if kept else None,
        "mine": mine[-1].number if mine else None, "seen_now": seen_now, "is_reviewed": form.is_reviewed,
        "may_object": can_object_for(looking.user, attribute),
    }  # fmt: skip
    return render(
        request, "recording/question.html", record_shell(looking, "ask") | about, status=status
    )
