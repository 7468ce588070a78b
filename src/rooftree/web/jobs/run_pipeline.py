"""The job that runs the stages and publishes a snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from rooftree.pipeline.demonstrate import AS_OF
from rooftree.pipeline.run import run as run_stages
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.progress import Progress
from rooftree.web.config.environment import source_values
from rooftree.web.jobs.models import Job


def run(job: Job, progress: Progress) -> Mapping[str, Any]:
    """Run the landlord's workspace as of the job's day: the one asked for, of its settings, or today."""
    workspace = Workspace.open(job.landlord.directory)
    asked = job.arguments.get("as_of")
    day = dt.date.fromisoformat(asked) if asked else workspace.settings.as_of
    if day is None:
        day = AS_OF if job.landlord.is_demonstration else timezone.localdate()
    done = run_stages(workspace, as_of=day, environment=source_values(), progress=progress)
    return {
        "snapshot": done.snapshot,
        "outcome": done.outcome,
        "as_of": done.as_of.isoformat(),
        "files": done.files,
        "files_read": done.files_read,
        "rows": {
            name: {"read": rows.read, "accepted": rows.accepted, "rejected": rows.rejected}
            for name, rows in done.staging.items()
        },
        "totals": dict(done.totals),
    }
