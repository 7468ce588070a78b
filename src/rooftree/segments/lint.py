"""What a reader would ask about a rule that loads: can anybody be in, does each part do something?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rooftree.segments.check import reads
from rooftree.segments.fields import Scope
from rooftree.segments.names import stigma
from rooftree.segments.nodes import And, Events, Followed, Happened, Members, Node, Not, Or, Window
from rooftree.segments.reference import in_window
from rooftree.segments.text import to_text
from rooftree.segments.worlds import MOST_WORLDS, Worlds, in_world, worlds


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark. `severity`: error (nobody or everybody), warning (a part does nothing), note."""

    rule: str  # contradiction, always, always_if_known, unused, window, nobody_has, name, unknown, too_large
    severity: str
    what: str
    remedy: str
    part: str = ""  # the part's canonical text


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of the data, for the remarks that need it.

    `answered`: how many subjects of the base have a value, by key; `n`: the base; `first_day`: the days of
    the first event held, by event; `as_of`.
    """

    n: int
    answered: Mapping[str, int]
    first_day: Mapping[str, object]
    as_of: object


def lint(
    node: Node, scope: Scope, *, label: str = "", held: Held | None = None
) -> tuple[Finding, ...]:
    """Remarks on a checked rule, the gravest first."""
    found = [*_logic(node, scope), *_inside(node, scope)]
    if held is not None:
        found += [*_nobody_has(node, scope, held), *_windows(node, scope, held)]
    found += [
        Finding("name", "warning", f"the name says '{word}'.", instead)
        for word, instead in stigma(label)
    ]
    order = {"error": 0, "warning": 1, "note": 2}
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: order[finding.severity]))


def _inside(node: Node, scope: Scope) -> Iterator[Finding]:
    """The same questions to the condition inside `member (...)`."""
    for part in walk(node):
        if isinstance(part, Members):
            for finding in _logic(part.where, replace(scope, unit=scope.of_person().unit)):
                if finding.severity != "note":
                    yield replace(finding, what=f"inside {part.how} member (...): {finding.what}")


def _logic(node: Node, scope: Scope) -> list[Finding]:
    all_of = worlds([node], scope)
    if all_of.size > MOST_WORLDS:
        return _by_part(node, scope)
    truths = [in_world(node, world) for world in all_of]
    if True not in truths:
        return [
            Finding(
                "contradiction",
                "error",
                "nobody can be in: the conditions exclude one another.",
                "Take one out, or join with 'or'.",
                to_text(node),
            )
        ]
    if False not in truths and None not in truths:
        return [
            Finding(
                "always",
                "error",
                "everybody is in, whatever is known of them.",
                "Say whom it should leave out.",
                to_text(node),
            )
        ]
    found = []
    if False not in truths:
        found.append(
            Finding(
                "always_if_known",
                "warning",
                "everybody whose value is known is in; only those of whom it is not known are left out.",
                "If that is meant, write: ... is answered",
                to_text(node),
            )
        )
    return found + list(_unused(node, all_of, truths))


def _by_part(node: Node, scope: Scope) -> list[Finding]:
    """A rule too large to go through whole is judged by its parts."""
    if not isinstance(node, And | Or):
        return [
            Finding(
                "too_large",
                "note",
                "this part is too large to be gone through.",
                "Split it with: in segment.",
                to_text(node),
            )
        ]
    found = [
        Finding(
            "too_large",
            "note",
            "the rule is too large to be gone through whole; each part was looked at by itself.",
            "Split it with: in segment.",
        )
    ]
    for part in node.parts:
        found += [one for one in _logic(part, scope) if one.rule != "too_large"]
    return found


def _unused(node: Node, all_of: Worlds, truths: Sequence[bool | None]) -> Iterator[Finding]:
    """Parts without which the same subjects would be in, in every world."""
    members = [truth is True for truth in truths]
    for part, without in removals(node):
        if all(
            (in_world(without, world) is True) == is_in
            for world, is_in in zip(all_of, members, strict=True)
        ):
            yield Finding(
                "unused",
                "warning",
                f"this part changes nothing: {to_text(part)}",
                "Take it out, or see what it was meant to say.",
                to_text(part),
            )


def removals(node: Node) -> Iterator[tuple[Node, Node]]:
    """Each part of an `and` or `or`, at any depth, with the rule as it would be without it."""
    match node:
        case And() | Or():
            for i, part in enumerate(node.parts):
                rest = node.parts[:i] + node.parts[i + 1 :]
                yield part, rest[0] if len(rest) == 1 else replace(node, parts=rest)
                for inner, without in removals(part):
                    yield (
                        inner,
                        replace(node, parts=(*node.parts[:i], without, *node.parts[i + 1 :])),
                    )
        case Not():
            for inner, without in removals(node.part):
                yield inner, Not(without)
        case _:
            return


def walk(node: Node) -> Iterator[Node]:
    """A rule and every condition inside it, those on members and events too."""
    yield node
    match node:
        case And() | Or():
            for part in node.parts:
                yield from walk(part)
        case Not():
            yield from walk(node.part)
        case Members():
            yield from walk(node.where)
        case Happened():
            yield from walk(node.events.where) if node.events.where is not None else ()
        case Followed():
            for events in (node.first, node.then):
                yield from walk(events.where) if events.where is not None else ()
        case _:
            return


def _nobody_has(node: Node, scope: Scope, held: Held) -> Iterator[Finding]:
    for key in sorted(reads(node, scope)):
        if key.startswith("event:") or key not in held.answered:
            continue
        n = held.answered[key]
        if n == 0 and held.n:
            yield Finding(
                "nobody_has",
                "warning",
                f"nobody has a value of {key}, so what is asked of it is unknown for all.",
                "Collect it first, or leave it out.",
                key,
            )
        elif held.n and n < held.n / 2 and scope.fields[key].stateful:
            yield Finding(
                "unknown",
                "note",
                f"{key} is known for {100 * n / held.n:.0f}% of the base; the others are neither in nor out by it.",
                f"To have them too, write: or {key} is unknown",
                key,
            )


def _windows(node: Node, scope: Scope, held: Held) -> Iterator[Finding]:
    for events, window in _windowed(node):
        first = held.first_day.get(events.event)
        if first is None:
            yield Finding(
                "window",
                "warning",
                f"no {events.event} is held at all.",
                "Load the extract that holds them.",
                events.event,
            )
        elif window is not None and in_window(first, window, held.as_of):  # type: ignore[arg-type]
            yield Finding(
                "window",
                "note",
                f"the first {events.event} held is of {first}, later than the window begins.",
                "Read 'no' and 'fewer than' with care.",
                events.event,
            )


def _windowed(node: Node) -> Iterator[tuple[Events, Window | None]]:
    for part in walk(node):
        if isinstance(part, Happened):
            yield part.events, part.window
        elif isinstance(part, Followed):
            yield part.first, part.window


def same_meaning(left: Node, right: Node, scope: Scope) -> bool | None:
    """Whether two rules hold the same subjects in every world; None where there are too many worlds to tell."""
    together = worlds([left, right], scope)
    if together.size > MOST_WORLDS:
        return True if left == right else None
    return all(in_world(left, world) == in_world(right, world) for world in together)
