"""What happened around one person: contacts, repairs, cases and services, newest first, cut to a purpose.

An event is found by the person's own references and by those of the tenancies they live in. The
catalogue has no entry for an event, so the purposes of the feature that counts such events decide who
may see them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rooftree.catalogue.model import Catalogue
from rooftree.features.references import TENANCY, person_join, tenancy_joins
from rooftree.pipeline.record import why_hidden
from rooftree.storage.engine import Engine

#: The kinds of event, with the feature whose purposes decide who sees them.
KINDS: Mapping[str, str] = {
    "contact": "tenancy_contacts_in_12m",
    "repair": "repairs_12m",
    "complaint": "complaints_12m",
    "asb": "asb_cases_12m",
    "arrears_action": "arrears_actions_52w",
    "payment_arrangement": "arrears_actions_52w",
    "benefit_claim": "arrears_actions_52w",
    "support_referral": "support_referral_open",
    "safeguarding": "support_referral_open",
    "adaptation": "adaptation_open",
    "hazard": "hazard_open",
    "service": "service_uses_12m",
}
#: Where the law is stricter than the feature: an attribute whose purposes must allow it too.
STRICTER: Mapping[str, str] = {"asb": "asb_involvement", "safeguarding": "safeguarding_concern"}


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `words` are codes of the sector; `ended_on` None: still open, or over at once."""

    kind: str
    on: dt.date
    words: tuple[str, ...]
    ended_on: dt.date | None
    about: str  # person, tenancy


def kinds_for(catalogue: Catalogue, purposes: Sequence[str]) -> tuple[str, ...]:
    """The kinds of event that these purposes may see."""

    def hidden(kind: str) -> bool:
        feature = catalogue.features.get(KINDS[kind])
        stricter = STRICTER.get(kind)
        return why_hidden(feature, purposes) is not None or (
            stricter is not None
            and why_hidden(catalogue.attributes.get(stricter), purposes) is not None
        )

    return tuple(kind for kind in KINDS if not hidden(kind))


def timeline(
    engine: Engine,
    person_id: str,
    *,
    tenancy_ids: Sequence[str],
    kinds: Sequence[str],
    as_of: dt.date,
    since: dt.date | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[Event]:
    """The events of one person and of their tenancies up to `as_of`, newest first, at most `limit`."""
    if not kinds:
        return []
    marks = ", ".join("?" for _ in kinds)
    mine = (
        f"(who.person_id = ? OR {TENANCY} IN ({', '.join('?' for _ in tenancy_ids)}))"
        if tenancy_ids
        else "who.person_id = ?"
    )
    whose = [person_id, *tenancy_ids]
    union = " UNION ALL ".join(
        f"SELECT {columns}, CASE WHEN who.person_id = ? THEN 'person' ELSE 'tenancy' END AS about "
        f"FROM staging.{table} e {person_join('e')} {tenancy_joins('e')} WHERE {mine}"
        for table, columns in _TABLES
    )
    rows = engine.rows(
        f"""SELECT kind, happened_on, words, ended_on, about FROM ({union})
        WHERE kind IN ({marks}) AND happened_on <= ? AND happened_on >= ?
        ORDER BY happened_on DESC, kind, words LIMIT ? OFFSET ?""",
        [
            *(each for _ in _TABLES for each in (person_id, *whose)),
            *kinds, as_of, since or dt.date(1900, 1, 1), limit, offset,
        ],
    )  # fmt: skip
    return [
        Event(kind, on, tuple(word for word in words if word), ended, about)
        for kind, on, words, ended, about in rows
    ]


_TABLES = (
    (
        "contact",
        """'contact' AS kind, e.occurred_on AS happened_on,
        [e.direction, e.channel, e.reason, e.outcome] AS words, NULL::DATE AS ended_on""",
    ),
    (
        "repair",
        """'repair' AS kind, e.reported_on AS happened_on, [e.priority, e.trade, e.status] AS words,
        e.completed_on AS ended_on""",
    ),
    (
        '"case"',
        "e.kind AS kind, e.opened_on AS happened_on, [e.subtype, e.outcome] AS words, e.closed_on AS ended_on",
    ),
    (
        "service_use",
        "'service' AS kind, e.used_on AS happened_on, [e.service] AS words, NULL::DATE AS ended_on",
    ),
)
