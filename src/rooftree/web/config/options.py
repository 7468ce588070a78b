"""Every setting of the web application: its name, kind, default and meaning, and the strict reading of it.

A setting comes from the environment under its name, or, for what is secret or long, from the file that
NAME_FILE names. All problems are reported at once. The page of settings and the reference page are
written from this list.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rooftree.vocabulary.errors import DefinitionError, Problem

PREFIX = "ROOFTREE_WEB_"
_FROM_FILE = "_FILE"


@dataclass(frozen=True, slots=True)
class Option:
    """One setting. `read` turns its text into a value and raises ValueError with what to write instead."""

    name: str
    default: Any
    help: str
    read: Callable[[str], Any]
    secret: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a setting is now, and where that came from: default, environment or file."""

    option: Option
    value: Any
    origin: str

    @property
    def shown(self) -> str:
        """The value for a page: never a secret."""
        if self.option.secret:
            return "set" if self.value else "not set"
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        return str(self.value) if self.value not in ("", None) else "not set"


def a_text(text: str) -> str:
    """Any text."""
    return text.strip()


def a_yes(text: str) -> bool:
    """Yes or no, in the usual words."""
    word = text.strip().lower()
    if word in ("yes", "true", "on", "1"):
        return True
    if word in ("no", "false", "off", "0"):
        return False
    raise ValueError("Write yes or no.")


def a_number(least: int, most: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise ValueError(f"Write a whole number from {least} to {most}.")
        return number

    return read


def an_address(text: str) -> str:
    """The address that people type, such as https://rooftree.example.org, without a path."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError(
            "Write the address as people type it, without a path: https://rooftree.example.org."
        )
    return f"{parts.scheme}://{parts.netloc}"


def a_server(*schemes: str) -> Callable[[str], str]:
    """An address of another service, with its scheme."""

    def read(text: str) -> str:
        parts = urlsplit(text.strip())
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"Write it as {schemes[0]}://user:password@host:port/name.")
        return text.strip()

    return read


def a_folder(text: str) -> Path:
    """A folder that is there."""
    path = Path(text).absolute()
    if not (path / "rooftree.toml").is_file():
        raise ValueError("Name a workspace: a folder with rooftree.toml.")
    return path


OPTIONS: tuple[Option, ...] = (
    Option(
        "ROOFTREE_WEB_WORKSPACE", None,
        "The workspace that holds the database and keys of the web application. `rooftree serve` sets it.",
        a_folder, required=True,
    ),
    Option(
        "ROOFTREE_WEB_ADDRESS", "http://localhost:8000",
        "The address people type. With https, cookies are sent over https only. Not set: `rooftree serve` sets it.",
        an_address,
    ),
    Option(
        "ROOFTREE_WEB_PROXIES", 0,
        "How many proxies stand in front: lock-out then sees the address of the visitor, not of the proxy.",
        a_number(0, 5),
    ),
    Option(
        "ROOFTREE_WEB_DATABASE", "",
        "Where users, the access log and jobs are kept. Not set: a SQLite file in the workspace. Else postgresql://user:password@host:port/name.",
        a_server("postgresql", "postgres"), secret=True,
    ),
    Option(
        "ROOFTREE_WEB_SECRET_KEY", "",
        "Signs sessions. Not set: made on the first start and kept in the workspace.",
        a_text, secret=True,
    ),
    Option(
        "ROOFTREE_WEB_SESSION_HOURS", 10,
        "After so many hours everybody signs in again.", a_number(1, 24),
    ),
    Option(
        "ROOFTREE_WEB_INVITATION_HOURS", 72,
        "How long an invitation can be used.", a_number(1, 336),
    ),
    Option(
        "ROOFTREE_WEB_WORKERS", 2, "Processes that answer pages.", a_number(1, 64),
    ),
    Option(
        "ROOFTREE_WEB_THREADS", 4, "Pages that one process answers at a time.", a_number(1, 64),
    ),
    Option(
        "ROOFTREE_WEB_SMTP", "",
        "The mail server, smtp://user:password@host:port, or smtps://. Not set: an invitation is a link to hand over.",
        a_server("smtp", "smtps"), secret=True,
    ),
    Option(
        "ROOFTREE_WEB_MAIL_FROM", "rooftree@localhost", "The sender of messages to staff.", a_text,
    ),
    Option(
        "ROOFTREE_WEB_OIDC_ISSUER", "",
        "The provider of single sign-on: https://login.microsoftonline.com/TENANT/v2.0 (one tenant, never common).",
        a_server("https", "http"),
    ),
    Option("ROOFTREE_WEB_OIDC_NAME", "your work account", "What the sign-in page calls that provider.", a_text),
    Option("ROOFTREE_WEB_OIDC_CLIENT_ID", "", "The identifier of Rooftree at that provider.", a_text),
    Option(
        "ROOFTREE_WEB_OIDC_CLIENT_SECRET", "", "The secret of Rooftree at that provider.", a_text, secret=True,
    ),
    Option(
        "ROOFTREE_WEB_OIDC_TRUST_MFA", False,
        "Accept the provider's word (amr holds mfa) for the second factor. Otherwise Rooftree asks for its own.",
        a_yes,
    ),
)  # fmt: skip


def read(environment: Mapping[str, str]) -> dict[str, Chosen]:
    """Every setting by name. DefinitionError lists all that is wrong, unknown names included."""
    problems: list[Problem] = []
    chosen = {option.name: _read_one(option, environment, problems) for option in OPTIONS}
    known = {name for option in OPTIONS for name in (option.name, option.name + _FROM_FILE)}
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            remedy = f"Did you mean {near[0]}?" if near else "See docs/reference/web-settings.md."
            problems.append(Problem(name, "there is no such setting.", remedy))
    single_sign_on = [
        chosen[f"ROOFTREE_WEB_OIDC_{part}"] for part in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")
    ]
    if any(each.value for each in single_sign_on):
        problems += [
            Problem(each.option.name, "it is missing.", "Single sign-on needs all three.")
            for each in single_sign_on
            if not each.value
        ]
    if problems:
        raise DefinitionError(problems, heading="The web application cannot start:")
    return chosen


def _read_one(option: Option, environment: Mapping[str, str], problems: list[Problem]) -> Chosen:
    text, origin = environment.get(option.name, ""), "environment"
    file = environment.get(option.name + _FROM_FILE, "")
    if file and not text:
        origin = "file"
        try:
            text = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(
                Problem(
                    option.name + _FROM_FILE,
                    f"the file cannot be read ({type(error).__name__}).",
                    "Name a file that this user may read.",
                )
            )
    if not text.strip():
        if option.required:
            problems.append(
                Problem(option.name, "it is missing.", "Start with: rooftree serve WORKSPACE")
            )
        return Chosen(option, option.default, "default")
    try:
        return Chosen(option, option.read(text), origin)
    except ValueError as error:
        # The text is not quoted: it may be a secret.
        problems.append(Problem(option.name, "it cannot be read.", str(error)))
        return Chosen(option, option.default, "default")
