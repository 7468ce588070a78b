"""The tables of jobs."""

from rooftree.web.jobs.models.job import Job, State

__all__ = ["Job", "State"]
