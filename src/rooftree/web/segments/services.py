"""Writing, proposing, approving and retiring a segment. A state moves only as `MOVES` allows; each move is in
the access log, in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from rooftree.catalogue.load import load as load_catalogue
from rooftree.pipeline.segments import Asked
from rooftree.storage.files import write_whole
from rooftree.vocabulary.errors import PolicyDenied, UserError
from rooftree.web.accounts.models import User
from rooftree.web.accounts.permissions import can
from rooftree.web.accounts.roles import Can
from rooftree.web.audit.models import Action
from rooftree.web.audit.services import record
from rooftree.web.landlords.opened import Opened
from rooftree.web.segments.models import MOVES, Proposal, State
from rooftree.web.segments.writing import check_definition, compiled, definition_text

_REVIEW_AFTER = dt.timedelta(days=365)


def start(*, by: User, given: Mapping[str, Any], rule: str = "", before: str = "") -> Proposal:
    """A new draft. UserError where one of this key is under way."""
    try:
        with transaction.atomic():
            made = Proposal.objects.create(
                landlord=by.landlord, rule=rule, before=before, written_by=by,
                written_at=timezone.now(), **given,
            )  # fmt: skip
            _log(made, by, Action.SEGMENT_WRITTEN)
    except IntegrityError as error:
        raise UserError(
            f"Somebody is writing the segment {given['key']} already. Go on with theirs, or discard it."
        ) from error
    return made


def save_rule(proposal: Proposal, rule: str, *, by: User) -> Proposal:
    """Keep the text as it is typed, also where it does not load yet: nothing typed is lost."""
    with transaction.atomic():
        n = Proposal.objects.filter(pk=proposal.pk, state=State.DRAFT).update(
            rule=rule, written_at=timezone.now()
        )
        if not n:
            raise UserError("It is no draft any more. Open it again to see what became of it.")
    proposal.rule = rule
    return proposal


def propose(proposal: Proposal, *, by: User, asked: Asked) -> Proposal:
    """Put it before a second person. Raises RuleError where the rule does not load."""
    compiled(asked, proposal)
    return _move(proposal, State.PROPOSED, by=by, action=Action.SEGMENT_PROPOSED)


def check_may_decide(proposal: Proposal, user: User) -> None:
    """Raise PolicyDenied unless the user may approve it or send it back: never who wrote it."""
    if not can(user, Can.APPROVE_SEGMENTS):
        raise PolicyDenied("Your role approves no segments.")
    if user.pk == proposal.written_by_id:
        raise PolicyDenied("You wrote it: a second person approves a segment.")


def approve(
    proposal: Proposal, *, by: User, asked: Asked, data: Opened, comment: str = ""
) -> Proposal:
    """Write the landlord's definition, so that the next run uses it. All of it happens, or nothing."""
    check_may_decide(proposal, by)
    compiled(asked, proposal)
    today = timezone.localdate()
    text = definition_text(
        proposal, asked, checked_by=f"{by.name} ({by.permitted.label})", today=today,
        next_review_on=today + _REVIEW_AFTER,
    )  # fmt: skip
    check_definition(proposal.key, text)
    folder = data.workspace.definitions / "segments"
    path = folder / f"{proposal.key}.toml"
    with transaction.atomic():
        moved = _move(
            proposal, State.APPROVED, by=by, action=Action.SEGMENT_APPROVED, comment=comment
        )
        folder.mkdir(parents=True, exist_ok=True)
        earlier = path.read_bytes() if path.exists() else None
        write_whole(path, text)
        try:
            load_catalogue(data.workspace.definitions)
        except Exception:
            # The catalogue as a whole does not load with it: as it was before, and nothing is approved.
            if earlier is None:
                path.unlink()
            else:
                write_whole(path, earlier)
            raise
    return moved


def send_back(proposal: Proposal, *, by: User, comment: str) -> Proposal:
    """Back to who wrote it, with why."""
    check_may_decide(proposal, by)
    return _move(proposal, State.DRAFT, by=by, action=Action.SEGMENT_SENT_BACK, comment=comment)


def discard(proposal: Proposal, *, by: User) -> Proposal:
    """Give a draft up."""
    return _move(proposal, State.DISCARDED, by=by, action=Action.SEGMENT_DISCARDED)


def retire(proposal: Proposal, *, by: User, data: Opened, comment: str) -> Proposal:
    """Take the landlord's definition away: the next run counts it no longer. A shipped one of the key comes back."""
    if not can(by, Can.APPROVE_SEGMENTS):
        raise PolicyDenied("Your role retires no segments.")
    path = data.workspace.definitions / "segments" / f"{proposal.key}.toml"
    with transaction.atomic():
        moved = _move(
            proposal, State.RETIRED, by=by, action=Action.SEGMENT_RETIRED, comment=comment
        )
        earlier = path.read_bytes() if path.exists() else None
        path.unlink(missing_ok=True)
        try:
            load_catalogue(data.workspace.definitions)
        except Exception:
            if earlier is not None:
                write_whole(path, earlier)
            raise
    return moved


def _move(
    proposal: Proposal, to: State, *, by: User, action: Action, comment: str = ""
) -> Proposal:
    """One conditional update: of two who decide at once, one is told that it was decided."""
    came = [state for state in MOVES if to in MOVES[state]]
    now = timezone.now()
    decided = (
        {}
        if to in (State.PROPOSED, State.DISCARDED)
        else {"decided_by": by, "decided_at": now, "comment": comment}
    )
    with transaction.atomic():
        n = Proposal.objects.filter(pk=proposal.pk, state__in=came).update(state=to, **decided)
        if not n:
            raise UserError("It was decided meanwhile. Open it again to see what became of it.")
        _log(proposal, by, action)
    proposal.refresh_from_db()
    return proposal


def _log(proposal: Proposal, by: User, action: Action) -> None:
    record(
        landlord_id=proposal.landlord_id, actor_id=by.pk, action=action,
        detail={"segment": proposal.key, "proposal": proposal.pk},
    )  # fmt: skip
