"""The demonstration landlord: made once, then run like any other workspace."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from rooftree.demo.generate import generate
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import UserError
from rooftree.vocabulary.progress import Progress

#: The demonstration speaks of one day, so that everybody sees the same landlord.
AS_OF = dt.date(2026, 3, 31)


@dataclass(frozen=True, slots=True)
class Made:
    """Where the landlord is, and whether it was made now."""

    directory: str
    name: str
    is_new: bool
    as_of: dt.date

    def workspace(self) -> Workspace:
        """The workspace, opened."""
        return Workspace.open(Path(self.directory))


def make(
    directory: Path, *, homes: int, kind: str, setting: str, seed: int, progress: Progress
) -> Made:
    """Make the landlord's files where there are none; find them where they were made before."""
    if (directory / "rooftree.toml").exists():
        if not (directory / "truth").is_dir():
            raise UserError(
                f"{directory} is a workspace, and not a demonstration. Name another folder."
            )
        name = Workspace.open(directory).settings.name
        return Made(str(directory), name, is_new=False, as_of=AS_OF)
    made = generate(
        directory,
        as_of=AS_OF,
        homes=homes,
        kind=kind,
        setting=setting,
        seed=seed,
        progress=progress,
    )
    return Made(str(directory), made.name, is_new=True, as_of=AS_OF)
