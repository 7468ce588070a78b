"""What the queue calls."""

from __future__ import annotations

from django_tasks import task

from rooftree.web.jobs import services


@task()
def work(pk: int) -> None:
    """Do the job of this number."""
    services.perform(pk)
