"""What stands around every page of one record: who it is about, and the parts of the record."""

from __future__ import annotations

from rooftree.pipeline.record import why_hidden
from rooftree.web.accounts.roles import Can
from rooftree.web.people import queries
from rooftree.web.people.access import Looking


def may_see_account(looking: Looking) -> bool:
    """Whether the role sees rent accounts."""
    feature = looking.data.catalogue.features.get("rent_balance_pence")
    return why_hidden(feature, looking.purposes) is None


def record_shell(looking: Looking, tab: str) -> dict[str, object]:
    """What the template `people/record.html` needs; `tab` is the part that is open."""
    can = looking.user.permitted.can
    tabs = [
        ("overview", "person", "Overview"),
        *([("ask", "person_ask", "Ask and record")] if Can.RECORD_ANSWERS in can else []),
        ("profile", "person_profile", "Profile"), ("household", "person_household", "Household and home"),
        ("events", "person_events", "Timeline"),
        *([("account", "person_account", "Rent account")] if may_see_account(looking) else []),
        ("history", "person_history", "History of values"),
        *([("lookers", "person_lookers", "Who looked")] if Can.SEE_LOOKERS in can else []),
    ]  # fmt: skip
    who = looking.record.person
    return {
        "who": who, "name": queries.name_of(who), "person_id": looking.person_id, "tabs": tabs, "tab": tab,
        "as_of": looking.data.as_of, "section": "people", "record": looking.record,
    }  # fmt: skip
