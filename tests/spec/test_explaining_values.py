"""Why a value stands, in words that an officer can read to the customer."""

from __future__ import annotations

from rooftree.catalogue.model import Code, CodeList
from rooftree.profile.explain import explain
from tests.lib.profiles import AS_OF, attribute, said

TENURE = attribute("tenure_wish", label="Tenure wish")


def test_the_winner_the_alternatives_and_the_source():
    found = explain(
        [
            said("tenant", "2024-05-03", system="housing", source_file="a1", source_row=7),
            said("owner", "2025-06-01", system="crm", source_kind="contact"),
            said("owner", "2019-01-01", system="crm", source_kind="contact"),
        ],
        TENURE,
        AS_OF,
    )
    assert found.sentences == (
        (
            "Housing says 'tenant' on 3 May 2024; it stands because for this attribute its kind of "
            "source comes first."
        ),
        "In conflict: Crm says 'owner' on 1 June 2025.",
        "Crm says 'owner' on 1 June 2025; this comes after it.",
        "Crm says 'owner' on 1 January 2019; this comes after it.",
        "Source: file a1, row 7.",
    )


def test_a_refusal_that_does_not_erase():
    found = explain(
        [said("yes", "2025-01-01"), said(None, "2026-01-01", system="crm")], TENURE, AS_OF
    )
    assert found.answer == (
        "Northgate says 'yes' on 1 January 2025; it stands because the answer is still fresh, and a "
        "refusal elsewhere does not erase it."
    )
    assert found.alternatives == (
        "Crm says: prefers not to say on 1 January 2026; this comes after it.",
    )


def test_what_was_withdrawn_is_not_repeated():
    found = explain(
        [said("secret", "2025-01-01"), said(None, None, state="withdrawn")], TENURE, AS_OF
    )
    assert found.answer == (
        "Northgate says: withdrawn, on an unknown date; it stands because an objection or withdrawal "
        "took away what had been said."
    )
    assert "secret" not in " ".join(found.sentences)
    assert any("no date" in note for note in found.notes)


def test_labels_staleness_and_nothing_held():
    codes = CodeList("c", "Colours", "test", (Code("r", "Red"), Code("b", "Blue")))
    found = explain([said("b;r", "2020-01-01")], TENURE, AS_OF, codes=codes)
    assert found.answer.startswith("Northgate says 'Blue, Red'")
    assert found.notes == ("It needs asking again since 1 January 2022.",)
    nothing = explain([], TENURE, AS_OF)
    assert nothing.sentences == ("Nothing is held on tenure wish: not asked.",)
