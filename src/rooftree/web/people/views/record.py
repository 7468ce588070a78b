"""The pages of one record. Each is wrapped by `record_page`: scope, reason and log come first."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from rooftree.pipeline import account as accounts
from rooftree.pipeline import events as happened
from rooftree.pipeline import history as told
from rooftree.vocabulary.errors import NotFound
from rooftree.web.accounts.models import User
from rooftree.web.accounts.permissions import needs
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.audit.models import Action
from rooftree.web.audit.queries import looked_at
from rooftree.web.audit.services import record as write_log
from rooftree.web.config.errors import no_snapshot
from rooftree.web.layout.forms import posted
from rooftree.web.people import access, presenting, queries
from rooftree.web.people.access import Looking, record_page
from rooftree.web.people.chart import balance_picture
from rooftree.web.people.forms import LABELS, FilterEvents, GiveReason
from rooftree.web.people.shell import may_see_account, record_shell

_EVENTS_ON_A_PAGE = 40
_LOOKS_ON_A_PAGE = 50


@require_safe
@record_page(Action.RECORD_VIEWED)
def overview(request: Request, looking: Looking) -> HttpResponse:
    """The first screenful."""
    return _page(request, looking, "overview", shown=queries.overview(looking))


@require_safe
@record_page(Action.PROFILE_VIEWED)
def profile(request: Request, looking: Looking) -> HttpResponse:
    """Every value by topic, with state, source, date and freshness; and where sources disagree."""
    data = looking.data
    with data.engine() as engine:
        disputed = told.conflicting(
            engine, looking.person_id, catalogue=data.catalogue, purposes=looking.purposes,
            now=looking.changed,
        )  # fmt: skip
    return _page(
        request, looking, "profile", topics=queries.profile(looking),
        disputed=[_history_of(looking, key, held) for key, held in disputed.items()],
    )  # fmt: skip


@require_safe
@record_page(Action.HOUSEHOLD_VIEWED)
def household(request: Request, looking: Looking) -> HttpResponse:
    """Household and home of every tenancy, the ones of now first."""
    homes = [
        {
            "tenancy": tenancy,
            "values": list(
                presenting.values_of(tenancy["values"], looking.data.catalogue).values()
            ),
            "figures": queries.figures(
                looking, tenancy["features"], ("household", "occupancy", "place", "tenancy")
            ),
        }
        for tenancy in looking.record.tenancies
    ]
    return _page(request, looking, "household", homes=homes)


@require_safe
@record_page(Action.EVENTS_VIEWED)
def events(request: Request, looking: Looking) -> HttpResponse:
    """What happened, newest first, by kind and period."""
    data = looking.data
    kinds = happened.kinds_for(data.catalogue, looking.purposes)
    form = FilterEvents(request.GET or {"since": "12m"}, kinds=kinds)
    chosen = form.cleaned_data if form.is_valid() else {"kind": [], "since": "12m"}
    number = (
        int(page)
        if (page := request.GET.get("page", "1")).isdecimal() and 0 < int(page[:4]) < 500
        else 1
    )
    with data.engine() as engine:
        found = happened.timeline(
            engine, looking.person_id,
            tenancy_ids=[each["tenancy_id"] for each in looking.record.tenancies if each["lives_there"]],
            kinds=chosen["kind"] or kinds, as_of=data.as_of,
            since=queries.since_of(chosen["since"] or "12m", data.as_of),
            limit=_EVENTS_ON_A_PAGE + 1, offset=(number - 1) * _EVENTS_ON_A_PAGE,
        )  # fmt: skip
    return _page(
        request, looking, "events", form=form, events=found[:_EVENTS_ON_A_PAGE], number=number,
        has_more=len(found) > _EVENTS_ON_A_PAGE, labels=LABELS,
    )  # fmt: skip


@require_safe
@record_page(Action.ACCOUNT_VIEWED)
def account(request: Request, looking: Looking) -> HttpResponse:
    """The rent account of the newest tenancy the person answers for: a picture, its table, and what they say."""
    if not may_see_account(looking):
        raise Http404
    answers_for = [
        each
        for each in looking.record.tenancies
        if each["role"] in ("tenant", "joint_tenant", "leaseholder")
    ]
    tenancy = next(iter(answers_for), None)
    weeks: list[accounts.Week] = []
    figures: list[queries.Figure] = []
    if tenancy is not None:
        figures = queries.figures(looking, tenancy["features"], ("payment",))
        with looking.data.engine() as engine:
            weeks = accounts.weeks(engine, tenancy["tenancy_id"], as_of=looking.data.as_of)
    return _page(
        request, looking, "account", tenancy=tenancy, weeks=weeks[::-1],
        picture=balance_picture(weeks) if weeks else None,
        first=[each for each in figures if each.key in queries.FIRST_FIGURES],
        rest=[each for each in figures if each.key not in queries.FIRST_FIGURES],
    )  # fmt: skip


@require_safe
@record_page(Action.HISTORY_VIEWED)
def history(request: Request, looking: Looking) -> HttpResponse:
    """Every value that was ever held, with who said it and when."""
    data = looking.data
    with data.engine() as engine:
        held = told.statements(
            engine, looking.person_id, catalogue=data.catalogue, purposes=looking.purposes,
            now=looking.changed,
        )  # fmt: skip
    by_attribute: dict[str, list[told.Held]] = {}
    for each in held:
        by_attribute.setdefault(each.attribute, []).append(each)
    return _page(
        request,
        looking,
        "history",
        attributes=[_history_of(looking, *pair) for pair in by_attribute.items()],
    )


@require_safe
@record_page(Action.LOOKERS_VIEWED, what=Can.SEE_LOOKERS)
def lookers(request: Request, looking: Looking) -> HttpResponse:
    """Who looked at this customer, when and why."""
    landlord = looking.user.landlord_id
    page = Paginator(looked_at(landlord, looking.person_id), _LOOKS_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    staff = {
        user.pk: f"{user.name}, {user.permitted.label.lower()}"
        for user in User.objects.filter(
            landlord=landlord, pk__in={event.actor_id for event in page}
        )
    }
    return _page(request, looking, "lookers", page=page, staff=staff)


@require_http_methods(["GET", "POST"])
@needs(Can.FIND_PEOPLE)
def reason(request: Request, person_id: str) -> HttpResponse:
    """Ask why, where the role may look at anybody. Who the person is stays unsaid until then."""
    try:
        access.look(request, person_id)
    except NotFound as error:
        return no_snapshot(request, error)
    form = GiveReason(posted(request))
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["reason"]
        write_log(
            landlord_id=request.user.landlord_id, actor_id=request.user.pk, action=Action.REASON_GIVEN,
            subjects=[person_id], reason=why,
        )  # fmt: skip
        access.keep_reason(request, person_id, why)
        return redirect("person", person_id=person_id)
    status = 422 if form.errors else 200
    return render(request, "people/reason.html", {"form": form, "section": "people"}, status=status)


def _history_of(looking: Looking, key: str, held: list[told.Held]) -> dict[str, object]:
    catalogue = looking.data.catalogue
    attribute = catalogue.attributes[key]
    rows = [
        {
            "held": each,
            "text": presenting.in_text(attribute, each.value, catalogue)
            if each.state == "answered"
            else presenting.STATES[each.state],
            "source": presenting.SYSTEMS.get(each.system, each.system),
        }
        for each in held
    ]
    return {"key": key, "label": attribute.label, "rows": rows}


def _page(request: Request, looking: Looking, tab: str, **about: object) -> HttpResponse:
    return render(request, f"people/{tab}.html", record_shell(looking, tab) | about)
