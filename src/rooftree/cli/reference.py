"""Writes every generated page of docs/reference, or says which of them are out of date.

    python -m rooftree.cli.reference [--check] docs/reference

The pages of the catalogue come from `rooftree.catalogue.reference`; the commands, the settings, the
exit codes and the tables are written here, from the objects that decide them.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer.main

from rooftree.catalogue import markdown
from rooftree.catalogue import reference as of_catalogue
from rooftree.catalogue.load import load
from rooftree.features import reference_schema
from rooftree.features import schema as features
from rooftree.identity import schema as identity
from rooftree.profile import schema as profile
from rooftree.segments.reference_page import segments
from rooftree.segments.schema import EVALUATED, SPELL, first_table
from rooftree.staging import schema as staging
from rooftree.storage.retention import Keep
from rooftree.storage.settings import KINDS, Settings
from rooftree.storage.tables import Table
from rooftree.survey import definitions as survey
from rooftree.vocabulary.errors import ExitCode, UserError
from rooftree.vocabulary.states import Grain
from rooftree.web.config.options import OPTIONS

_NOTICE = "<!-- Generated from the code by `make docs`: change the code, not this page. -->"

#: What each exit code means, and what to do.
EXIT_CODES: Mapping[ExitCode, tuple[str, str]] = {
    ExitCode.OK: ("Done.", "Nothing."),
    ExitCode.UNEXPECTED: (
        "A defect of Rooftree.",
        "Report the message as it stands: it names the place in the code and no personal value.",
    ),
    ExitCode.USAGE: (
        "The words of the command are wrong.",
        "Read the message; `--help` after any command lists its options.",
    ),
    ExitCode.DEFINITIONS: (
        "A definition, or `rooftree.toml`, is wrong.",
        "Put right each place that the message lists, then `rooftree check`.",
    ),
    ExitCode.DATA: (
        "An extract cannot be read, or a check that must hold failed.",
        "Ask for the extract again, or correct the definition, as the message says.",
    ),
    ExitCode.POLICY: (
        "A purpose, a permission or a retention rule says no.",
        "Use a purpose that the message names, or leave out the attribute.",
    ),
    ExitCode.ENVIRONMENT: (
        "The machine cannot do it: disk, memory, a lock, a missing program.",
        "`rooftree doctor` says what, and what to do.",
    ),
    ExitCode.NOT_FOUND: (
        "The person, snapshot or folder is not there.",
        "Check the id: `rooftree profile find`, `rooftree snapshot list`.",
    ),
    ExitCode.INTERRUPTED: (
        "Stopped from outside. Nothing was published.",
        "Run again: files that were read stay read.",
    ),
}

#: What each setting of `rooftree.toml` means; what stands before a stop is the table that holds the key.
SETTINGS: Mapping[str, str] = {
    "name": "The landlord's name, as it stands on reports.",
    "kind": f"What sort of landlord: {', '.join(KINDS)}.",
    "as_of": "The day a run speaks of, where `--as-of` does not say. Left out: today.",
    "memory": "Most memory that a run may use, such as 4GB or 800MB. What does not fit goes to the disk.",
    "threads": "How many threads a run may use, 1 to 512. The result does not depend on it.",
    "disclosure.policy": "How counts are made safe before they leave: the key of a "
    "[disclosure policy](disclosure-policies.md), shipped or your own.",
    "snapshots.newest": "How many of the newest snapshots stay. At least 1.",
    "snapshots.months": "Of how many calendar months the last snapshot stays as well. 0: of none.",
}

#: What Rooftree reads from the environment.
ENVIRONMENT: Mapping[str, str] = {
    "ROOFTREE_DEBUG": "`1` shows the whole trace of a defect. It may then show personal values.",
    "any name you choose": "Source definitions may say `${NAME}` in `files` and `database`: "
    "folders and passwords then stay out of the definition.",
}

_SEGMENTS = (
    "What rules read: one wide table per unit and one table per kind of event, built from the "
    "catalogue. After the first columns, which are shown here, a wide table has the "
    "[attributes](attributes.md) and [features](features.md) that its unit sees, in alphabetical "
    "order: `<key>`, and for an attribute `<key>__k`, which is never null: bits 0 to 2 the state "
    "(0 answered, 1 refused, 2 dont_know, 3 not_asked, 4 not_applicable, 5 withdrawn), bit 3 stale, "
    "bit 4 in conflict. Events have the fields of their [kind](events.md)."
)

_STAGES: Sequence[tuple[str, str, Sequence[Table]]] = (
    (
        "Staging",
        "What the systems say, typed and checked, in canonical tables; a source definition fills them.",
        (*staging.CANONICAL, staging.FILE, staging.REJECT, staging.ISSUE),
    ),
    ("Reference files", "What the postcode and area files say.", reference_schema.ALL),
    ("Identity", "People, households, tenancies and homes, across systems.", identity.ALL),
    ("Profile", "Every statement, and which of them stands.", profile.ALL),
    ("Features", "What behaviour, composition and place say.", features.ALL),
    (
        "Segments",
        _SEGMENTS,
        (*(first_table(unit) for unit in Grain), SPELL, EVALUATED),
    ),
)


def commands() -> str:
    """The page of all commands, with their arguments and options."""
    from rooftree.cli import commands as _  # noqa: F401  registers the commands on `app`
    from rooftree.cli.main import app

    root: Any = typer.main.get_command(app)
    found = list(_commands(root, "rooftree"))
    overview = markdown.table(
        ("command", "what it does"),
        [(f"[`{name}`](#{_anchor(name)})", _first_line(c.help)) for name, c in found],
    )
    sections = [_command(name, command) for name, command in found]
    intro = (
        "Every command takes `--json`, for machines, and `--help`.\n"
        "What it answers goes to standard output; progress and messages go to standard error.\n"
        "The [exit code](exit-codes.md) says how it went."
    )
    return markdown.page("Commands", intro, overview, *sections, notice=_NOTICE)


def _commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    for key, command in group.commands.items():
        full = f"{name} {key}"
        if hasattr(command, "commands"):
            yield from _commands(command, full)
        else:
            yield full, command


def _command(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join([name, *(_usage(p) for p in arguments + [o for o in options if o.required])])
    rows = [(_names(p), _plain(p.help or ""), _default(p)) for p in (*arguments, *options)]
    blocks = [
        f"## {name}",
        _prose(command.help),
        f"    {usage}",
        markdown.table(("word", "meaning", "default"), rows),
    ]
    return "\n\n".join(blocks)


def _usage(parameter: Any) -> str:
    word = _value_name(parameter)
    if parameter.param_type_name == "option":
        return f"{parameter.opts[0]} {word}"
    return word if parameter.required else f"[{word}]"


def _value_name(parameter: Any) -> str:
    return str(parameter.metavar or (parameter.name or "").upper())


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{_value_name(parameter)}`"
    words = [*parameter.opts, *parameter.secondary_opts]
    value = "" if parameter.is_flag else f" {_value_name(parameter)}"
    return ", ".join(f"`{word}{value}`" for word in words)


def _default(parameter: Any) -> str:
    if parameter.required:
        return "must be given"
    shown = parameter.show_default
    if isinstance(shown, str):
        return shown
    if parameter.is_flag if parameter.param_type_name == "option" else False:
        return f"`{parameter.opts[0]}`" if parameter.default else ""
    if parameter.default in (None, [], ()):
        return ""
    return "this folder" if str(parameter.default) == "." else f"`{parameter.default}`"


def settings() -> str:
    """The page of `rooftree.toml` and of the environment."""
    example = (
        "```toml\n"
        'name = "Elm Valley Homes"\nkind = "association"\nas_of = 2026-03-31\nmemory = "4GB"\nthreads = 2\n\n'
        "[snapshots]\nnewest = 12\nmonths = 24\n"
        "```"
    )
    rows = [
        (f"`{key}`", SETTINGS[key], kind, _shown(value)) for key, kind, value in _setting_fields()
    ]
    return markdown.page(
        "Settings",
        "A workspace has one file of settings, `rooftree.toml`.\n"
        "A key that is not listed here is refused.",
        example,
        markdown.table(("setting", "meaning", "type", "default"), rows),
        "## The environment",
        markdown.table(("name", "meaning"), ENVIRONMENT.items()),
        notice=_NOTICE,
    )


_TOML_TYPES = {"str": "text", "int": "whole number", "dt.date | None": "date"}


def _setting_fields() -> Iterator[tuple[str, str, object]]:
    """Key, type in TOML, default (MISSING where there is none) of every setting."""
    for found in dataclasses.fields(Settings):
        if found.name == "disclosure":
            yield "disclosure.policy", "text", found.default
        elif found.name != "keep":
            yield found.name, _TOML_TYPES[str(found.type)], found.default
    for found in dataclasses.fields(Keep):
        yield f"snapshots.{found.name}", _TOML_TYPES[str(found.type)], found.default


def _shown(default: object) -> str:
    if default is dataclasses.MISSING:
        return "must be given"
    return "" if default is None else f"`{default}`"


def exit_codes() -> str:
    """The page of exit codes."""
    rows = [(str(int(code)), f"`{code.name}`", *EXIT_CODES[code]) for code in ExitCode]
    return markdown.page(
        "Exit codes",
        "What a command answers to the shell.\n"
        "Messages and their cures are in [read a problem](../how-to/read-a-problem.md).",
        markdown.table(("code", "name", "meaning", "what to do"), rows),
        notice=_NOTICE,
    )


def web_settings() -> str:
    """The page of every setting of the web application."""
    rows = [
        (
            f"`{option.name}`",
            option.help,
            "" if option.secret or option.default in ("", None) else _as_default(option.default),
        )
        for option in OPTIONS
    ]
    return markdown.page(
        "Settings of the web application",
        "They come from the environment of `rooftree serve`.\n"
        "Each may also be read from a file: put its path in the name with `_FILE` at the end, as for secrets.\n"
        "A name that begins with `ROOFTREE_WEB_` and is not listed here is refused.\n"
        "An administrator sees each setting, and where it came from, on the page Settings.",
        markdown.table(("setting", "meaning", "default"), rows),
        notice=_NOTICE,
    )


def _as_default(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else f"`{value}`"


def tables() -> str:
    """The page of every table of every stage, column by column."""
    blocks = [
        (
            "Each stage writes these tables into the [snapshot](../explanation/snapshot.md) "
            "as Parquet, `<stage>/<table>.parquet`.\n"
            "The reference tables live during a run and are not kept.\n"
            "Rows are stored in the order given, so the same inputs give the same bytes.\n"
            "Sensitivity is ordinary where nothing is said."
        )
    ]
    for title, meaning, of_stage in _STAGES:
        overview = [(f"[`{_name(t)}`](#{_anchor(_name(t))})", t.meaning) for t in of_stage]
        blocks += [f"## {title}", meaning, markdown.table(("table", "one row is"), overview)]
        blocks += [_table(table) for table in of_stage]
    return markdown.page("Tables", *blocks, notice=_NOTICE)


def _table(table: Table) -> str:
    rows = [
        (
            f"`{column.name}`",
            column.type,
            "yes" if column.required else "",
            column.meaning + ("" if column.sensitivity == "ordinary" else f" ({column.sensitivity})"),
        )
        for column in table
    ]  # fmt: skip
    key = f"Key: {markdown.codes(table.key)}. " if table.key else ""
    order = f"Stored in the order of {markdown.codes(table.sort)}."
    heads = ("column", "type", "never null", "meaning")
    return "\n\n".join(
        [f"### {_name(table)}", table.meaning, key + order, markdown.table(heads, rows)]
    )


def perception() -> str:
    """The page of the perception measures and of the rules on sample sizes."""
    found = survey.load()
    rules = [
        (f"{rule.label} (from {rule.valid_from.isoformat()})", "; ".join(
            f"from {start:,} tenants ±{100 * margin:g} points" for start, margin in rule.margins
        ), rule.source)
        for rule in found.size_rules
    ]  # fmt: skip
    return markdown.page(
        "Perception measures",
        "The measures of the Regulator of Social Housing that come from a survey of tenants, "
        "and how large the survey must be.\n"
        "The share is of those who gave one of the listed answers: "
        '"not applicable" and "don\'t know" are counted and left out.\n'
        "How to compute them is in [weight a survey](../how-to/weight-a-survey.md).",
        *(_measure(measure, found) for measure in found.measures),
        "## Sample sizes",
        "n0 / (1 + n0 / N), rounded up, with n0 = 1.96² × 0.25 / margin².",
        markdown.table(("rule", "margins", "source"), rules),
        notice=_NOTICE,
    )


def _measure(measure: survey.Measure, found: survey.SurveyDefinitions) -> str:
    codes = found.code_lists[measure.answers].codes
    labels = {code.key: code.label for code in codes}
    rows = [
        ("Question", measure.wording),
        ("Asked of", ", ".join(word.upper() for word in measure.populations)),
        ("Only if yes to", measure.filter_wording or "everybody is asked"),
        ("Answers", ", ".join(labels.values())),
        ("Count as satisfied", ", ".join(labels[key] for key in measure.counts)),
        ("“Not applicable” offered", "yes" if measure.not_applicable_offered else "no"),
        ("Since", measure.valid_from.isoformat()),
        ("Source", measure.source),
    ]
    return f"## {measure.code}\n\n{measure.label}.\n\n" + markdown.table(("", ""), rows)


def _name(table: Table) -> str:
    return table.full_name.replace('"', "")


def _anchor(heading: str) -> str:
    """The anchor that a page gives a heading: small letters, hyphens for spaces, no stops."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _plain(text: str) -> str:
    return re.sub(r"\[/?bold\]", "", text).strip()


