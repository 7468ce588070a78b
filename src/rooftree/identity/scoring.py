"""Scoring candidate pairs: Splink's weights, the frequency of names, and the guards.

A guard holds two records apart however high they score; the pair is kept with its reason, so that
a person can see it and decide otherwise.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from splink import DuckDBAPI, Linker

from rooftree.identity.model import Model
from rooftree.identity.rules import BORN, COMPARISONS, GIVEN, HOUSEHOLD, Comparison
from rooftree.storage.engine import Engine

# Pairs below this weight (bits) are not worth keeping even for review.
LEAST_WEIGHT = -6.0

# A name seen once among very many tells no more than one in 20,000 would.
_FREQUENCY_FLOOR = 5e-5

_RETAINED = ("given", "family", "dob", "ni", "sex_of_title", "source", "member_of")


def holds(comparison: Comparison, *names: str) -> str:
    """The condition that a scored pair is at one of these levels."""
    gammas = ", ".join(str(comparison.gamma(name)) for name in names)
    return f"gamma_{comparison.name} IN ({gammas})"


_AT_HOME = holds(
    HOUSEHOLD, *(one.name for one in HOUSEHOLD.levels if one.name.endswith("same home"))
)
_BORN_SAME = holds(BORN, "same")
_BORN_CLOSE = holds(BORN, "same", "day and month swapped", "one slip")

#: Reason → when two records are held apart, in the order in which reasons are given.
GUARDS: dict[str, str] = {
    "forenames differ and dates of birth do not agree":
        f"{holds(GIVEN, 'different', 'alike')} AND NOT {_BORN_SAME}",
    "dates of birth differ": holds(BORN, "different"),
    "a forename is unknown and dates of birth do not agree":
        f"gamma_{GIVEN.name} = -1 AND NOT {_BORN_SAME}",
    "same date of birth and home, forenames differ (twins)":
        f"{holds(GIVEN, 'different')} AND {_AT_HOME}",
    "National Insurance numbers differ":
        f"ni_l <> ni_r AND NOT ({holds(GIVEN, 'same')} AND {_BORN_SAME})",
    "only an initial agrees and titles differ":
        f"{holds(GIVEN, 'initial')} AND sex_of_title_l <> sex_of_title_r",
    "two members of one tenancy in one system":
        f"source_l = source_r AND member_of_l = member_of_r AND NOT (coalesce({holds(GIVEN, 'same')}, FALSE)"
        f" AND coalesce({_BORN_CLOSE}, FALSE))",
}  # fmt: skip


def guard_sql(model: Model) -> str:
    """The reason that holds a pair apart, or null."""
    if not model.households:
        return "CAST(NULL AS VARCHAR)"
    cases = " ".join(f"WHEN {condition} THEN '{reason}'" for reason, condition in GUARDS.items())
    return f"CASE {cases} END"


@contextmanager
def _quiet_splink() -> Iterator[None]:
    """Splink tells its progress through logging; ours is told by Progress."""
    logger = logging.getLogger("splink")
    level, logger.disabled = logger.level, True
    children = [
        logging.getLogger(name)
        for name in logging.root.manager.loggerDict
        if name.startswith("splink.")
    ]
    before = [child.disabled for child in children]
    for child in children:
        child.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = False
        logger.setLevel(level)
        for child, disabled in zip(children, before, strict=True):
            child.disabled = disabled


def score(
    engine: Engine, table: str, target: str, model: Model, *, link_only: bool = False
) -> None:
    """Make `target`: every candidate pair of a comparison table with weight, levels and guard."""
    if not model.rules:
        _no_pairs(engine, target)
        return
    with _quiet_splink():
        linker, api, data = _linker(engine, table, model, link_only)
        predicted = linker.inference.predict(
            threshold_match_weight=LEAST_WEIGHT, warning_mode="never"
        )
        _finish(engine, f"SELECT * FROM {predicted.physical_name}", table, target, model)
        _drop_all(linker, api, data)


def score_new(engine: Engine, existing: str, new: str, target: str, model: Model) -> None:
    """Make `target`: pairs of a new record with an existing or another new one, and no others."""
    if not model.rules:
        _no_pairs(engine, target)
        return
    with _quiet_splink():
        linker, api, data = _linker(engine, new, model, link_only=False)
        known = api.register(existing)
        between = linker.inference.predict_between(
            known, data, threshold_match_weight=LEAST_WEIGHT, warning_mode="never"
        )
        within = linker.inference.predict_within(
            data, threshold_match_weight=LEAST_WEIGHT, warning_mode="never"
        )
        both = f"SELECT * FROM {between.physical_name} UNION ALL BY NAME SELECT * FROM {within.physical_name}"
        _finish(engine, both, existing, target, model)
        _drop_all(linker, api, data)


def _linker(
    engine: Engine, table: str, model: Model, link_only: bool
) -> tuple[Linker, DuckDBAPI, Any]:
    settings = model.settings(link_type="link_only" if link_only else "dedupe_only")
    settings["retain_matching_columns"] = True
    settings["additional_columns_to_retain"] = list(_RETAINED)
    api = DuckDBAPI(engine.con)
    data: Any = api.register(table)
    return Linker(data, settings, validate_settings=False), api, data


def _drop_all(linker: Linker, api: DuckDBAPI, data: Any) -> None:
    linker.table_management.delete_tables_created_by_splink_from_db()


def _finish(engine: Engine, predicted: str, table: str, target: str, model: Model) -> None:
    """Add what frequency says, and the guards."""
    for column in ("given", "family", "dob"):
        engine.execute(
            f"CREATE OR REPLACE TEMP TABLE _tmp_identity_tf_{column} AS SELECT {column} AS word, "
            f"greatest(count(*) / (SELECT count({column}) FROM {table}), {_FREQUENCY_FLOOR}) AS share "
            f"FROM {table} WHERE {column} IS NOT NULL GROUP BY {column}"
        )
    weights = ", ".join(_with_frequency(one, model) for one in COMPARISONS)
    total = " + ".join(f"weight_{one.name}" for one in COMPARISONS)
    gammas = ", ".join(f"gamma_{one.name}" for one in COMPARISONS)
    mw = " + ".join(f"p.mw_{one.name}" for one in COMPARISONS)
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE {target} AS
        WITH weighed AS (
            SELECT p.unique_id_l, p.unique_id_r, {gammas}, {weights}, p.match_weight - ({mw}) AS prior,
                {guard_sql(model)} AS guard
            FROM ({predicted}) AS p
            LEFT JOIN _tmp_identity_tf_given AS tf_given ON tf_given.word = p.given_l
            LEFT JOIN _tmp_identity_tf_family AS tf_family ON tf_family.word = p.family_l
            LEFT JOIN _tmp_identity_tf_dob AS tf_dob ON tf_dob.word = p.dob_l
        ), summed AS (SELECT *, round(prior + {total}, 6) AS weight FROM weighed)
        SELECT least(unique_id_l, unique_id_r) AS unique_id_l, greatest(unique_id_l, unique_id_r) AS unique_id_r,
            weight, round(1 / (1 + pow(2.0, -weight)), 9) AS probability, guard, {gammas},
            {", ".join(f"round(weight_{one.name}, 3) AS weight_{one.name}" for one in COMPARISONS)}
        FROM summed"""
    )
    for column in ("given", "family", "dob"):
        engine.execute(f"DROP TABLE _tmp_identity_tf_{column}")


