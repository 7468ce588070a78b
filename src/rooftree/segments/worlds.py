"""All the ways a rule's conditions can turn out together: what lint and comparison reason over.

Conditions on one field are tried with every value that could make a difference (each number in the
rule, a little less, a little more; each code; not known in each state), so `age < 5 and age > 60` is
seen to be impossible. Conditions on counts of the same events likewise. Every other condition is
free to be true, false or unknown. So what is called impossible here is impossible; what is not
called so may still be.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rooftree.segments.fields import Scope
from rooftree.segments.nodes import (
    And,
    AsOf,
    Between,
    Compare,
    Elapsed,
    Field,
    Happened,
    Includes,
    IsTrue,
    Kind,
    Knowing,
    Literal,
    Matches,
    Node,
    Not,
    OneOf,
    Operand,
    Or,
    StateIs,
)
from rooftree.segments.reference import Case, Datum, Truth, both, compare, evaluate, opposite

#: More worlds than this are not gone through: the rule is then judged part by part.
MOST_WORLDS = 20_000
_AS_OF = dt.date(2026, 3, 31)
_STATES = (
    Knowing.REFUSED,
    Knowing.DONT_KNOW,
    Knowing.NOT_ASKED,
    Knowing.NOT_APPLICABLE,
    Knowing.WITHDRAWN,
)

World = dict[Node, Truth]


@dataclass(frozen=True, slots=True)
class Worlds:
    """The distinct ways in which the atoms of one or more rules can turn out, group by group."""

    groups: tuple[tuple[World, ...], ...]

    @property
    def size(self) -> int:
        """How many there are."""
        return math.prod(len(group) for group in self.groups)

    def __iter__(self) -> Iterator[World]:
        for chosen in itertools.product(*self.groups):
            yield {atom: truth for part in chosen for atom, truth in part.items()}


def worlds(rules: Sequence[Node], scope: Scope) -> Worlds:
    """The worlds of these rules together, so that they can be compared."""
    found = list(dict.fromkeys(atom for rule in rules for atom in atoms(rule)))
    groups: dict[object, list[Node]] = {}
    for atom in found:
        groups.setdefault(_about(atom) or atom, []).append(atom)
    return Worlds(tuple(_turnings(about, group, scope) for about, group in groups.items()))


def atoms(node: Node) -> Iterator[Node]:
    """The conditions that `and`, `or` and `not` join."""
    match node:
        case And() | Or():
            for part in node.parts:
                yield from atoms(part)
        case Not():
            yield from atoms(node.part)
        case _:
            yield node


def in_world(node: Node, world: World) -> Truth:
    """What a rule comes to in a world."""
    match node:
        case And():
            return both(in_world(part, world) for part in node.parts)
        case Or():
            return opposite(both(opposite(in_world(part, world)) for part in node.parts))
        case Not():
            return opposite(in_world(node.part, world))
        case _:
            return world[node]


def _about(atom: Node) -> object | None:
    """The one field, or the one count of events, that an atom is about; None where it stands alone."""
    match atom:
        case Happened():
            return (atom.events, atom.window)
        case StateIs() | IsTrue() | Includes() | Matches():
            return atom.of if isinstance(atom.of, Field) else None
        case Compare() | Between() | OneOf():
            keys = _fields(atom)
            return keys.pop() if len(keys) == 1 else None
        case _:
            return None


def _operands(atom: Compare | Between | OneOf) -> tuple[Operand, ...]:
    match atom:
        case Compare():
            return (atom.left, atom.right)
        case Between():
            return (atom.of, atom.low, atom.high)
        case OneOf():
            return (atom.of, *atom.values)


def _fields(atom: Compare | Between | OneOf) -> set[Field]:
    """The fields an atom compares; a sum or a time since a date makes it stand alone."""
    found: set[Field] = set()
    for operand in _operands(atom):
        if isinstance(operand, Field):
            found.add(operand)
        elif isinstance(operand, Elapsed) and isinstance(operand.of, Field):
            found.add(operand.of)
        elif not isinstance(operand, Literal | AsOf):
            return {Field(""), Field("-")}
    return found


def _turnings(about: object, group: list[Node], scope: Scope) -> tuple[World, ...]:
    if isinstance(about, Field):
        return _of_field(about, group, scope)
    if isinstance(about, tuple):
        return _of_count([atom for atom in group if isinstance(atom, Happened)])
    return tuple({group[0]: truth} for truth in (True, False, None))


def _of_count(group: list[Happened]) -> tuple[World, ...]:
    counts = sorted({n for atom in group for n in (atom.n - 1, atom.n, atom.n + 1) if n >= 0} | {0})
    turned: list[World] = [{atom: compare(atom.op, n, atom.n) for atom in group} for n in counts]
    for low, high in itertools.combinations(counts, 2):
        span = [n for n in counts if low <= n <= high]
        turned.append(
            {atom: _agreed({compare(atom.op, n, atom.n) for n in span}) for atom in group}
        )
    return _distinct(turned)


def _agreed(answers: set[bool]) -> Truth:
    return answers.pop() if len(answers) == 1 else None


def _of_field(about: Field, group: list[Node], scope: Scope) -> tuple[World, ...]:
    known = scope.fields[about.key]
    data: list[Datum] = [Datum(value) for value in _values(about, group, scope)]
    data += [Datum(None, state) for state in (_STATES if known.stateful else (Knowing.NOT_ASKED,))]
    if known.stateful:
        data += [
            Datum(d.value, d.state, stale, conflict)
            for d in list(data)
            for stale, conflict in ((True, False), (False, True), (True, True))
        ]
    turned: list[World] = []
    for datum in data:
        case = Case(_AS_OF, {about.key: datum})
        turned.append({atom: evaluate(atom, case) for atom in group})
    return _distinct(turned)


def _distinct(turned: list[World]) -> tuple[World, ...]:
    return tuple({tuple(world.values()): world for world in turned}.values())


def _values(about: Field, group: list[Node], scope: Scope) -> list:
    """Values of a field that could make a difference to any of the atoms."""
    known = scope.fields[about.key]
    if known.kind == Kind.BOOLEAN:
        return [True, False]
    if known.kind == Kind.CODES:
        named = sorted(
            {
                str(v.value)
                for a in group
                if isinstance(a, Includes)
                for v in a.values
                if isinstance(v, Literal)
            }
        )
        sets = [
            frozenset(c)
            for k in range(min(len(named), 4) + 1)
            for c in itertools.combinations(named[:12], k)
        ]
        return [*sets, frozenset(named)]
    if known.kind == Kind.CODE:
        return list(known.codes.keys) if known.codes is not None else _mentioned(group)
    if known.kind == Kind.TEXT:
        return _texts(group)
    return _around(known.kind, group)


def _mentioned(group: list[Node]) -> list:
    literals = [
        operand.value
        for atom in group if isinstance(atom, Compare | Between | OneOf)
        for operand in _operands(atom) if isinstance(operand, Literal)
    ]  # fmt: skip
    return list(dict.fromkeys(literals))


def _texts(group: list[Node]) -> list[str]:
    pieces = [str(v) for v in _mentioned(group)] + [a.text for a in group if isinstance(a, Matches)]
    pairs = [a + b for a, b in itertools.permutations(pieces[:5], 2)]
    return [
        "",
        "\x00",
        *pieces,
        *(p + "\x00" for p in pieces),
        *("\x00" + p for p in pieces),
        *pairs,
    ]


def _around(kind: Kind, group: list[Node]) -> list:
    """Each number or day of the rule, one between each two, and one beyond each end."""
    if kind == Kind.DATE:
        days = (
            [v for v in _mentioned(group) if isinstance(v, dt.date)]
            + [_AS_OF]
            + list(_days_of_elapsed(group))
        )
        return sorted(
            {day + dt.timedelta(d) for day in days for d in (-400, -31, -1, 0, 1, 31, 400)}
        )
    numbers = sorted(
        {v for v in _mentioned(group) if isinstance(v, int | float) and not isinstance(v, bool)}
    )
    step = 1 if kind == Kind.MONEY else 0.5
    return sorted({n + d for n in numbers or [0] for d in (-step, 0, step)})


def _days_of_elapsed(group: list[Node]) -> Iterator[dt.date]:
    """The days at which a time since (or until) a date passes a number of the rule."""
    days_in = {"days": 1, "months": 30, "years": 365}
    for atom in group:
        for operand in _operands(atom) if isinstance(atom, Compare | Between | OneOf) else ():
            if isinstance(operand, Elapsed):
                sign = -1 if operand.direction == "since" else 1
                for n in _mentioned([atom]):
                    if isinstance(n, int | float) and abs(n) * days_in[operand.unit] < 300_000:
                        yield _AS_OF + dt.timedelta(int(sign * n * days_in[operand.unit] * 1.0015))
