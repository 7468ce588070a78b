"""Segments at the terminal: words first, numbers as the disclosure door gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rooftree.cli.console import out, print_table
from rooftree.cli.words import day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from rooftree.pipeline.groups import Drawn, History
    from rooftree.pipeline.segments import (
        Changed,
        Counted,
        Explained,
        FieldTold,
        Linted,
        Members,
        Told,
    )
    from rooftree.segments.movement import Flow, Why
    from rooftree.segments.why import Reason

_TRUTH = {True: "yes", False: "no", None: "cannot be told"}
_MARK = {"error": "error", "warning": "look", "note": "note"}


def _say(text: str = "") -> None:
    out.print(text, markup=False)


def listed(found: Sequence[Told]) -> None:
    """One line each."""
    rows = [
        (one.key, one.label, one.unit, one.purpose if one.use == "select" else f"{one.purpose} (count)",
         "does not load" if one.problems else "")
        for one in found
    ]  # fmt: skip
    print_table("", ("segment", "label", "of", "purpose", ""), rows)
    for one in found:
        for problem in one.problems:
            _say(f"  {problem}")


def shown(one: Told) -> None:
    """The whole definition."""
    out.print(f"[bold]{one.label}[/bold]  ({one.key})")
    _say(one.why)
    _say()
    _say(one.rule)
    _say()
    if one.parts:
        whom = {
            "person": "People",
            "household": "Households",
            "tenancy": "Tenancies",
            "home": "Homes",
        }[one.unit]
        _say(f"{whom} among {one.base.replace('_', ' ')} for whom all of this holds:")
        for part in one.parts:
            _say(f"  - {part}")
    for problem in one.problems:
        _say(f"  {problem}")
    _say()
    if one.action:
        _say(f"What to do: {one.action}")
    uses = (
        "its members may be listed and written to"
        if one.use == "select"
        else "its members may only be counted"
    )
    _say(f"Purpose: {one.purpose}; {uses}.")
    _say(f"Owner: {one.owner}. Checked by: {one.checked_by}.")
    _say(f"Reviewed on {day(one.reviewed_on)}, next on {day(one.next_review_on)}.")
    if one.reads:
        _say(f"Reads: {', '.join(one.reads)}.")


def fields(found: Sequence[FieldTold]) -> None:
    """What a rule may name."""
    rows = [
        (
            one.key,
            one.label,
            one.of,
            one.kind + (f" ({one.unit})" if one.unit else ""),
            ", ".join(one.select_for) or "count only",
        )
        for one in found
    ]
    print_table("", ("field", "label", "of", "type", "may pick people out for"), rows)
    if len(found) == 1 and found[0].codes:
        _say(f"Codes: {', '.join(found[0].codes)}.")


def linted(found: Linted) -> None:
    """Findings and examples."""
    if found.english:
        _say(f"In words: {found.english}.")
    for problem in found.problems:
        _say(f"error  {problem}")
    for finding in found.findings:
        _say(f"{_MARK[finding.severity]:6} {finding.what} {finding.remedy}")
    for one in found.examples:
        _say(
            f"{'holds' if one.holds else 'FAILS':6} {one.says}: {one.found}"
            + ("" if one.holds else f", expected {one.expected}")
        )
    _say("Nothing speaks against it." if found.sound else "Put this right before it is used.")


def counted(found: Counted) -> None:
    """Counts with attrition."""
    name = found.label or "The rule"
    _say(
        f"{name}: {found.n_in} of {found.n_base} ({found.share}); of {found.n_unknown} it cannot be told."
    )
    _say(f"As of {day(found.as_of)}; numbers by the policy '{found.policy}'.")
    rows = [
        (
            str(n),
            step.english,
            step.kept.text,
            step.dropped.text,
            step.unknown.text,
            step.only_this.text,
        )
        for n, step in enumerate(found.steps, 1)
    ]
    print_table(
        "", ("", "rule", "kept", "dropped", "cannot be told", "dropped by this alone"), rows
    )


def members(found: Members, limit: int) -> None:
    """Ids."""
    for one in found.ids[:limit]:
        _say(one)
    if len(found.ids) > limit:
        _say(f"... and {len(found.ids) - limit:,} more; see all with --json.")


def explained_whole(told: Told, found: Counted) -> None:
    """The rule, then what it keeps."""
    shown(told)
    _say()
    counted(found)


def explained(found: Explained) -> None:
    """Why one subject is in or out."""
    if not found.in_base:
        _say(f"{found.subject} is not among those the segment is about.")
    result = {True: "is in", False: "is not in", None: "may be in: it cannot be told"}[
        found.why.truth
    ]
    out.print(f"[bold]{found.subject}[/bold] {result}: {found.label}.")
    _reason(found.why.reason, 0)
    if found.why.change:
        _say()
        _say(
            "What would change it:"
            if len(found.why.change) == 1
            else "What would change it, together:"
        )
        for change in found.why.change:
            _say(f"  - {change.english}" + (" (find out)" if change.is_unknown else ""))
    if found.sources:
        _say()
        rows = [
            (s.key, s.value or "", s.state, f"{s.source_file}:{s.source_row}")
            for s in found.sources
        ]
        print_table("", ("field", "value", "state", "from"), rows)


def _reason(reason: Reason, depth: int) -> None:
    if depth or not reason.parts:
        _say(f"{'  ' * max(depth, 1)}{_TRUTH[reason.truth]:>14}  {reason.english}")
    for part in reason.parts:
        _reason(part, depth + 1)


def changed(found: Changed) -> None:
    """Two versions."""
    meaning = {
        True: "The meaning is the same.",
        False: "The meaning changes.",
        None: "Whether the meaning changes cannot be told.",
    }
    _say(meaning[found.difference.same])
    for heading, parts in (
        ("Added", found.difference.added),
        ("Removed", found.difference.removed),
        ("Kept", found.difference.kept),
    ):
        for part in parts:
            _say(f"{heading:8} {part.english}")
    _say(
        f"Members in both {found.both:,}; only before {found.only_old:,}; only after {found.only_new:,}."
    )


_CAUSES = {
    "first": "the first evaluation",
    "base": "joined or left those it is about",
    "definition": "the rule changed",
    "withdrawn": "a value was withdrawn",
    "data": "what is known of them changed",
}


def history(found: History) -> None:
    """Comings and goings."""
    if found.status != "ok":
        _say(f"The last evaluation FAILED: {found.problem}")
        _say(f"What is shown is from {day(found.good_on)}, when it last worked.")
    rows = [
        (
            day(turn.day),
            "came" if turn.came else "went",
            turn.n,
            _CAUSES.get(turn.cause, turn.cause),
            turn.n_in,
        )
        for turn in found.turns
    ]
    print_table("", ("day", "", "how many", "why", "in after that day"), rows)
    for stay in found.stays:
        left = (
            f"until {day(stay.left_on)} ({_told(stay.left)})"
            if stay.left_on and stay.left
            else "and still"
        )
        _say(f"{stay.subject_id}: from {day(stay.entered_on)} ({_told(stay.entered)}) {left}")


def flows(found: Sequence[Flow]) -> None:
    """From where to where."""
    rows = [(flow.start or "in none", flow.end or "in none", flow.n) for flow in found]
    print_table("", ("from", "to", "how many"), rows)


def _told(why: Why | None) -> str:
    if why is None:
        return "not known"
    parts = f", rule {', '.join(map(str, why.parts))}" if why.parts else ""
    return _CAUSES.get(why.cause, why.cause) + parts


def discovered(found: Mapping[str, Any]) -> None:
    """The evidence, then the groups."""
    verdict = (
        f"{found['suggested']} groups are suggested."
        if found["has_groups"]
        else "No stable groups here."
    )
    _say(f"{found['people']:,.0f} looked at by {', '.join(found['items'])}. {verdict}")
    for reason in found["reasons"]:
        _say(f"  {reason}")
    rows = [
        (e["classes"], f"{e['log_likelihood']:,.1f}", f"{e['bic']:,.0f}", f"{e['icl']:,.0f}", _two(e["entropy"]),
         _percent(e["smallest"]), f"{e['reached']} of {e['starts']}", _two((e["stability"] or {}).get("rand")),
         _two((e["ratio_test"] or {}).get("p")), "; ".join(e["against"]))
        for e in found["evidence"]
    ]  # fmt: skip
    heads = (
        "groups",
        "log-likelihood",
        "BIC",
        "ICL",
        "entropy",
        "smallest",
        "starts at best",
        "stability",
        "p",
        "against",
    )
    print_table("", heads, rows)
    shares = ", ".join(
        f"group {n} {100 * share:.0f}%" for n, share in enumerate(found["shares"], 1)
    )
    _say(f"With {found['chosen']} groups: {shares}.")
    _say("A person chooses the number; --json has the profile of each group.")


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f}%"


def persona(found: Drawn) -> None:
    """Where the page is, and what it says."""
    out.print(f"[bold]{found.name}[/bold]")
    _say(str(found.summary))
    for path in found.files.values():
        _say(f"  {path}")
