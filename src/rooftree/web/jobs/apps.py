"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig

from rooftree.web.accounts.roles import Can
from rooftree.web.jobs.kinds import Kind
from rooftree.web.layout.navigation import Item


class Jobs(AppConfig):
    """Long work in the background."""

    name = "rooftree.web.jobs"
    label = "jobs"
    navigation = (
        Item("Jobs", "jobs", Can.RUN_JOBS, "Runs and other long work: progress, results, stop."),
    )
    job_kinds = (
        Kind(
            "run", "Read the extracts and publish a snapshot", Can.RUN_JOBS, "rooftree.web.jobs.run_pipeline.run",
        ),
    )  # fmt: skip
