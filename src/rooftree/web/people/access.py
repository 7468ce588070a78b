"""The door to one record: in scope, with a reason where one is needed, and written to the log first.

Every page about one person is wrapped by `record_page`. A person out of scope and a person who does
not exist answer alike, 404.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from rooftree.pipeline.documents import whole
from rooftree.pipeline.record import Record, check_purpose, visible
from rooftree.profile.resolve import Resolved
from rooftree.storage.answers import Kept
from rooftree.vocabulary.errors import NotFound
from rooftree.web.accounts.models import User
from rooftree.web.accounts.permissions import needs, scope
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.audit.models import Action
from rooftree.web.audit.services import record as write_log
from rooftree.web.config.errors import no_snapshot
from rooftree.web.landlords.opened import Opened, opened
from rooftree.web.landlords.told import changed, kept_about, told

#: A reason holds for so long; then it is asked again.
REASON_SECONDS = 3600
_SESSION = "reasons"


@dataclass
class Looking:
    """Somebody looks at one person, and may."""

    user: User
    person_id: str
    data: Opened

    @property
    def purposes(self) -> tuple[str, ...]:
        """The purposes of the role."""
        return self.user.permitted.purposes

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """Everything that the last run knew of the person. No page shows it: it is of every purpose."""
        return whole(self.data.lookup, self.person_id)

    @cached_property
    def kept(self) -> list[Kept]:
        """What was recorded in Rooftree about them, their household, tenancies and homes. Of every purpose too."""
        return kept_about(self.data, self.document)

    @cached_property
    def changed(self) -> Mapping[str, Resolved]:
        """What stands now of the attributes that something was recorded about. Of every purpose."""
        return changed(self.data, self.document, self.kept)

    @cached_property
    def record(self) -> Record:
        """The record as it stands now, cut to what the purposes may see."""
        for purpose in self.purposes:
            check_purpose(purpose, self.data.catalogue)
        now = told(self.data, self.document, self.kept)
        return visible(now, purpose=self.purposes, catalogue=self.data.catalogue)


View = Callable[..., HttpResponse]


def record_page(action: Action, *, what: Can = Can.FIND_PEOPLE) -> Callable[[View], View]:
    """Make a view of one person: it is called with a `Looking` after scope, reason and log."""

    def wrap(view: View) -> View:
        @needs(what)
        @functools.wraps(view)
        def page(request: Request, person_id: str, **more: object) -> HttpResponse:
            try:
                looking = look(request, person_id)
            except NotFound as error:
                return no_snapshot(request, error)
            reason = reason_given(request, person_id)
            if request.user.permitted.needs_reason and not reason:
                return redirect("person_reason", person_id=person_id)
            write_log(
                landlord_id=request.user.landlord_id, actor_id=request.user.pk, action=action,
                subjects=[person_id], reason=reason or "",
                detail={"snapshot": looking.data.snapshot_id},
            )  # fmt: skip
            return view(request, looking, **more)

        return page

    return wrap


def look(request: Request, person_id: str) -> Looking:
    """The person, if this user may see them. Http404 otherwise, and the log keeps that it was tried."""
    user = request.user
    data = opened(user.landlord)
    patches = scope(user)
    try:
        data.lookup.document(person_id)
        is_there = patches is None or data.lookup.is_within(person_id, patches)
    except NotFound:
        is_there = False
    if not is_there:
        write_log(
            landlord_id=user.landlord_id,
            actor_id=user.pk,
            action=Action.ACCESS_REFUSED,
            subjects=[person_id],
        )
        raise Http404
    return Looking(user, person_id, data)


def reason_given(request: Request, person_id: str) -> str | None:
    """The reason this session holds for looking at the person, while it holds."""
    reason, until = request.session.get(_SESSION, {}).get(person_id, (None, 0))
    return reason if time.time() < until else None


def keep_reason(request: Request, person_id: str, reason: str) -> None:
    """Keep a reason for an hour; those that ran out are let go."""
    now = time.time()
    kept = {key: each for key, each in request.session.get(_SESSION, {}).items() if each[1] > now}
    kept[person_id] = (reason, now + REASON_SECONDS)
    request.session[_SESSION] = kept
