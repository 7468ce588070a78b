"""The picture: one A4 page, as a tagged PDF for everyone and as PNG, from one source.

The page is `page.typ`. It is given the persona as JSON and reads it as text, so that a name or a label
can never be code. Only the fonts inside Typst are used, and no clock: the same persona gives the same
bytes on every machine.
"""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any, Literal

from rooftree.segments.persona.forms import index_words
from rooftree.segments.persona.model import Chart, Persona
from rooftree.segments.persona.words import percent
from rooftree.vocabulary.errors import UserError

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
#: Contrast that text needs (WCAG 2.2, level AA is 4.5); the colour is darkened until it has this much.
CONTRAST = 5.0
PIXELS_PER_INCH = 144
#: Labels of a chart that are longer than this many letters run over two lines.
WIDE = 18
#: Sizes of the letters in points, the largest that fits first.
SIZES = (10.0, 9.5, 9.0, 8.5, 8.0)


def draw(persona: Persona, form: Literal["pdf", "png"], *, ppi: int = PIXELS_PER_INCH) -> bytes:
    """The page as PDF/UA-1 or as PNG, in the largest letters with which it is one page.

    Equality monitoring is never on it: a picture is passed around. `ppi`: pixels per inch of a PNG.
    """
    said = json.dumps(page_data(persona), ensure_ascii=False)
    for points in SIZES:
        pages = _pages({"persona": said, "points": str(points)}, form, ppi)
        if pages is not None:
            return pages
    raise UserError(
        f"The portrait of {persona.group.key} does not fit on one page: shorten its label and rule."
    )


def _pages(inputs: dict[str, str], form: Literal["pdf", "png"], ppi: int) -> bytes | None:
    """The one page; None where there are more."""
    import typst

    source = resources.files("rooftree.segments.persona").joinpath("page.typ").read_bytes()
    about: dict[str, Any] = {"sys_inputs": inputs, "ignore_system_fonts": True}
    drawn = typst.compile(source, format="png", ppi=ppi, **about)
    if isinstance(drawn, list):
        return None
    if form == "png":
        return bytes(drawn)
    return bytes(typst.compile(source, format="pdf", pdf_standards=["ua-1"], **about))


def page_data(persona: Persona) -> dict[str, Any]:
    """What the page says, all of it ready as text; shares are numbers where they are drawn."""
    day = f"{persona.as_of.day} {persona.as_of:%B %Y}"
    return {
        "name": persona.name,
        "label": persona.group.label if persona.group.label != persona.name else "",
        "landlord": persona.landlord.name,
        "day": day,
        "colour": readable(persona.landlord.colour),
        "n": f"{persona.description.n_in:,}",
        "summary": persona.summary.partition(" ")[2],
        "rule": persona.group.rule,
        "traits": [
            {
                "words": trait.words,
                "inside": trait.share_in,
                "all": trait.share_all,
                "inside_text": percent(trait.share_in),
                "all_text": percent(trait.share_all),
                "index": index_words(trait.index),
                "more": trait.more,
            }
            for trait in persona.traits
        ],
        "portrait": [
            {
                "title": part.title,
                "sentences": [{"says": one.says, "figures": one.figures} for one in part.sentences],
            }
            for part in persona.portrait
        ],
        "charts": [_chart(chart) for chart in persona.charts],
        "limits": list(persona.limits),
    }


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "title": chart.title,
        "note": chart.note,
        "wide": any(len(bar.label) > WIDE for bar in chart.bars),
        "bars": [
            {"label": bar.label, "inside": bar.share_in, "all": bar.share_all,
             "inside_text": percent(bar.share_in), "all_text": percent(bar.share_all)}
            for bar in chart.bars
        ],
    }  # fmt: skip


def check_colour(colour: str) -> None:
    """Raise UserError unless this is a colour written `#rrggbb`."""
    if not _COLOUR.fullmatch(colour):
        raise UserError(f"{colour!r} is not a colour. Write it as #rrggbb, such as #1d4f5c.")


def readable(colour: str) -> str:
    """The colour, darkened as far as text in it on white, or white on it, needs to be read."""
    check_colour(colour)
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    while contrast(red, green, blue) < CONTRAST:
        red, green, blue = (int(part * 0.95) for part in (red, green, blue))
    return f"#{red:02x}{green:02x}{blue:02x}"


def contrast(red: int, green: int, blue: int) -> float:
    """The contrast of a colour with white, from 1 to 21, as WCAG 2.2 defines it."""
    parts = [part / 255 for part in (red, green, blue)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
