"""Everything that must be there before pages are served: settings, tables, static files, landlords.

The command line calls these functions; each sets up Django for one workspace first, so a process can
do it for one workspace only.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from rooftree import __version__
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import MachineError

SETTINGS = "rooftree.web.config.settings"
_STAMP = "stamp.txt"


def set_up(directory: Path, *, address: str | None = None) -> Workspace:
    """Read the settings for this workspace. DefinitionError with all that is wrong in them."""
    import django

    workspace = Workspace.open(directory)
    os.environ["ROOFTREE_WEB_WORKSPACE"] = str(workspace.directory)
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    if address is not None:
        os.environ.setdefault("ROOFTREE_WEB_ADDRESS", address)
    django.setup()
    return workspace


def prepare(workspace: Workspace, *, others: Sequence[Path] = ()) -> None:
    """Bring the tables up to date, make the landlords of the workspaces, and put static files together."""
    from django.core.management import call_command

    from rooftree.web.landlords.services import ensure

    migrate()
    for directory in (workspace.directory, *others):
        ensure(directory)
    collect = static_stamp()
    stamp = workspace.private / "static" / _STAMP
    if not stamp.is_file() or stamp.read_text() != collect:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(collect)


def migrate() -> None:
    """Make or change the tables. Two starts at once are kept apart by the workspace's lock."""
    from django.core.management import call_command
    from django.db import OperationalError

    try:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    except OperationalError as error:
        raise MachineError(
            f"The database of the web application cannot be reached ({type(error).__name__}). "
            "See that it runs, and that ROOFTREE_WEB_DATABASE is right."
        ) from error


def static_stamp() -> str:
    """What the static files are made of. MachineError when the style sheet was never built."""
    import django_htmx

    built = Path(__file__).parents[1] / "layout" / "static" / "built" / _STAMP
    if not built.is_file():
        raise MachineError("The style sheet has not been built. Build it with: make assets")
    parts = [__version__, django_htmx.__name__, built.read_text()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