def _with_frequency(comparison: Comparison, model: Model) -> str:
    """A comparison's weight; a rare name or date adds to it, a common one takes away."""
    base = f"p.mw_{comparison.name}"
    adjusted = {level.frequency for level in comparison.levels if level.frequency}
    if not adjusted:
        return f"{base} AS weight_{comparison.name}"
    column = adjusted.pop()
    levels = [level.name for level in comparison.levels if level.frequency == column]
    return (
        f"{base} + CASE WHEN {holds(comparison, *levels)} AND tf_{column}.share IS NOT NULL "
        f"THEN log2({model.chance[column]!r} / tf_{column}.share) ELSE 0 END AS weight_{comparison.name}"
    )


def _no_pairs(engine: Engine, target: str) -> None:
    columns = ", ".join(
        f"CAST(NULL AS INTEGER) AS gamma_{one.name}, CAST(NULL AS DOUBLE) AS weight_{one.name}"
        for one in COMPARISONS
    )
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {target} AS SELECT CAST(NULL AS VARCHAR) AS unique_id_l, "
        f"CAST(NULL AS VARCHAR) AS unique_id_r, CAST(NULL AS DOUBLE) AS weight, "
        f"CAST(NULL AS DOUBLE) AS probability, CAST(NULL AS VARCHAR) AS guard, {columns} WHERE FALSE"
    )
