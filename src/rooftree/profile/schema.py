"""Tables of the profile stage: long, one row per subject and attribute; wide tables are built, never kept."""

from __future__ import annotations

from rooftree.storage.tables import Column, Table
from rooftree.vocabulary.states import Sensitivity

_S = Sensitivity

_SUBJECT = (
    Column("attribute", "VARCHAR", "key of the catalogue's attribute", True),
    Column("grain", "VARCHAR", "person, household, tenancy or home", True),
    Column("subject_id", "VARCHAR", "person_id, household_id, tenancy_id or home_id", True),
)

_CODED = (
    "attribute", "grain", "state", "origin", "method", "system", "source_kind", "source_file",
)  # fmt: skip

STATEMENT = Table(
    "profile",
    "statement",
    "Every answer kept, on the person (household, tenancy, home) it is about: the history.",
    (
        *_SUBJECT,
        Column("state", "VARCHAR", "vocabulary.states.State", True),
        Column("value", "VARCHAR", "when answered", sensitivity=_S.SPECIAL_CATEGORY),
        Column("raw_value", "VARCHAR", "what the source said", sensitivity=_S.SPECIAL_CATEGORY),
        Column("frame", "VARCHAR", "the code frame the source used"),
        Column("origin", "VARCHAR", "vocabulary.states.Origin", True),
        Column("method", "VARCHAR", "vocabulary.states.Method", True),
        Column("system", "VARCHAR", "the system that says so", True),
        Column("source_kind", "VARCHAR", "what sort of system", True),
        Column("recorded_by", "VARCHAR", "the member of staff's id in the source"),
        Column("recorded_on", "DATE", "when it was said"),
        Column("confidence", "DOUBLE", "0 to 1"),
        Column("source_file", "VARCHAR", "lineage: file", True),
        Column("source_row", "BIGINT", "lineage: row", True),
        Column(
            "statement_no",
            "BIGINT",
            "numbers the statements of one subject and attribute, best first",
            True,
        ),
        Column(
            "strength",
            "BIGINT",
            "the criteria of profile.ordering packed, the first heaviest: more stands before less",
            True,
        ),
        Column(
            "standing",
            "VARCHAR",
            "current, superseded, withdrawn, expired (past retention) or not_yet_known (recorded after "
            "as_of); of a withdrawn or expired one, value and raw_value are removed",
            True,
        ),
    ),
    # Unique by construction (statement_no is a row number), so it is an order and not a key, whose
    # check would cost as much as the resolving.
    order=("attribute", "grain", "subject_id", "statement_no"),
    order_is_total=True,
    buckets_by=("subject_id",),
    coded=(*_CODED, "frame", "standing"),
)

VALUE = Table(
    "profile",
    "value",
    "The one current value of each attribute of each subject, and why it is this one. No row: not asked.",
    (
        *_SUBJECT,
        Column(
            "state",
            "VARCHAR",
            "vocabulary.states.State; never null and never not_asked: a subject without a row is that",
            True,
        ),
        Column("value", "VARCHAR", "when answered", sensitivity=_S.SPECIAL_CATEGORY),
        Column("origin", "VARCHAR", "vocabulary.states.Origin", True),
        Column("method", "VARCHAR", "how it was collected", True),
        Column("system", "VARCHAR", "who says so", True),
        Column("source_kind", "VARCHAR", "what sort of system", True),
        Column("recorded_on", "DATE", "when it was said"),
        Column("stale_on", "DATE", "from when it needs asking again; null: never, or not known"),
        Column(
            "is_stale",
            "BOOLEAN",
            "as_of is on or after stale_on, or the attribute goes stale and the date is not known",
            True,
        ),
        Column("confidence", "DOUBLE", "0 to 1"),
        Column(
            "n_statements",
            "INTEGER",
            "statements that still count: not withdrawn, expired or recorded after as_of",
            True,
        ),
        Column(
            "in_conflict",
            "BOOLEAN",
            "another system says something else, as fresh and of the same origin",
            True,
        ),
        Column(
            "why",
            "VARCHAR",
            "the rule that decided: only, withdrawn, said, origin, fresh, state, kept_over_refusal, "
            "precedence, latest, confidence or tie (profile.ordering)",
            True,
        ),
        Column("source_file", "VARCHAR", "lineage: file", True),
        Column("source_row", "BIGINT", "lineage: row", True),
    ),
    key=("attribute", "grain", "subject_id"),
    buckets_by=("subject_id",),
    coded=(*_CODED, "why"),
)

CONFLICT = Table(
    "profile",
    "conflict",
    "Two sources that disagree now about one attribute of one subject.",
    (
        *_SUBJECT,
        Column("system", "VARCHAR", "the source whose value stands", True),
        Column("other_system", "VARCHAR", "the source that says something else", True),
        Column("recorded_on", "DATE", "when the first was said"),
        Column("other_recorded_on", "DATE", "when the other was said"),
        Column("source_file", "VARCHAR", "lineage of the first: file", True),
        Column("source_row", "BIGINT", "lineage of the first: row", True),
        Column("other_source_file", "VARCHAR", "lineage of the other: file", True),
        Column("other_source_row", "BIGINT", "lineage of the other: row", True),
    ),
    order=(
        "attribute",
        "grain",
        "subject_id",
        "other_system",
        "other_source_file",
        "other_source_row",
    ),
)

COMPLETENESS = Table(
    "profile",
    "completeness",
    "How complete the picture is: one row per attribute, population and state.",
    (
        Column("attribute", "VARCHAR", "key of the attribute", True),
        Column("grain", "VARCHAR", "person, household, tenancy or home", True),
        Column(
            "population",
            "VARCHAR",
            "key of profile.populations: who should have a value, and the denominator 'of all'",
            True,
        ),
        Column("n", "BIGINT", "subjects in the population", True),
        Column("answered", "BIGINT", "with a value", True),
        Column("refused", "BIGINT", "prefer not to say", True),
        Column("dont_know", "BIGINT", "asked, does not know", True),
        Column("not_applicable", "BIGINT", "the question does not arise", True),
        Column("withdrawn", "BIGINT", "removed after an objection", True),
        Column("not_asked", "BIGINT", "nothing held", True),
        Column(
            "asked", "BIGINT", "answered, refused or dont_know: the denominator 'of asked'", True
        ),
        Column("stale", "BIGINT", "of those with a recorded outcome: needs asking again", True),
        Column("in_conflict", "BIGINT", "of the answered: sources disagree", True),
        Column(
            "recorded_outcome",
            "BIGINT",
            "answered, refused, dont_know or not_applicable, and not stale",
            True,
        ),
    ),
    key=("attribute", "grain", "population"),
)

UNPLACED = Table(
    "profile",
    "unplaced",
    "An answer that belongs to nobody we know, kept by its place in the extract, with the reason.",
    (
        Column("attribute", "VARCHAR", "key of the attribute as the source said it", True),
        Column("grain", "VARCHAR", "person, household, tenancy or home", True),
        Column("system", "VARCHAR", "the system that says so", True),
        Column("subject_ref", "VARCHAR", "the reference that leads nowhere", True),
        Column(
            "problem",
            "VARCHAR",
            "attribute_unknown, grain_differs, subject_unknown or household_unknown",
            True,
        ),
        Column("source_file", "VARCHAR", "lineage: file", True),
        Column("source_row", "BIGINT", "lineage: row", True),
    ),
)

ALL = (STATEMENT, VALUE, CONFLICT, COMPLETENESS, UNPLACED)
