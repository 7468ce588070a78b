"""How each answer looks to a person at the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.markup import escape

from rooftree.cli.console import err, out, print_table


def _say(text: str = "") -> None:
    out.print(text, markup=False)


def _heading(text: str) -> None:
    out.print(f"\n[bold]{text}[/bold]")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"


def made(summary: Any) -> None:
    """The demonstration landlord's files."""
    verb = "Made" if summary.is_new else "Found"
    err.print(
        f"{verb} {summary.name} in {summary.directory}: a landlord that does not exist.",
        markup=False,
    )


def initialised(workspace: Any) -> None:
    """A new workspace."""
    where = workspace.directory
    _say(f"A workspace is ready in {where}. Next:")
    _say(f"  1. put your extracts into {where / 'extracts'}")
    _say(
        f"  2. write one definition per system into {where / 'sources'} (see docs/how-to/add-a-source.md)"
    )
    _say(f"  3. rooftree check {where}")
    _say(f"  4. rooftree run {where}")


def checked(found: Any, *, purposes: bool) -> None:
    """Definitions and sources that load."""
    _say(
        f"{found.attributes} attributes, {found.code_lists} code lists, {found.features} features: all well."
    )
    print_table("Sources", ("system", "extract", "files found"), found.extracts)
    if purposes:
        print_table("Purposes", ("purpose", "what for", "may pick people"), found.purposes)


def run(result: Any, workspace: Path, *, first_time: bool = False) -> None:
    """What a run found, and where to look further."""
    words = {
        "published": "Published",
        "unchanged": "Nothing has changed since",
        "replaced": "Made anew",
    }
    out.print(
        f"\n[bold]{words[result.outcome]} snapshot {result.snapshot}[/bold] of {escape(result.landlord)}, "
        f"as of {result.as_of:%d %B %Y}"
    )
    rows = [(t, r.read, r.accepted, r.rejected) for t, r in result.staging.items() if r.read]
    _heading(f"Rows in = accepted + rejected ({result.files} files, {result.files_read} read now)")
    print_table("", ("table", "read", "accepted", "rejected"), rows)
    people = result.identity
    _heading("One record per person")
    _say(f"  {people.records:,} records in the systems are {people.persons:,} people;")
    _say(f"  {people.persons_in_several_systems:,} of them are known to more than one system.")
    _say(
        f"  {people.members_linked:,} of {people.members_total:,} household members are linked "
        "to another system's record."
    )
    _say(
        f"  {people.tenancies_with_home:,} of {people.tenancies_total:,} tenancies have a home; "
        f"{people.households:,} households now."
    )
    _say(f"  {people.pairs_to_review:,} pairs of records are doubtful and wait for a person.")
    _completeness_summary(result.completeness)
    _heading(f"Found odd: {len(result.quality.issues)} kinds")
    worst = [
        (i.severity, i.system, i.rows, i.of_rows, i.message) for i in result.quality.issues[:8]
    ]
    print_table("", ("", "system", "rows", "of", "what"), worst)
    _failed_segments(result.failed_segments)
    _heading("Look further")
    for line in (
        f"rooftree quality {workspace}                        everything odd, with what to do",
        f"rooftree profile completeness {workspace}           how complete each attribute is",
        f"rooftree profile find 'a name' --workspace {workspace}",
        f"rooftree rejects list {workspace}                   rows that were refused, and why",
        f"rooftree link review {workspace}                    doubtful pairs, with the evidence",
        f"rooftree snapshot list {workspace}",
    ):
        _say(f"  {line}")
    _say(f"  The data-quality page: {workspace / 'reports' / 'quality.html'}")


def _failed_segments(failed: Any) -> None:
    if not failed:
        return
    _heading(f"NOT UP TO DATE: {len(failed)} segments could not be evaluated")
    for one in failed:
        since = f"still those of {one.good_on:%d %B %Y}" if one.good_on else "not known"
        _say(f"  {one.segment}: its members are {since}. {one.problem}")


def _completeness_summary(rows: Any) -> None:
    if not rows:
        return
    _heading("How complete the picture is (recorded outcome, of all who should have one)")
    # Nobody has asked for most of what could be known; those attributes are told as a number.
    asked = [row for row in rows if row.answered or row.refused or row.dont_know]
    ranked = sorted(asked, key=lambda r: r.recorded_outcome / r.n if r.n else 0, reverse=True)
    shown = [
        (r.attribute, _percent(r.recorded_outcome, r.n), _percent(r.answered, r.n), r.refused, r.not_asked)
        for r in (ranked if len(ranked) <= 10 else [*ranked[:5], *ranked[-5:]])
    ]  # fmt: skip
    if len(ranked) > 10:
        shown.insert(5, ("…", "", "", None, None))
    print_table("", ("attribute", "outcome", "answered", "refused", "not asked"), shown)
    if len(asked) < len(rows):
        _say(f"  Of {len(rows)} attributes, {len(rows) - len(asked)} have nothing recorded yet.")


