"""Writing a segment: text and builder side by side, one definition; then a second person decides."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rooftree.segments.compare import difference
from rooftree.segments.definition import compile_rule
from rooftree.segments.errors import RuleError
from rooftree.segments.text import to_text
from rooftree.vocabulary.errors import DefinitionError, NotFound, PolicyDenied, UserError
from rooftree.vocabulary.states import Grain
from rooftree.web.accounts.permissions import can, needs
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.config.errors import no_snapshot
from rooftree.web.landlords.opened import Opened, opened
from rooftree.web.layout.forms import posted
from rooftree.web.segments import queries, services, writing
from rooftree.web.segments.adding import Condition, offered
from rooftree.web.segments.asked import asking
from rooftree.web.segments.bars import attrition_bars
from rooftree.web.segments.forms import Begin, SendBack
from rooftree.web.segments.models import Proposal, State
from rooftree.web.segments.views.pages import BASES

_MOST_OFFERED = 12
_LONGEST = 20_000


@require_http_methods(["GET", "POST"])
@needs(Can.DEFINE_SEGMENTS)
def segment_new(request: Request) -> HttpResponse:
    """Begin a segment, or a new version of the one that `from` names."""
    try:
        data = opened(request.user.landlord)
    except NotFound as error:
        return no_snapshot(request, error)
    origin = data.catalogue.segments.get(request.GET.get("from", ""))
    initial = {}
    if origin is not None:
        initial = {
            "label": origin.label, "key": origin.key, "whom": f"{origin.unit.value}.{origin.base}",
            "purpose": origin.purpose, "topic": origin.topic, "why": origin.why, "action": origin.action,
            "owner": origin.owner,
        }  # fmt: skip
    form = Begin(posted(request), initial=initial, data_of=data, user=request.user)
    if request.method == "POST" and form.is_valid():
        rule = origin.rule.strip() if origin else ""
        try:
            made = services.start(by=request.user, given=form.given, rule=rule, before=rule)
            return redirect("proposal", pk=made.pk)
        except UserError as error:
            form.add_error("key", str(error))
    about = {"form": form, "origin": origin, "section": "segments"}
    return render(request, "segments/begin.html", about, status=422 if form.errors else 200)


@require_safe
@needs(Can.SEE_COUNTS)
def proposals(request: Request) -> HttpResponse:
    """What is being written and what was decided; for those who write or approve."""
    if not _writes_or_decides(request):
        raise PermissionDenied
    found = Proposal.objects.filter(landlord=request.user.landlord_id).select_related(
        "written_by", "decided_by"
    )[:100]
    return render(request, "segments/proposals.html", {"proposals": found, "section": "segments"})


@require_http_methods(["GET", "POST"])
@needs(Can.SEE_COUNTS)
def proposal(request: Request, pk: int) -> HttpResponse:
    """One proposal: its rule twice, its numbers, and what may be done with it."""
    if not _writes_or_decides(request):
        raise PermissionDenied
    found = _proposal(request, pk)
    try:
        data = opened(request.user.landlord)
    except NotFound as error:
        return no_snapshot(request, error)
    if request.method == "POST":
        return _do(request, found, data)
    return _page(request, found, data)


@require_POST
@needs(Can.DEFINE_SEGMENTS)
def proposal_check(request: Request, pk: int) -> HttpResponse:
    """The check of a text as it is typed: nothing is kept."""
    found = _proposal(request, pk)
    try:
        data = opened(request.user.landlord)
    except NotFound as error:
        return no_snapshot(request, error)
    found.rule = _typed(request)
    with asking(data) as asked:
        checked = writing.check(asked, found, request.user)
    return render(request, "segments/checked.html", _checked(found, checked))


def _do(request: Request, found: Proposal, data: Opened) -> HttpResponse:
    """What a button asks for. The text that is in the page goes with every button, so nothing typed is lost."""
    do = request.POST.get("do", "save")
    here = redirect("proposal", pk=found.pk)
    try:
        with asking(data) as asked:
            if do in ("approve", "send_back", "retire"):
                return _decide(request, found, data, asked, do)
            if not can(request.user, Can.DEFINE_SEGMENTS):
                raise PermissionDenied
            if do == "discard":
                services.discard(found, by=request.user)
                messages.success(request, "The draft is discarded.")
                return redirect("proposals")
            services.save_rule(found, _typed(request), by=request.user)
            if do.startswith("remove:"):
                _remove(found, do.removeprefix("remove:"), asked, request)
            elif do == "add":
                form = Condition(
                    request.POST, key=request.POST.get("about", ""), catalogue=data.catalogue,
                    unit=Grain(found.unit),
                )  # fmt: skip
                if not form.fields or not form.is_valid():
                    return _page(request, found, data, condition=form)
                _add(found, form, asked, request)
            elif do.startswith("about:"):
                where = reverse("proposal", kwargs={"pk": found.pk})
                return redirect(
                    f"{where}?{urlencode({'about': do.removeprefix('about:')[:80]})}#add"
                )
            elif do == "find":
                where = reverse("proposal", kwargs={"pk": found.pk})
                request.session["segment_find"] = request.POST.get("find", "")[:80]
                return redirect(f"{where}?find=1#add")
            elif do == "propose":
                services.propose(found, by=request.user, asked=asked)
                messages.success(request, "Proposed. A second person approves it or sends it back.")
    except (UserError, PolicyDenied, DefinitionError) as error:
        messages.error(request, str(error))
    return here


def _decide(
    request: Request, found: Proposal, data: Opened, asked: writing.Asked, do: str
) -> HttpResponse:
    if not can(request.user, Can.APPROVE_SEGMENTS):
        raise PermissionDenied
    if do == "approve":
        services.approve(found, by=request.user, asked=asked, data=data)
        messages.success(request, "Approved. The next run counts it.")
        return redirect("proposals")
    form = SendBack(request.POST)
    if not form.is_valid():
        return _page(request, found, data, back=form)
    comment = form.cleaned_data["comment"]
    if do == "retire":
        services.retire(found, by=request.user, data=data, comment=comment)
        messages.success(request, "Retired. The next run counts it no longer.")
    else:
        services.send_back(found, by=request.user, comment=comment)
        messages.success(request, "Sent back with your comment.")
    return redirect("proposals")


def _remove(found: Proposal, number: str, asked: writing.Asked, request: Request) -> None:
    parts = writing.parts_of(writing.compiled(asked, found).node)
    if not number.isdecimal() or int(number) >= len(parts):
        raise UserError("This condition is not there any more.")
    left = tuple(part for n, part in enumerate(parts) if n != int(number))
    services.save_rule(found, writing.text_of(left, asked) if left else "", by=request.user)


def _add(found: Proposal, form: Condition, asked: writing.Asked, request: Request) -> None:
    """The condition after the others. A text that does not load is put right first: nothing is guessed."""
    parts = writing.parts_of(writing.compiled(asked, found).node) if found.rule.strip() else ()
    events = dict(asked.segments.catalogue.events)
    before = found.rule
    added = to_text(form.node(), events=events)
    text = f"{writing.text_of(parts, asked)}\nand {added}" if parts else added
    found.rule = text
    try:
        writing.compiled(asked, found)
    except RuleError:
        found.rule = before
        raise
    services.save_rule(found, text, by=request.user)


def _page(
    request: Request,
    found: Proposal,
    data: Opened,
    *,
    condition: Condition | None = None,
    back: SendBack | None = None,
) -> HttpResponse:
    unit = Grain(found.unit)
    purpose = data.catalogue.purposes[found.purpose]
    text = request.session.get("segment_find", "") if "find" in request.GET else ""
    about = request.GET.get("about", "")
    options = offered(
        data.catalogue, unit=unit, purpose=purpose, use=found.use, text=text, own=found.key
    )
    if condition is None and about in {key for key, _, _ in options}:
        condition = Condition(None, key=about, catalogue=data.catalogue, unit=unit)
    with asking(data) as asked:
        checked = writing.check(asked, found, request.user)
        told = _difference(found, asked)
    user = request.user
    shown = {
        "proposal": found, "purpose": purpose, "section": "segments", "find": text, "n_options": len(options),
        "options": options[:_MOST_OFFERED] if "find" in request.GET else [], "condition": condition,
        "back": back or SendBack(), "difference": told, "as_of": data.as_of,
        "may_write": can(user, Can.DEFINE_SEGMENTS) and found.state == State.DRAFT,
        "may_decide": can(user, Can.APPROVE_SEGMENTS) and found.state == State.PROPOSED
        and user.pk != found.written_by_id,
        "may_retire": can(user, Can.APPROVE_SEGMENTS) and found.state == State.APPROVED,
        "form": condition if condition is not None and condition.errors else back,
    }  # fmt: skip
    wrong = bool((condition is not None and condition.errors) or (back is not None and back.errors))
    return render(
        request, "segments/proposal.html", shown | _checked(found, checked),
        status=422 if wrong else 200,
    )  # fmt: skip


def _checked(found: Proposal, checked: writing.Checked) -> dict[str, object]:
    everybody = BASES.get(found.base) or found.base
    units = queries.UNITS[found.unit]
    if found.unit != "person":
        everybody = f"{everybody} {units[1]}"
    return {
        "proposal": found, "checked": checked, "units": units, "everybody": everybody,
        "bars": attrition_bars(checked.sized, everybody=everybody) if checked.sized else [],
    }  # fmt: skip


def _difference(found: Proposal, asked: writing.Asked) -> object:
    """What changed against the rule it began from; None for a new segment, or where one does not load."""
    if not found.before.strip():
        return None
    try:
        new = writing.compiled(asked, found)
        definition = writing.definition_of(found)
        catalogue, ready = asked.segments.catalogue, asked.segments.ready
        old = compile_rule(writing.with_rule(definition, found.before), catalogue, ready)
    except RuleError:
        return None
    return difference(old.node, new.node, asked.segments.scope(new))


def _proposal(request: Request, pk: int) -> Proposal:
    found = (
        Proposal.objects.filter(landlord=request.user.landlord_id, pk=pk)
        .select_related("written_by", "decided_by")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _typed(request: Request) -> str:
    return request.POST.get("rule", "")[:_LONGEST].replace("\r\n", "\n").strip()


def _writes_or_decides(request: Request) -> bool:
    return bool({Can.DEFINE_SEGMENTS, Can.APPROVE_SEGMENTS} & request.user.permitted.can)
