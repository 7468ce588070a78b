"""Who is in a segment, and why one is in or not: for those whose role and purpose may."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rooftree.pipeline.segments import Asked, explained
from rooftree.segments.definition import Segment
from rooftree.vocabulary.errors import DefinitionError, NotFound
from rooftree.web.accounts.models import User
from rooftree.web.accounts.permissions import needs, scope
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.audit.models import Action
from rooftree.web.audit.services import record as write_log
from rooftree.web.config.errors import no_snapshot
from rooftree.web.landlords.opened import opened
from rooftree.web.people import presenting
from rooftree.web.people.access import Looking, record_page
from rooftree.web.people.queries import name_of
from rooftree.web.segments import listing, queries
from rooftree.web.segments.asked import asking
from rooftree.web.segments.permissions import may_list

_ON_A_PAGE = 25


@require_safe
@needs(Can.FIND_PEOPLE)
def members(request: Request, segment: str) -> HttpResponse:
    """Those in it, of the user's patches. The access log has them before they are shown."""
    user = request.user
    try:
        data = opened(user.landlord)
    except NotFound as error:
        return no_snapshot(request, error)
    with asking(data) as asked:
        found = _allowed(asked, user, segment)
        everyone = listing.members_of(asked, found, patches=scope(user))
    page = Paginator(everyone, _ON_A_PAGE).get_page(request.GET.get("page"))
    lines = [listing.line(data, member) for member in page]
    write_log(
        landlord_id=user.landlord_id, actor_id=user.pk, action=Action.PEOPLE_FOUND,
        subjects=[each.person_id for each in lines if each.person_id],
        detail={"snapshot": data.snapshot_id, "segment": found.key},
    )  # fmt: skip
    about = {
        "segment": found.definition, "lines": lines, "page": page, "n": len(everyone), "as_of": data.as_of,
        "units": queries.UNITS[found.definition.unit.value], "section": "segments",
        "in_patches": scope(user) is not None,
    }  # fmt: skip
    return render(request, "segments/members.html", about)


@require_safe
@record_page(Action.PROFILE_VIEWED)
def why(request: Request, looking: Looking, segment: str) -> HttpResponse:
    """Why this person (or their household, tenancy or home) is in, or is not, and what would change it."""
    data = looking.data
    with asking(data) as asked:
        found = _allowed(asked, looking.user, segment)
        definition = found.definition
        subject = listing.subject_of(asked, looking.person_id, definition.unit)
        told = None
        if subject is not None:
            try:
                told = explained(asked, found, subject, purpose=definition.purpose)
            except NotFound:  # a person who died is of no unit of a rule
                told = None
    sources = [
        (asked.segments.catalogue.attributes[each.key], each)
        for each in (told.sources if told else ())
    ]
    about = {
        "segment": definition, "told": told, "name": name_of(looking.record.person), "section": "segments",
        "unit": queries.UNITS[definition.unit.value][0], "person_id": looking.person_id, "as_of": data.as_of,
        "sources": [
            {
                "label": attribute.label, "file": each.source_file, "row": each.source_row,
                "text": presenting.in_text(attribute, each.value, data.catalogue)
                if each.state == "answered"
                else presenting.STATES[each.state],
            }
            for attribute, each in sources
        ],
    }  # fmt: skip
    return render(request, "segments/why.html", about)


def _allowed(asked: Asked, user: User, key: str) -> Segment:
    """The segment, if the user may see who is in it: otherwise 403, and 404 where there is none."""
    definition = asked.segments.catalogue.segments.get(key)
    if definition is None:
        raise Http404
    if not may_list(user, definition):
        raise PermissionDenied
    try:
        return asked.segments[key]
    except DefinitionError:
        raise Http404 from None
