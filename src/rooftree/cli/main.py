"""The command `rooftree`, and how every error becomes a message and an exit code."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import NoReturn

import typer

from rooftree import __version__
from rooftree.vocabulary.errors import ExitCode, ProblemsError, RooftreeError, UserError

_CTRL_C = 130
_STOPPED = "Stopped. What was published before stands; the next run goes on from here."

app = typer.Typer(
    name="rooftree",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help=(
        "Know who lives in your homes, so that services reach those who need them.\n\n"
        "Start with [bold]rooftree demo[/bold], a made-up landlord; then [bold]rooftree init DIR[/bold] "
        "for your own. Every command takes --json."
    ),
    epilog=(
        "Exit codes: 0 done; 1 a defect of Rooftree; 2 the words of the command; 3 a definition or setting; "
        "4 the data; 5 policy says no; 6 the machine (disk, memory, lock); 7 not found; 8 stopped."
    ),
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"rooftree {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Say which version."
    ),
) -> None:
    """Options that stand before the command."""


def main() -> NoReturn:
    """Run the command and leave with the documented exit code."""
    from rooftree.cli import commands  # noqa: F401  registers the commands on `app`

    as_json = "--json" in sys.argv
    signal.signal(signal.SIGTERM, _terminated)
    try:
        # typer answers with the code of an Exit instead of raising it, and turns Ctrl-C into one
        answer = app(standalone_mode=False)
        if answer == _CTRL_C:
            raise KeyboardInterrupt
        code = answer if isinstance(answer, int) else ExitCode.OK
    except (KeyboardInterrupt, typer.Abort):
        code = _say(_STOPPED, ExitCode.INTERRUPTED, as_json)
    except UserError as error:
        code = _say(str(error), error.exit_code, as_json, error)
    except RooftreeError as error:  # our own words: they hold ids and counts only
        message = f"This is a defect of Rooftree, not of your data: {error}. Nothing was published. Please report it."
        code = _say(message, error.exit_code, as_json, error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.OK
    except Exception as error:  # noqa: BLE001  the last resort: an exit code and no personal value
        code = _usage(error, as_json) if _is_usage(error) else _defect(error, as_json)
    sys.exit(int(code))


def _terminated(*_: object) -> NoReturn:
    """A service that is stopped, or a machine that goes down: leave at once.

    An exception would be lost where Python cannot raise one (a callback, a destructor). Leaving
    without ceremony is safe, since a run may be killed at any point.
    """
    code = _say(_STOPPED, ExitCode.INTERRUPTED, "--json" in sys.argv)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _is_usage(error: Exception) -> bool:
    return type(error).__module__.split(".")[0] in ("click", "typer")


def _usage(error: Exception, as_json: bool) -> int:
    message = getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    if not message:  # the command group without a command: its help has been printed
        return ExitCode.USAGE
    hint = f" See: {context.command_path} --help" if context is not None else ""
    return _say(message + hint, ExitCode.USAGE, as_json)


def _say(message: str, code: ExitCode | int, as_json: bool, error: Exception | None = None) -> int:
    with contextlib.suppress(
        BrokenPipeError
    ):  # whoever read the answer has gone; the code still counts
        _print(message, code, as_json, error)
        sys.stdout.flush()
        return int(code)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(code)


def _print(message: str, code: ExitCode | int, as_json: bool, error: Exception | None) -> None:
    if as_json:
        answer: dict[str, object] = {"error": message, "exit_code": int(code)}
        if isinstance(error, ProblemsError):
            answer["problems"] = [
                {"where": p.where, "what": p.what, "remedy": p.remedy} for p in error.problems
            ]
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        print(message, file=sys.stderr)


def _defect(error: Exception, as_json: bool) -> int:
    """An error nobody foresaw. Its text may quote a value from a record, so only its kind and place are told."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    ours = [
        f
        for f in traceback.extract_tb(error.__traceback__)
        if f"{os.sep}rooftree{os.sep}" in f.filename
    ]
    place = ours[-1] if ours else last
    message = (
        f"This is a defect of Rooftree, not of your data: {type(error).__name__} in "
        f"{Path(place.filename).name}, line {place.lineno} ({place.name}). Nothing was published. "
        "Please report it with these words. Set ROOFTREE_DEBUG=1 to see all of it; it may then show personal values."
    )
    if os.environ.get("ROOFTREE_DEBUG") == "1":
        traceback.print_exception(error)
    return _say(message, ExitCode.UNEXPECTED, as_json)
