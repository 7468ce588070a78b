"""A proposal as a definition: compiled, checked with its numbers, and as the text of its file."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from dataclasses import dataclass, replace

from rooftree.catalogue.documents import Entry
from rooftree.catalogue.read_segment import read_segment
from rooftree.catalogue.segment import SegmentDefinition
from rooftree.pipeline.segments import Asked, held
from rooftree.pipeline.sizes import Sized, sized
from rooftree.segments.definition import Segment, compile_rule
from rooftree.segments.english import parts_in_english
from rooftree.segments.errors import Fault, RuleError, line_and_column
from rooftree.segments.lint import Finding, lint
from rooftree.segments.nodes import And, Node, Or
from rooftree.segments.reference import Case, evaluate
from rooftree.segments.text import to_text
from rooftree.vocabulary.errors import DefinitionError, Problem
from rooftree.vocabulary.states import Grain
from rooftree.web.accounts.models import User
from rooftree.web.segments.models import Proposal
from rooftree.web.segments.permissions import policy_of


@dataclass(frozen=True, slots=True)
class Wrong:
    """One problem of a text: where, the words around it, and what to write instead."""

    line: int
    column: int
    before: str
    there: str
    after: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a rule as it is written."""

    wrong: tuple[Wrong, ...] = ()
    parts: tuple[str, ...] = ()
    sized: Sized | None = None
    findings: tuple[Finding, ...] = ()
    is_exact: bool = False
    refused: str = ""


def definition_of(proposal: Proposal) -> SegmentDefinition:
    """The definition that the proposal would become."""
    day = dt.date.min
    return SegmentDefinition(
        key=proposal.key, label=proposal.label, topic=proposal.topic, unit=Grain(proposal.unit),
        base=proposal.base, purpose=proposal.purpose, use=proposal.use, rule=proposal.rule, why=proposal.why,
        owner=proposal.owner, checked_by="", reviewed_on=day, next_review_on=day, examples=(),
        where="the text", action=proposal.action,
    )  # fmt: skip


def with_rule(definition: SegmentDefinition, rule: str) -> SegmentDefinition:
    """The definition with another rule."""
    return replace(definition, rule=rule)


def compiled(asked: Asked, proposal: Proposal) -> Segment:
    """The proposal ready to run. Raises RuleError."""
    return compile_rule(definition_of(proposal), asked.segments.catalogue, asked.segments.ready)


def parts_of(node: Node) -> tuple[Node, ...]:
    """The conditions that must hold together: those of the outermost `and`."""
    return node.parts if isinstance(node, And) else (node,)


def text_of(parts: tuple[Node, ...], asked: Asked) -> str:
    """Conditions that must hold together, one on each line."""
    events = dict(asked.segments.catalogue.events)
    texts = [to_text(part, events=events) for part in parts]
    if len(parts) == 1:
        return texts[0]
    inside = [
        f"({text})" if isinstance(part, And | Or) else text
        for part, text in zip(parts, texts, strict=True)
    ]
    return "\nand ".join(inside)


def check(asked: Asked, proposal: Proposal, user: User) -> Checked:
    """English, numbers and remarks; or what is wrong, each at its place."""
    if not proposal.rule.strip():
        return Checked()
    try:
        segment = compiled(asked, proposal)
    except RuleError as error:
        return Checked(wrong=tuple(_wrong(fault, proposal.rule) for fault in error.faults))
    where = asked.segments.scope(segment)
    policy = policy_of(user, segment.definition, asked)
    found, refused = None, ""
    if segment.definition.use == "select":
        found = sized(asked, segment, policy)
    else:
        refused = "A segment that may only be counted is counted by the next run, not while it is written."
    return Checked(
        parts=parts_in_english(segment.node, where),
        sized=found,
        findings=lint(
            segment.node, where, label=proposal.label,
            held=held(asked, segment) if policy.exact else None,
        ),
        is_exact=policy.exact,
        refused=refused,
    )  # fmt: skip


def _wrong(fault: Fault, text: str) -> Wrong:
    at = fault.at
    line, column = line_and_column(text, at.start)
    begin = text.rfind("\n", 0, at.start) + 1
    end = text.find("\n", at.start)
    end = len(text) if end < 0 else end
    stop = min(max(at.end, at.start + 1), end)
    return Wrong(
        line, column, text[begin : at.start], text[at.start : stop], text[stop:end],
        fault.what, fault.remedy.replace("See: rooftree segment fields", "Search for it under: Add a condition about."),
    )  # fmt: skip


def definition_text(
    proposal: Proposal,
    asked: Asked,
    *,
    checked_by: str,
    today: dt.date,
    next_review_on: dt.date,
) -> str:
    """The file of the definition. Its one worked example is the subject of whom nothing is known."""
    node = compiled(asked, proposal).node
    truth = evaluate(node, Case(asked.as_of))
    result = {True: "in", False: "out", None: "unknown"}[truth]
    rule = (
        proposal.rule.replace("\r\n", "\n")
        .strip()
        .replace("\\", "\\\\")
        .replace('"""', '\\"\\"\\"')
    )
    texts = {
        "key": proposal.key, "label": proposal.label, "topic": proposal.topic, "unit": proposal.unit,
        "base": proposal.base, "purpose": proposal.purpose, "use": proposal.use, "why": proposal.why,
        **({"action": proposal.action} if proposal.action else {}),
        "owner": proposal.owner, "checked_by": checked_by,
    }  # fmt: skip
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in texts.items()]
    lines += [
        f"reviewed_on = {today.isoformat()}",
        f"next_review_on = {next_review_on.isoformat()}",
        f'rule = """\n{rule}\n"""',
        "",
        "[[example]]",
        'says = "Nothing is known"',
        f'is = "{result}"',
        "given = {}",
        "",
    ]
    return "\n".join(lines)


def check_definition(key: str, text: str) -> None:
    """Read the file as a run would. Raises DefinitionError with every problem."""
    problems: list[Problem] = []
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(
            [Problem(key, f"the definition cannot be written: {error}.")]
        ) from error
    read_segment(Entry(f"definitions/segments/{key}.toml", table, key), problems)
    if problems:
        raise DefinitionError(problems)
