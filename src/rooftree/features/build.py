"""Builds the tables of the features stage, in order, at one as_of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from rooftree.catalogue.model import Catalogue
from rooftree.features import (
    cases,
    contact,
    household,
    payment,
    place,
    reference_schema,
    repairs,
    service,
    tenancy,
    unmatched,
)  # fmt: skip
from rooftree.features.parameters import filled
from rooftree.storage.engine import Engine, Model
from rooftree.storage.portable import Parameter
from rooftree.vocabulary.progress import NoProgress, Progress

#: Every table, in an order in which each finds what it reads.
MODELS: tuple[Model, ...] = (
    *tenancy.MODELS,
    *cases.MODELS,
    *payment.MODELS,
    *household.MODELS,
    *contact.MODELS,
    *repairs.MODELS,
    *service.MODELS,
    *place.MODELS,
    *unmatched.MODELS,
)


def build(
    engine: Engine,
    *,
    as_of: dt.date,
    catalogue: Catalogue | None = None,
    progress: Progress | None = None,
    parameters: Mapping[str, Parameter] | None = None,
    models: tuple[Model, ...] = MODELS,
) -> None:
    """Work out from events, at `as_of`, how customers pay, get in touch, use services and live.

    Reads the tables of staging, identity and profile that are in the engine and leaves those of
    `features.schema`. `parameters` replace the shipped ones by name. Nothing after `as_of` is used.
    Raises DefinitionError for a parameter that does not exist.
    """
    values = filled(as_of, parameters)
    for (
        table
    ) in reference_schema.ALL:  # without reference files every postcode is unknown, and counted
        if not engine.has(table.full_name):
            engine.create(table)
    with (progress or NoProgress()).step("Features", total=len(models), unit="tables") as step:
        for model in models:
            engine.build(model, parameters=values)
            step.advance()
    for model in models:
        if model.table.name.startswith("_tmp_"):
            engine.execute(f"DROP TABLE {model.table.full_name}")
