"""Draws the picture of the documentation: `python -m tests.lib.persona_picture docs/images/persona.png`.

The people are made up. The group is that of a rule, read and told by the same code as any other.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from rooftree.catalogue import load
from rooftree.catalogue.model import Catalogue
from rooftree.segments.check import check, reads
from rooftree.segments.english import to_english
from rooftree.segments.fields import scope
from rooftree.segments.parse import parse
from rooftree.segments.persona import Group, Landlord, Persona, make_persona
from rooftree.segments.persona.picture import draw
from rooftree.segments.sql import members_sql
from rooftree.segments.values_sql import Context
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import Grain
from tests.lib.wide_people import make_people

AS_OF = dt.date(2026, 3, 31)
RULE = "preferred_channel includes any of (letter, visit)"


def example(engine: Engine, catalogue: Catalogue) -> Persona:
    """The persona of the documentation."""
    make_people(engine, catalogue, n=8_000)
    where = scope(catalogue, Grain.PERSON)
    node = check(parse(RULE), where)
    sql = members_sql(node, Grain.PERSON, "customers", Context(catalogue, AS_OF))
    engine.execute(f"CREATE OR REPLACE TABLE example AS {sql}")
    group = Group(
        "likes_letters", "Likes letters and visits", rule=to_english(node, where), reads=reads(node, where)
    )  # fmt: skip
    return make_persona(
        engine, "example", group=group, base="customers", catalogue=catalogue, as_of=AS_OF,
        name="Group 3", landlord=Landlord("Harrowmere District Council"),
    )  # fmt: skip


if __name__ == "__main__":
    with Engine() as engine:
        Path(sys.argv[1]).write_bytes(draw(example(engine, load()), "png", ppi=96))
