"""The rent account as a picture: an SVG that the server draws, with every number in the table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rooftree.pipeline.account import Week
from rooftree.web.layout.templatetags.rooftree import as_date, as_money

_WIDTH, _HEIGHT = 900, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 12, 16, 34


@dataclass(frozen=True, slots=True)
class Picture:
    """What the template draws."""

    width: int
    height: int
    line: str
    area: str
    grid: list[tuple[float, str]]  # y and label
    zero: float
    months: list[tuple[float, str]]  # x and label
    left: int
    right: int
    summary: str


def balance_picture(weeks: Sequence[Week]) -> Picture:
    """The balance by week. Owed is above the line at nought, paid ahead below it."""
    balances = [week.balance for week in weeks]
    step = _step(max(*balances, 0) - min(*balances, 0))
    low = min(*balances, 0) // step * step
    high = max(-(-max(*balances, 0) // step) * step, low + step)
    across = (_WIDTH - _LEFT - _RIGHT) / max(len(weeks) - 1, 1)

    def x(place: int) -> float:
        return round(_LEFT + place * across, 1)

    def y(pence: int) -> float:
        return round(_TOP + (high - pence) * (_HEIGHT - _TOP - _BOTTOM) / (high - low), 1)

    points = " ".join(f"{x(place)},{y(pence)}" for place, pence in enumerate(balances))
    months = [
        (x(place), f"{week.ends_on:%b %Y}")
        for place, week in enumerate(weeks)
        if place % 13 == 0 and place < len(weeks) - 4
    ]
    return Picture(
        width=_WIDTH, height=_HEIGHT, line=points,
        area=f"{x(0)},{y(0)} {points} {x(len(weeks) - 1)},{y(0)}",
        grid=[(y(pence), as_money(pence).removesuffix(".00")) for pence in range(low, high + 1, step)],
        zero=y(0), months=months, left=_LEFT, right=_WIDTH - _RIGHT, summary=_summary(weeks),
    )  # fmt: skip


def _step(span: int) -> int:
    """A round distance between lines, so that there are three to six of them."""
    for step in (1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000):
        if span <= step * 5:
            return step
    return max(span // 5 // 1_000_000 * 1_000_000, 1_000_000)


def _summary(weeks: Sequence[Week]) -> str:
    first, last = weeks[0], weeks[-1]
    most = max(weeks, key=lambda week: week.balance)
    return (
        f"On {as_date(first.ends_on)} the balance was {as_money(first.balance)}, on {as_date(last.ends_on)} "
        f"{as_money(last.balance)}. It was highest on {as_date(most.ends_on)}, at {as_money(most.balance)}."
    )
