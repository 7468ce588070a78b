"""One row per subject, one column per attribute and its state: built when asked for, never kept."""

from __future__ import annotations

from collections.abc import Sequence

from rooftree.catalogue.model import Attribute
from rooftree.storage.engine import Engine, quote
from rooftree.storage.portable import compile_sql
from rooftree.vocabulary.errors import DefinitionError, Problem
from rooftree.vocabulary.states import Grain


def wide_sql(attributes: Sequence[Attribute], *, stage: str = "profile") -> str:
    """Portable SQL of the pivot: subject_id, then `<attribute>` and `<attribute>__state` for each.

    The value is null and the state says why, and the state is never null. Subjects are those who
    have a value of at least one of the attributes; join a population to it to have the others too.
    Raises DefinitionError where the attributes are of more than one grain.
    """
    grain = _one_grain(attributes)
    keys = sorted(attribute.key for attribute in attributes)
    columns = ", ".join(
        f"max(CASE WHEN attribute = {quote(key)} THEN value END) AS {key}, "
        f"coalesce(max(CASE WHEN attribute = {quote(key)} THEN state END), 'not_asked') AS {key}__state"
        for key in keys
    )
    listed = ", ".join(quote(key) for key in keys)
    return f"""
    SELECT subject_id, {columns} FROM {stage}.value
    WHERE grain = {quote(grain)} AND attribute IN ({listed})
    GROUP BY subject_id
    """


def build_wide(
    engine: Engine, name: str, attributes: Sequence[Attribute], *, stage: str = "profile"
) -> None:
    """Leave the pivot in the engine as the temporary table `name`."""
    sql = compile_sql(wide_sql(attributes, stage=stage), where=name)
    engine.execute(f"CREATE OR REPLACE TEMPORARY TABLE {name} AS {sql} ORDER BY subject_id")


def _one_grain(attributes: Sequence[Attribute]) -> Grain:
    grains = sorted({attribute.grain for attribute in attributes})
    if len(grains) == 1:
        return grains[0]
    what = f"its attributes are of {len(grains)} grains ({', '.join(grains) or 'none'})."
    raise DefinitionError([Problem("wide view", what, "Give attributes of one grain.")])