def quality(found: Any, written_to: Path | None) -> None:
    """Everything odd."""
    rows = [
        (i.severity, i.dimension, i.system, i.table, i.rows, i.of_rows, i.message, i.remedy)
        for i in found.issues
    ]
    print_table(
        "Data quality", ("", "dimension", "system", "table", "rows", "of", "what", "do"), rows
    )
    if written_to is not None:
        err.print(f"Page, workbook and JSON are in {written_to}.", markup=False)


def hits(found: Any) -> None:
    """People who match."""
    if not found:
        err.print("Nobody matches.")
    print_table(
        "",
        ("person", "matched on", "likeness"),
        [(h.id, h.matched_on, round(h.score, 2)) for h in found],
    )


def pairs(found: Any) -> None:
    """Doubtful pairs."""
    rows = [
        (
            p.first,
            p.second,
            f"{p.probability:.3f}" if p.probability is not None else "",
            p.reason,
            _evidence(p.evidence, speaks_for=True),
            _evidence(p.evidence, speaks_for=False),
            f"{p.decision.decision.replace('_', ' ')} ({p.decision.by}, {p.decision.at[:10]})"
            if p.decision
            else "",
        )
        for p in found
    ]
    headings = ("first", "second", "probability", "why doubtful", "for", "against", "decided")
    if not any(row[-1] for row in rows):
        headings, rows = headings[:-1], [row[:-1] for row in rows]
    print_table(
        "Pairs to review",
        headings,
        rows,
    )


def _evidence(evidence: Any, *, speaks_for: bool) -> str:
    """What was compared and how it came out, with its weight; no value of either record."""
    told = [
        f"{what}: {one['level']} ({one['weight']:+.1f})"
        for what, one in (evidence or {}).items()
        if isinstance(one, dict) and one.get("weight") and (one["weight"] > 0) == speaks_for
    ]
    return "; ".join(told).replace("_", " ")


def decisions(found: Any) -> None:
    """Decisions that hold."""
    rows = [(d.number, d.decision, d.first, d.second, d.by, d.reason) for d in found]
    print_table("Decisions", ("number", "decision", "first", "second", "by", "reason"), rows)


def rejects(found: Any) -> None:
    """Refused rows by rule."""
    rows = [(r.rows, r.system, r.extract, r.table, r.field, r.rule, r.remedy) for r in found]
    print_table("Refused rows", ("rows", "system", "extract", "table", "field", "rule", "do"), rows)


def snapshots(found: Any) -> None:
    """The kept snapshots."""
    rows = [
        (
            one.id,
            "current" if one.is_current else one.pinned or "",
            one.as_of,
            one.rows,
            f"{one.bytes / 1e6:,.1f} MB",
            one.problem,
        )
        for one in found
    ]
    print_table("Snapshots", ("id", "", "as of", "rows", "size", ""), rows)


def snapshot(opened: Any) -> None:
    """One snapshot's manifest."""
    manifest = opened.manifest
    _say(
        f"Snapshot {manifest.snapshot}, as of {manifest.as_of:%d %B %Y}, by Rooftree {manifest.software}"
    )
    _say(f"Definitions {manifest.definitions[:12]}; made after {manifest.previous or 'no other'}")
    print_table(
        "\nMade of",
        ("system", "extract", "file", "rows", "sha256"),
        [(i.system, i.extract, i.name, i.rows, i.sha256[:12]) for i in manifest.inputs],
    )
    print_table(
        "\nHolds",
        ("table", "rows", "files"),
        [(name, t.rows, len(t.files)) for name, t in manifest.tables.items()],
    )


def differences(found: Any) -> None:
    """What changed between two snapshots."""
    rows = [(d.name, d.before, d.after, d.added, d.removed, d.changed) for d in found]
    print_table(
        "Differences", ("table", "rows before", "rows after", "added", "removed", "changed"), rows
    )


def examined(found: Any) -> None:
    """The doctor's findings."""
    rows = [
        ("well" if f.well else "LOOK", f.what, f.found, "" if f.well else f.remedy)
        for f in found.findings
    ]
    print_table("Doctor", ("", "what", "found", "do"), rows)
