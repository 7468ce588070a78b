"""The picture of a segment's people, to be taken away: made from safe numbers only, by the landlord's policy."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rooftree.pipeline.groups import persona_of
from rooftree.vocabulary.errors import DefinitionError, NotFound, PolicyDenied
from rooftree.web.accounts.permissions import needs
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.config.errors import no_snapshot
from rooftree.web.landlords.opened import opened
from rooftree.web.segments.asked import asking

KINDS = {
    "pdf": "application/pdf",
    "png": "image/png",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
}


@require_safe
@needs(Can.SEE_COUNTS)
def persona(request: Request, segment: str, kind: str) -> HttpResponse:
    """The file; a page that says why where the segment is too small to be drawn without drawing persons."""
    if kind not in KINDS:
        raise Http404
    try:
        data = opened(request.user.landlord)
    except NotFound as error:
        return no_snapshot(request, error)
    try:
        with asking(data) as asked, tempfile.TemporaryDirectory() as folder:
            drawn = persona_of(
                asked, data.workspace, segment, Path(folder), colour=request.user.landlord.colour
            )
            content = Path(drawn.files[kind]).read_bytes()
    except (NotFound, DefinitionError):
        raise Http404 from None
    except PolicyDenied as refusal:
        about = {
            "why": str(refusal),
            "segment": data.catalogue.segments[segment],
            "section": "segments",
        }
        return render(request, "segments/no_persona.html", about)
    response = HttpResponse(content, content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{segment}.{kind}"'
    return response
