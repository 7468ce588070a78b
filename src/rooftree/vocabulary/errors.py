"""Errors that speak to the person who can fix them, and the exit code of each.

A message says what happened, to which thing (a file, a row, a field, an id: never a name or a
value from a record), and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What the command line answers to the shell."""

    OK = 0
    UNEXPECTED = 1  # a defect of Rooftree: the message asks to report it
    USAGE = 2  # the words of the command
    DEFINITIONS = 3  # a definition or the workspace's configuration is wrong
    DATA = 4  # an extract cannot be read, or a check that must hold of the data failed
    POLICY = 5  # a purpose, permission or retention rule says no
    ENVIRONMENT = 6  # disk full, file locked, memory: nothing wrong with data or definitions
    NOT_FOUND = 7  # the person, snapshot or file asked for is not there
    INTERRUPTED = 8  # stopped from outside; the next run goes on from here


class RooftreeError(Exception):
    """The base of every error that Rooftree raises."""

    exit_code = ExitCode.UNEXPECTED


class UserError(RooftreeError):
    """Something the person at the keyboard can put right; shown without a traceback."""

    exit_code = ExitCode.USAGE


class NotFound(UserError):
    """The thing asked for does not exist."""

    exit_code = ExitCode.NOT_FOUND


class MachineError(UserError):
    """The machine cannot do it: full disk, locked file, missing program."""

    exit_code = ExitCode.ENVIRONMENT


class PolicyDenied(UserError):
    """A purpose, permission or retention rule forbids it. Says which, and what would be allowed."""

    exit_code = ExitCode.POLICY


class Overtaken(UserError):
    """Somebody else wrote about the same thing since it was read. Look at it again, then decide."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, where, and what to do about it.

    `where` names a file and, where known, a row, field or key: `sources/housing.toml: person.date_of_birth`.
    """

    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" {self.remedy}" if self.remedy else "")


class ProblemsError(UserError):
    """Many problems reported at once, so that one round of mending is enough."""

    def __init__(self, problems: Sequence[Problem], heading: str = "") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        heading = heading or f"{count} problem{'s' if count != 1 else ''} found"
        super().__init__("\n".join([heading, *(f"  - {problem}" for problem in self.problems)]))


class DefinitionError(ProblemsError):
    """Definitions or configuration that do not load."""

    exit_code = ExitCode.DEFINITIONS


class DataError(ProblemsError):
    """Data that cannot be read, or that breaks a rule which must hold."""

    exit_code = ExitCode.DATA
