"""Drawing a sample from a sampling frame: how many of each stratum, and whom.

A draw depends on the seed and on the keys, never on the order of the rows: each key gets a number from
both, and the lowest are drawn. So a draw can be repeated by anyone who has the frame and the seed.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from rooftree.survey.tables import as_table, check_columns
from rooftree.vocabulary.errors import DataError, Problem, UserError

METHODS = ("proportional", "equal", "neyman")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample.

    `sample`: the frame's columns of whom was drawn, with `stratum`, `draw_order` (within the stratum),
    `design_weight` (how many of the frame, households where one is drawn of each, this one stands
    for) and `n_in_household`. `strata`: stratum, n_frame, n_drawn, design_weight. `excluded`: reason, n.
    """

    sample: pa.Table
    strata: pa.Table
    excluded: pa.Table
    n_frame: int
    seed: str


def allocate(
    sizes: Mapping[str, int],
    n: int,
    *,
    method: str = "proportional",
    spread: Mapping[str, float] | None = None,
    minimum: int = 1,
) -> dict[str, int]:
    """How many to draw of each stratum, n in all (fewer where the strata do not have so many).

    proportional: by size. equal: as many of each. neyman: by size times `spread`, the standard
    deviation expected in the stratum (for a share p, the root of p(1 - p)), which makes the overall
    figure as exact as n allows. No stratum gives less than `minimum` or more than it has.
    """
    if method not in METHODS:
        raise UserError(f"There is no allocation {method!r}. Use one of: {', '.join(METHODS)}.")
    if method == "neyman" and (spread is None or set(spread) != set(sizes)):
        raise UserError("Neyman allocation needs the spread expected in each stratum.")
    if n < 1 or any(size < 1 for size in sizes.values()):
        raise UserError("A sample and each of its strata must have 1 or more.")
    share = {
        name: {"proportional": float(size), "equal": 1.0}.get(method)
        or size * (spread or {}).get(name, 0.0)
        for name, size in sizes.items()
    }
    least = {name: min(minimum, size) for name, size in sizes.items()}
    if sum(least.values()) > n:
        raise UserError(
            f"{len(sizes)} strata of at least {minimum} need more than {n}. Draw more, or join strata."
        )
    return _rounded(_within(share, least, sizes, min(n, sum(sizes.values()))), sizes)


def _within(
    share: Mapping[str, float], least: Mapping[str, int], most: Mapping[str, int], n: int
) -> dict[str, float]:
    """n dealt out by share; a stratum beyond its bounds is set to the bound, and the rest dealt again."""
    fixed: dict[str, float] = {}
    while True:
        free = [name for name in share if name not in fixed]
        left = n - sum(fixed.values())
        total = sum(share[name] for name in free)
        dealt = {
            name: left * share[name] / total if total > 0 else left / len(free) for name in free
        }
        over = {k: float(most[k]) for k in free if dealt[k] > most[k]}
        under = {k: float(least[k]) for k in free if dealt[k] < least[k]}
        # Settle one side at a time: what is taken from the large may be enough for the small.
        excess = sum(dealt[k] - most[k] for k in over)
        lack = sum(least[k] - dealt[k] for k in under)
        beyond = over if excess >= lack else under
        if not beyond:
            return fixed | dealt
        fixed |= beyond


def _rounded(exact: Mapping[str, float], most: Mapping[str, int]) -> dict[str, int]:
    """Whole numbers with the same sum: what is left over goes to the largest remainders, then by name."""
    whole = {name: math.floor(value + 1e-9) for name, value in exact.items()}
    left = round(sum(exact.values())) - sum(whole.values())
    order = sorted(exact, key=lambda name: (whole[name] - exact[name], name))
    for name in order:
        if left > 0 and whole[name] < most[name]:
            whole[name] += 1
            left -= 1
    return whole


