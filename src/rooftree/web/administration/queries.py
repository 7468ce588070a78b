"""The health of sources and runs, and the settings in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from rooftree.pipeline import reports
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import NotFound
from rooftree.web.jobs.models import Job
from rooftree.web.landlords.models import Landlord
from rooftree.web.landlords.opened import Opened, opened

_RUNS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Health:
    """What is well and what is not."""

    data: Opened | None
    quality: Any
    files: list[tuple[Any, ...]]
    runs: list[Job]


def health(landlord: Landlord) -> Health:
    """Of the current snapshot: what was read of each file and what is odd; and the last runs."""
    runs = list(
        Job.objects.filter(landlord=landlord, kind="run").select_related("asked_by")[:_RUNS_SHOWN]
    )
    try:
        data = opened(landlord)
    except NotFound:
        return Health(None, None, [], runs)
    with data.engine() as engine:
        files = engine.rows(
            """SELECT system, extract, name, rows_read, rows_accepted, rows_rejected
            FROM staging.file ORDER BY system, extract, name"""
        )
    return Health(data, reports.read(data.snapshot), files, runs)


def settings_of(landlord: Landlord) -> list[tuple[str, str, str, str]]:
    """Each setting: name, value (never a secret), where it came from, and what it does."""
    workspace = Workspace.open(landlord.directory)
    ours = workspace.settings
    file = [
        ("name", ours.name, "The landlord's name in reports."),
        ("kind", ours.kind, "council, association or supported: decides lawful bases."),
        ("as_of", ours.as_of or "not set: the day of the run", "The date a run speaks of."),
        ("memory", ours.memory, "How much memory a run may take."),
        ("threads", ours.threads, "How many processor cores a run may take."),
        ("snapshots.newest", ours.keep.newest, "How many of the newest snapshots stay."),
        ("snapshots.months", ours.keep.months, "Of how many months the last snapshot stays."),
    ]
    return [
        *(
            (each.option.name, each.shown, each.origin, each.option.help)
            for each in settings.CHOSEN.values()
        ),
        *(
            (name, str(value), "rooftree.toml, or its default", about)
            for name, value, about in file
        ),
    ]