def _prose(text: str | None) -> str:
    """The help of a command, paragraph by paragraph, one sentence to a line."""
    paragraphs = _plain(text or "").split("\n\n")
    joined = [" ".join(paragraph.split()) for paragraph in paragraphs]
    return "\n\n".join(re.sub(r"(?<=[.!?]) (?=[A-Z])", "\n", paragraph) for paragraph in joined)


def _first_line(text: str | None) -> str:
    return " ".join(_plain(text or "").split("\n\n")[0].split())


#: The pages made here, by file name.
PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands,
    "exit-codes.md": exit_codes,
    "perception-measures.md": perception,
    "settings.md": settings,
    "tables.md": tables,
    "web-settings.md": web_settings,
}


def pages() -> dict[str, str]:
    """The Markdown of every generated page, those of the catalogue too, by file name."""
    catalogue = load()
    return {
        **of_catalogue.pages(catalogue),
        **{name: build() for name, build in PAGES.items()},
        "segments.md": segments(catalogue),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The program: exit code 1 when `--check` finds a page out of date, or that of the error."""
    parser = argparse.ArgumentParser(description="Write the reference pages.")
    parser.add_argument("folder", type=Path, help="where the pages are, such as docs/reference")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if out of date")
    options = parser.parse_args(arguments)
    try:
        stale = of_catalogue.publish(pages(), options.folder, check=options.check)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    if options.check and stale:
        names = ", ".join(str(options.folder / name) for name in stale)
        sys.stderr.write(f"Out of date: {names}. Write them again with: make docs\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
