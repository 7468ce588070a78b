"""The kinds of job: each app says its own, as `job_kinds` on its AppConfig."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.utils.module_loading import import_string

from rooftree.vocabulary.errors import NotFound
from rooftree.web.accounts.roles import Can

#: What does the work: called with the job's row and its progress; answers a small result, ids and counts only.
Work = Callable[[Any, Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job. `work` is the dotted name of a function (job, progress) -> result."""

    key: str
    label: str
    needs: Can
    work: str

    def function(self) -> Work:
        """The function that does the work."""
        return import_string(self.work)


def kinds() -> dict[str, Kind]:
    """All kinds of job by key."""
    return {
        kind.key: kind
        for config in apps.get_app_configs()
        for kind in getattr(config, "job_kinds", ())
    }


def kind_of(key: str) -> Kind:
    """One kind. NotFound when no app has it."""
    found = kinds().get(key)
    if found is None:
        raise NotFound(f"There is no kind of job '{key}'.")
    return found