def draw(
    frame: Any,
    *,
    key: str,
    n: int | Mapping[str, int],
    seed: str | int,
    strata: str | None = None,
    household: str | None = None,
    excluded: str | None = None,
    method: str = "proportional",
    spread: Mapping[str, float] | None = None,
    minimum: int = 1,
) -> Drawn:
    """Draw a sample from a table.

    key: the column that names each row once. n: how many in all, or of each stratum.
    strata: the column of the stratum. method, spread, minimum: see `allocate`.
    household: the column of the household: one member of each is drawn, by lot, and the households
        are what the draw and its weights count. A person's own chance is that over `n_in_household`.
    excluded: the column that says why a row may not be drawn; blank where it may.

    Raises DataError for keys that are missing or repeat, an unknown stratum, and a household whose
    members stand in different strata.
    """
    table = as_table(frame)
    names = [name for name in (key, strata, household, excluded) if name is not None]
    check_columns(table, names, where="frame")
    word = str(seed)
    candidates = _eligible(
        table, word, key=key, strata=strata, household=household, excluded=excluded
    )
    members: dict[int, int] = {}
    if household is not None:
        candidates, members = _one_of_each(candidates, word)
    groups: dict[str, list[_Row]] = {}
    for row in candidates:
        groups.setdefault(row.stratum, []).append(row)
    if not groups:
        raise DataError([Problem("frame", "nobody may be drawn.", "Look at the exclusions.")])
    sizes = {name: len(groups[name]) for name in sorted(groups)}
    wanted = (
        _checked(n, sizes)
        if isinstance(n, Mapping)
        else allocate(sizes, n, method=method, spread=spread, minimum=minimum)
    )
    drawn: list[tuple[_Row, int, float]] = []
    for name in sizes:
        lot = sorted(groups[name], key=lambda row: (row.lot, row.key))
        count = wanted.get(name, 0)
        drawn += [(row, n + 1, sizes[name] / count) for n, row in enumerate(lot[:count])]
    return _result(table, drawn, members, sizes, wanted, excluded, word)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that may be drawn; `lot` is the number it drew."""

    place: int
    key: str
    stratum: str
    household: str | None
    lot: bytes


def _lot(seed: str, kind: str, word: str) -> bytes:
    return hashlib.blake2b(f"{seed}\x1f{kind}\x1f{word}".encode(), digest_size=16).digest()


def _eligible(
    table: pa.Table,
    seed: str,
    *,
    key: str,
    strata: str | None,
    household: str | None,
    excluded: str | None,
) -> list[_Row]:
    keys = table[key].to_pylist()
    nothing = [None] * len(keys)
    groups = table[strata].to_pylist() if strata else ["all"] * len(keys)
    homes = table[household].to_pylist() if household else nothing
    reasons = table[excluded].to_pylist() if excluded else nothing
    problems = []
    twice = len(keys) - len(set(keys))
    if twice or None in keys:
        what = f"{keys.count(None):,} rows have no key and {twice:,} repeat one."
        problems.append(Problem(f"frame: {key}", what, "Give each row a key of its own."))
    for name, values in ((strata, groups), (household, homes)):
        lost = sum(v is None and not r for v, r in zip(values, reasons, strict=True)) if name else 0
        if lost:
            what = f"{lost:,} rows that may be drawn have no value."
            remedy = "Fill it in, or exclude them with a reason."
            problems.append(Problem(f"frame: {name}", what, remedy))
    if problems:
        raise DataError(problems)
    return [
        _Row(place, str(each), str(groups[place]), None if household is None else str(homes[place]),
             _lot(seed, "key", str(each)))
        for place, each in enumerate(keys)
        if not reasons[place]
    ]  # fmt: skip


def _one_of_each(rows: Sequence[_Row], seed: str) -> tuple[list[_Row], dict[int, int]]:
    """One member of each household, by lot, and how many the household has.

    The household draws a number of its own: with the lowest of its members' numbers a large household
    would be drawn more often than a small one.
    """
    homes: dict[str, list[_Row]] = {}
    for row in rows:
        homes.setdefault(row.household or "", []).append(row)
    chosen: list[_Row] = []
    members: dict[int, int] = {}
    split = 0
    for home, people in homes.items():
        split += len({person.stratum for person in people}) > 1
        first = min(people, key=lambda person: (person.lot, person.key))
        chosen.append(replace(first, lot=_lot(seed, "household", home)))
        members[first.place] = len(people)
    if split:
        what = f"{split:,} households have members in different strata."
        raise DataError([Problem("frame", what, "Use strata that a whole household shares.")])
    return chosen, members


def _result(
    table: pa.Table,
    drawn: Sequence[tuple[_Row, int, float]],
    members: Mapping[int, int],
    sizes: Mapping[str, int],
    wanted: Mapping[str, int],
    excluded: str | None,
    seed: str,
) -> Drawn:
    sample = table.take(pa.array([row.place for row, _, _ in drawn], pa.int64()))
    for name, values in (
        ("stratum", pa.array([row.stratum for row, _, _ in drawn], pa.string())),
        ("draw_order", pa.array([order for _, order, _ in drawn], pa.int64())),
        ("design_weight", pa.array([weight for _, _, weight in drawn], pa.float64())),
        ("n_in_household", pa.array([members.get(r.place, 1) for r, _, _ in drawn], pa.int64())),
    ):
        if name in sample.column_names:
            raise UserError(f"The frame has a column {name} already. Give it another name.")
        sample = sample.append_column(name, values)
    reasons = Counter(r for r in table[excluded].to_pylist() if r) if excluded else Counter()
    strata = {
        "stratum": list(sizes),
        "n_frame": list(sizes.values()),
        "n_drawn": [wanted.get(name, 0) for name in sizes],
        "design_weight": [sizes[k] / wanted[k] if wanted.get(k) else None for k in sizes],
    }
    left_out = {
        "reason": sorted(map(str, reasons)),
        "n": [reasons[r] for r in sorted(reasons, key=str)],
    }
    return Drawn(
        sample,
        pa.table(strata),
        pa.table(left_out, schema=pa.schema([("reason", pa.string()), ("n", pa.int64())])),
        sum(sizes.values()),
        seed,
    )


def _checked(wanted: Mapping[str, int], sizes: Mapping[str, int]) -> dict[str, int]:
    problems = []
    for name, count in wanted.items():
        if name not in sizes:
            what = f"there is no stratum {name!r}."
            problems.append(Problem("n", what, f"There are: {', '.join(sizes)}."))
        elif not 0 <= count <= sizes[name]:
            what = f"{count:,} of stratum {name!r} are wanted, which has {sizes[name]:,}."
            problems.append(Problem("n", what, "Ask for fewer."))
    if problems:
        raise DataError(problems)
    return dict(wanted)
