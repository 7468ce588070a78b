"""A rule as JSON, for the visual builder; what comes back is read by form, then checked like a text.

    {"all": [...]}  {"any": [...]}  {"not": ...}
    {"field": "age", "is": ">=", "value": 65}

Every other node is an object with its `node` name and its parts. Values carry their kind, so that
pence and plain numbers, codes and texts cannot be mixed up on the way.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any

from rooftree.segments import nodes
from rooftree.segments.errors import Fault, RuleError
from rooftree.segments.nodes import (
    PREDICATES,
    And,
    Compare,
    Field,
    Kind,
    Literal,
    Name,
    Node,
    Not,
    Or,
    Span,
)
from rooftree.segments.tokens import LARGEST
from rooftree.segments.words import DEEPEST, MOST_VALUES

OPERANDS = (Name, Field, Literal, nodes.AsOf, nodes.Elapsed, nodes.Arithmetic)
_PIECES = (*PREDICATES, *OPERANDS, nodes.Events, nodes.Window)
_BY_NAME = {piece.__name__: piece for piece in _PIECES}
#: Words that a field may hold where the type alone does not say which.
_CHOICES = {
    ("Includes", "how"): ("any", "all"),
    ("Matches", "how"): ("starts_with", "ends_with", "contains"),
    ("Members", "how"): ("any", "every", "no", "count", "lead"),
    ("Elapsed", "unit"): ("days", "months", "years"),
    ("Elapsed", "direction"): ("since", "until"),
    ("Window", "unit"): ("days", "weeks", "months", "years"),
    ("Arithmetic", "op"): ("+", "-", "*"),
}


def to_json(node: Node) -> dict[str, Any]:
    """The rule as an object of plain lists, texts and numbers."""
    return _write(node)


def from_json(value: object) -> Node:
    """The rule that an object says, names still to be checked. Raises RuleError naming the part that is wrong."""
    try:
        node = _read(value, "rule", 0)
    except _Wrong as wrong:
        raise RuleError([Fault(Span(), f"{wrong.path}: {wrong.what}")]) from None
    if not isinstance(node, PREDICATES):
        raise RuleError([Fault(Span(), "rule: a condition is expected, not a value.")])
    return node


class _Wrong(Exception):
    def __init__(self, path: str, what: str) -> None:
        self.path, self.what = path, what


def _write(node: Any) -> Any:
    match node:
        case And():
            return {"all": [_write(part) for part in node.parts]}
        case Or():
            return {"any": [_write(part) for part in node.parts]}
        case Not():
            return {"not": _write(node.part)}
        case Compare(left=Field() as left, right=Literal() as right):
            return {
                "field": left.key,
                "is": node.op.value,
                "value": right_value(right),
                "kind": right.kind.value,
            }
        case tuple():
            return [_write(part) for part in node]
        case Enum():
            return node.value
        case dt.date():
            return node.isoformat()
        case None | str() | int() | float():
            return node
        case _:
            fields = {
                f.name: _write(getattr(node, f.name))
                for f in dataclasses.fields(node)
                if f.name != "at"
            }
            return {
                "node": type(node).__name__,
                **{k: v for k, v in fields.items() if v is not None},
            }


def right_value(literal: Literal) -> Any:
    """The value of a literal, a date as text."""
    return literal.value.isoformat() if isinstance(literal.value, dt.date) else literal.value


def _read(value: object, path: str, depth: int) -> Any:
    if depth > DEEPEST * 2:
        raise _Wrong(
            path, f"conditions stand more than {DEEPEST} deep. Split the rule with: in segment."
        )
    if not isinstance(value, Mapping):
        raise _Wrong(path, "an object is expected.")
    keys = set(value)
    for key, node in (("all", And), ("any", Or)):
        if keys == {key}:
            return node(_parts(value[key], f"{path}.{key}", depth))
    if keys == {"not"}:
        return Not(_read(value["not"], f"{path}.not", depth + 1))
    if "field" in keys:
        return _comparison(value, path)
    return _piece(value, path, depth)


def _parts(value: object, path: str, depth: int) -> tuple[Any, ...]:
    if not isinstance(value, list) or not value:
        raise _Wrong(path, "a list of at least one condition is expected.")
    if len(value) > MOST_VALUES:
        raise _Wrong(path, f"at most {MOST_VALUES} are read.")
    return tuple(_read(part, f"{path}[{i}]", depth + 1) for i, part in enumerate(value))


def _comparison(value: Mapping[str, Any], path: str) -> Compare:
    if set(value) != {"field", "is", "value", "kind"} or not isinstance(value["field"], str):
        raise _Wrong(path, "a comparison has: field, is, value, kind.")
    op = _enum(nodes.Comparison, value["is"], f"{path}.is")
    kind = _enum(Kind, value["kind"], f"{path}.kind")
    return Compare(Name(value["field"]), op, _literal(value["value"], kind, f"{path}.value"))


def _piece(value: Mapping[str, Any], path: str, depth: int) -> Any:
    name = value.get("node")
    piece = _BY_NAME.get(name) if isinstance(name, str) else None
    if piece is None:
        raise _Wrong(f"{path}.node", f"it is one of {', '.join(_BY_NAME)}.")
    if piece is Literal:
        kind = _enum(Kind, value.get("kind"), f"{path}.kind")
        return _literal(value.get("value"), kind, f"{path}.value")
    if piece is Field:
        piece = Name
        value = {"node": "Name", **({"word": value["key"]} if "key" in value else {})}
    hints = typing.get_type_hints(piece)
    known = [f for f in dataclasses.fields(piece) if f.name != "at"]
    extra = set(value) - {f.name for f in known} - {"node"}
    if extra:
        raise _Wrong(path, f"{piece.__name__} has no {', '.join(sorted(map(str, extra)))}.")
    given = {}
    for f in known:
        if f.name in value:
            given[f.name] = _part(
                value[f.name], hints[f.name], (piece.__name__, f.name), f"{path}.{f.name}", depth
            )
        elif f.default is dataclasses.MISSING:
            raise _Wrong(path, f"{piece.__name__} needs {f.name}.")
    return _whole(piece(**given), path)


def _whole(node: Any, path: str) -> Any:
    """What the types alone do not say."""
    if isinstance(node, nodes.Members) and (node.how == "count") != (
        node.op is not None and node.n is not None
    ):
        raise _Wrong(path, "op and n belong to how 'count', and it needs both.")
    if isinstance(node, nodes.Members) and node.op == nodes.Comparison.NOT_EQUAL:
        raise _Wrong(path, "a number of members is not compared with !=.")
    if isinstance(node, nodes.Happened) and node.op == nodes.Comparison.NOT_EQUAL:
        raise _Wrong(path, "a number of events is not compared with !=. Put 'not' before '='.")
    numbers = [
        getattr(node, name) for name in ("n", "days") if isinstance(getattr(node, name, None), int)
    ]
    if any(not 0 <= number <= LARGEST for number in numbers) or (
        isinstance(node, nodes.Window) and not 1 <= node.n <= 1_000
    ):
        raise _Wrong(path, "the number is out of range.")
    return node


def _part(value: object, hint: Any, where: tuple[str, str], path: str, depth: int) -> Any:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if value is None and type(None) in options:
        return None
    if where in _CHOICES:
        if value not in _CHOICES[where]:
            raise _Wrong(path, f"it is one of {', '.join(_CHOICES[where])}.")
        return value
    if typing.get_origin(hint) is tuple:
        return _parts(value, path, depth)
    for option in options:
        if isinstance(option, type) and issubclass(option, Enum):
            return _enum(option, value, path)
    if options[0] in (int, str):
        return _plain(value, options[0], path)
    if hint is int | None:
        return _plain(value, int, path)
    node = _read(value, path, depth + 1)
    wanted = tuple(_BY_NAME["Name"] if o is Field else o for o in options if o is not type(None))
    if not isinstance(node, wanted):
        raise _Wrong(path, f"{type(node).__name__} does not belong here.")
    return node


def _plain(value: object, wanted: type, path: str) -> Any:
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise _Wrong(
            path, "a whole number is expected." if wanted is int else "a text is expected."
        )
    if isinstance(value, str) and (len(value) > 500 or any(ord(c) < 32 for c in value)):
        raise _Wrong(path, "the text is too long or holds a control character.")
    return value


def _enum(enum: type[Enum], value: object, path: str) -> Any:
    try:
        return enum(value)
    except ValueError:
        raise _Wrong(path, f"it is one of {', '.join(str(one.value) for one in enum)}.") from None


def _literal(value: object, kind: Kind, path: str) -> Literal:
    wanted: dict[Kind, tuple[type, ...]] = {
        Kind.NUMBER: (int, float), Kind.MONEY: (int,), Kind.BOOLEAN: (bool,), Kind.DATE: (str,),
        Kind.CODE: (str,), Kind.TEXT: (str,),
    }  # fmt: skip
    if (
        kind == Kind.CODES
        or not isinstance(value, wanted[kind])
        or (isinstance(value, bool) != (kind == Kind.BOOLEAN))
    ):
        raise _Wrong(path, f"it is no {kind.value}.")
    if isinstance(value, int | float) and not abs(value) <= LARGEST:
        raise _Wrong(path, "the number is too large to compare exactly.")
    if isinstance(value, str):
        _plain(value, str, path)
    if kind == Kind.DATE:
        try:
            return Literal(dt.date.fromisoformat(str(value)), kind)
        except ValueError:
            raise _Wrong(path, "it is no date. Write year, month, day: 2026-03-31.") from None
    return Literal(value, kind)  # type: ignore[arg-type]
