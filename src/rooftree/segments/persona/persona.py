"""From a group to its persona, and from a persona to files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from rooftree.catalogue.model import Catalogue
from rooftree.segments.persona import portrait
from rooftree.segments.persona.describe import describe
from rooftree.segments.persona.forms import to_json, to_markdown
from rooftree.segments.persona.model import Description, Group, Landlord, Persona, Terms
from rooftree.segments.persona.picture import check_colour, draw
from rooftree.segments.persona.words import check_name
from rooftree.storage.engine import Engine
from rooftree.storage.files import write_whole
from rooftree.vocabulary.states import Grain


def make_persona(
    engine: Engine,
    members: str,
    *,
    group: Group,
    base: str,
    catalogue: Catalogue,
    as_of: dt.date,
    name: str = "",
    unit: Grain = Grain.PERSON,
    terms: Terms | None = None,
    landlord: Landlord | None = None,
) -> Persona:
    """The persona of a group: who its people are against everyone in the base, in words and numbers.

    `members`, `base`, `unit`: as `describe` takes them. `name`: what the persona is called, such as
    "Group 3" (`words.name_for`); the group's label where none is given. The same group on the same
    snapshot gives the same persona, to the byte of each file.

    Raises PolicyDenied for a group too small for a picture, UserError for a name that stigmatises or
    that makes an equality answer its defining trait, or a colour that is none.
    """
    name = name or group.label
    for text in dict.fromkeys((name, group.label)):
        check_name(text, catalogue)
    landlord = landlord or Landlord()
    check_colour(landlord.colour)
    description = describe(
        engine, members, base, catalogue, group=group, as_of=as_of, unit=unit, terms=terms
    )
    return portray(description, name=name, landlord=landlord)


def portray(description: Description, *, name: str, landlord: Landlord) -> Persona:
    """The persona of a description that is there already."""
    return Persona(
        name=name,
        group=description.group,
        landlord=landlord,
        as_of=description.as_of,
        summary=portrait.summary(description),
        traits=portrait.traits(description),
        portrait=portrait.paragraphs(description),
        charts=portrait.charts(description),
        beside=portrait.beside(description),
        limits=portrait.limits(description),
        description=description,
    )


def write(persona: Persona, folder: Path) -> dict[str, Path]:
    """Write the persona to a folder as PDF, PNG, JSON and Markdown; the path of each, by its ending.

    Files of an earlier persona of the same group are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents: dict[str, str | bytes] = {
        "pdf": draw(persona, "pdf"),
        "png": draw(persona, "png"),
        "json": to_json(persona),
        "md": to_markdown(persona),
    }
    paths = {}
    for ending, content in contents.items():
        paths[ending] = folder / f"{persona.group.key}.{ending}"
        write_whole(paths[ending], content)
    return paths
