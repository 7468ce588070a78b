"""What a latent class model looks at: items, and the scale that turns a column into codes.

An `Item` is what the caller asks for. A `Scale` is what became of it on the data: the categories
or bands in order, so that a customer who comes later is coded in the same way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rooftree.vocabulary.errors import UserError

#: A number with at most so many different values is taken as categories, unless bands are given.
MOST_DISCRETE = 20
#: More categories than this is a reference number or free text, not an attribute.
MOST_CATEGORIES = 100
#: Products of more probabilities than this may leave the range of a 64-bit number.
MOST_ITEMS = 100
#: Bands of a number or date for which none are declared.
DEFAULT_BANDS = 5

EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Item:
    """One column to find groups by.

    bands: for numbers and dates. Cut points, each the first value of its band (`[25, 65]` makes
        under 25, 25 to under 65, 65 and over), or how many bands of about equal weight. Without
        it, numbers of more than `MOST_DISCRETE` different values and all dates get five.
    categories: the order of the categories, where it matters to the reader. A code that is not
        among them is an error. Without it, all codes that occur, sorted.
    ordered: the categories are a scale, so a description may say "at most".
    unknown: codes that mean that the answer is not known, such as `refused`. An empty value, and
        NaN, always means that.
    """

    name: str
    bands: int | Sequence[float] | Sequence[dt.date] | None = None
    categories: tuple[Any, ...] | None = None
    ordered: bool = False
    unknown: tuple[Any, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """The codes of one item: code i is `categories[i]`, or the band below `edges[i]`.

    The code after the last one means not known. `edges`: numbers, or days since 1970-01-01 where
    `kind` is `date`. `absent`: codes that nobody had while the model was fitted.
    """

    name: str
    kind: str  # category, number or date
    categories: tuple[Any, ...] = ()
    edges: tuple[float, ...] = ()
    ordered: bool = False
    unknown: tuple[Any, ...] = ()
    label: str = ""
    absent: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """How many codes there are, without the one for not known."""
        return len(self.categories) if self.kind == "category" else len(self.edges) + 1

    @property
    def is_ordered(self) -> bool:
        """Whether "at most this code" means something."""
        return self.kind != "category" or self.ordered

    def name_of(self, code: int) -> str:
        """The code in words: `owner`, `25 to under 65`, `not known`."""
        if code >= self.size:
            return "not known"
        if self.kind == "category":
            value = self.categories[code]
            return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
        ends = [self._end(edge) for edge in self.edges]
        under, start = ("before", "from") if self.kind == "date" else ("under", "from")
        if not ends:
            return "any"
        if code == 0:
            return f"{under} {ends[0]}"
        if code == len(ends):
            return f"{start} {ends[-1]}" if self.kind == "date" else f"{ends[-1]} and over"
        return f"{ends[code - 1]} to {under} {ends[code]}"

    def _end(self, edge: float) -> str:
        if self.kind == "date":
            return (EPOCH + dt.timedelta(days=int(edge))).isoformat()
        return f"{edge:g}" if edge != int(edge) else f"{int(edge)}"

    def to_dict(self) -> dict[str, Any]:
        """The scale as JSON can hold it."""
        return {
            "name": self.name, "kind": self.kind, "categories": list(self.categories),
            "edges": list(self.edges), "ordered": self.ordered, "unknown": list(self.unknown),
            "label": self.label, "absent": list(self.absent),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Scale:
        """Read what `to_dict` wrote."""
        return cls(
            name=body["name"], kind=body["kind"], categories=tuple(body["categories"]),
            edges=tuple(body["edges"]), ordered=bool(body["ordered"]),
            unknown=tuple(body["unknown"]), label=body["label"], absent=tuple(body["absent"]),
        )  # fmt: skip


def items_of(items: Iterable[str | Item] | Mapping[str, Any]) -> tuple[Item, ...]:
    """Names, items, or names with their bands, as items. Raises UserError where they make no set."""
    if isinstance(items, str):
        raise UserError(f"The items are a list of columns: write [{items!r}].")
    if isinstance(items, Mapping):
        made = [
            value if isinstance(value, Item) else Item(str(name), bands=value)
            for name, value in items.items()
        ]
    else:
        made = [one if isinstance(one, Item) else Item(one) for one in items]
    names = [item.name for item in made]
    if not names:
        raise UserError("No items were given. Name at least one column to find groups by.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UserError(f"Items are named twice: {', '.join(twice)}. Name each once.")
    if len(names) > MOST_ITEMS:
        raise UserError(
            f"{len(names)} items were given and at most {MOST_ITEMS} are read. "
            "Groups by so many cannot be explained: choose those that a service could act on."
        )
    return tuple(made)


def plain(value: Any) -> Any:
    """One value as it is compared and saved: 1.0 and Decimal 1 are 1, a date is its ISO text.

    None stands for a value that is not known.
    """
    if value is None or value != value:  # NaN is the value that differs from itself
        return None
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
