"""How records go wrong: slips of the keyboard, nicknames, swapped dates, empty cells, old surnames.

Every function takes whole columns and returns what the record says with where it was changed, so
that the truth can be kept apart and counted.
"""

from __future__ import annotations

import numpy as np

from rooftree.demo.draws import NO_DAY, Array, chance, date, day
from rooftree.demo.names import nicknames, surnames

_NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj",
    "i": "uo", "j": "hk", "k": "jl", "l": "ko", "m": "n", "n": "bm", "o": "ip", "p": "o",
    "q": "w", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc",
    "y": "tu", "z": "x",
}  # fmt: skip


def typos(rng: np.random.Generator, texts: Array, *, rate: float) -> tuple[Array, Array]:
    """One slip (swap, drop, double, neighbouring key) in the given share of texts of four letters or more."""
    out = texts.copy()
    hit = chance(rng, rate, len(texts))
    for at in np.flatnonzero(hit):
        slipped = _slip(str(texts[at]), int(rng.integers(0, 4)), rng.random())
        hit[at] = slipped != texts[at]
        out[at] = slipped
    return out, hit


def _slip(text: str, kind: int, where: float) -> str:
    if len(text) < 4:
        return text
    at = 1 + int(where * (len(text) - 2))
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at] + text[at:]
    near = _NEIGHBOURS.get(text[at])
    return text[:at] + near[0] + text[at + 1 :] if near else text


def with_nicknames(rng: np.random.Generator, given: Array, *, rate: float) -> tuple[Array, Array]:
    """What people are called instead of their given name, where the name has a short form."""
    out, hit = given.copy(), chance(rng, rate, len(given))
    known = nicknames()
    for at in np.flatnonzero(hit):
        short = known.get(str(given[at]))
        hit[at] = short is not None
        if short:
            out[at] = short[int(rng.integers(0, len(short)))]
    return out, hit


def initials(rng: np.random.Generator, given: Array, *, rate: float) -> tuple[Array, Array]:
    """Only the first letter of the given name."""
    out, hit = given.copy(), chance(rng, rate, len(given))
    for at in np.flatnonzero(hit):
        out[at] = str(given[at])[:1]
    return out, hit


def other_surnames(
    rng: np.random.Generator, surname: Array, community: Array, *, where: Array
) -> tuple[Array, Array]:
    """Another surname, as before or after a marriage, in the rows of `where`."""
    out = surname.copy()
    out[where] = surnames(rng, community=community[where])
    return out, out != surname


def swapped_dates(rng: np.random.Generator, days: Array, *, rate: float) -> tuple[Array, Array]:
    """Day and month exchanged, where that gives another date."""
    out, hit = days.copy(), chance(rng, rate, len(days)) & (days != NO_DAY)
    for at in np.flatnonzero(hit):
        born = date(days[at])
        hit[at] = born.day <= 12 and born.day != born.month
        if hit[at]:
            out[at] = day(born.replace(day=born.month, month=born.day))
    return out, hit


def slipped_dates(rng: np.random.Generator, days: Array, *, rate: float) -> tuple[Array, Array]:
    """A wrong day or a wrong year by one, as read off a form."""
    hit = chance(rng, rate, len(days)) & (days != NO_DAY)
    step = rng.choice(np.array([-365, -10, -1, 1, 10, 365]), len(days))
    return np.where(hit, days + step, days), hit


def blanked(rng: np.random.Generator, texts: Array, *, rate: float) -> Array:
    """The given share of texts left empty."""
    return np.where(chance(rng, rate, len(texts)), "", texts)


def no_dates(rng: np.random.Generator, days: Array, *, rate: float) -> Array:
    """The given share of dates left out."""
    return np.where(chance(rng, rate, len(days)), NO_DAY, days)
