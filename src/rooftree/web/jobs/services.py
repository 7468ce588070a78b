"""Starting, following and ending jobs. A state moves only as `MOVES` allows, by one conditional update."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from rooftree.vocabulary.errors import RooftreeError, UserError
from rooftree.vocabulary.progress import Step
from rooftree.web.accounts.models import User
from rooftree.web.audit.models import Action
from rooftree.web.audit.services import record
from rooftree.web.jobs.kinds import kind_of
from rooftree.web.jobs.models import Job, State
from rooftree.web.jobs.models.job import MOVES
from rooftree.web.landlords.models import Landlord

_log = logging.getLogger("rooftree.web.jobs")
HEARTBEAT_SECONDS = 5
#: A worker that has not been heard of for so long is dead.
LOST_AFTER = dt.timedelta(seconds=60)
#: A job that nobody took for so long: there is no worker.
FORGOTTEN_AFTER = dt.timedelta(hours=12)


class CancelledError(RooftreeError):
    """Somebody asked the job to stop."""


def start(
    *, landlord: Landlord, kind: str, by: User, arguments: Mapping[str, Any] | None = None
) -> Job:
    """Ask for a job; it starts when the worker is free. UserError when one of this kind is under way."""
    from rooftree.web.jobs.tasks import work  # the queue's own door, which imports this module

    kind_of(kind)
    reap()
    try:
        with transaction.atomic():
            job = Job.objects.create(
                landlord=landlord,
                kind=kind,
                arguments=dict(arguments or {}),
                asked_by=by,
                asked_at=timezone.now(),
            )
            record(
                landlord_id=landlord.pk, actor_id=by.pk, action=Action.JOB_STARTED,
                detail={"job": job.pk, "kind": kind},
            )  # fmt: skip
            work.enqueue(job.pk)
    except IntegrityError as error:
        raise UserError("One of these is under way already. Wait for it, or stop it.") from error
    return job


def cancel(job: Job, *, by: User) -> None:
    """Ask a job to stop: at once when it waits, at its next step when it works."""
    with transaction.atomic():
        record(
            landlord_id=job.landlord_id,
            actor_id=by.pk,
            action=Action.JOB_CANCELLED,
            detail={"job": job.pk},
        )
        Job.objects.filter(pk=job.pk, cancel_asked_at__isnull=True).update(
            cancel_asked_at=timezone.now()
        )
        move(
            job.pk,
            State.QUEUED,
            State.CANCELLED,
            ended_at=timezone.now(),
            message="Stopped before it began.",
        )


def move(pk: int, from_: State, to: State, **more: Any) -> bool:
    """Move a job from one state to another, if it is still there; answers whether it was."""
    if to not in MOVES[from_]:
        raise RooftreeError(f"a job cannot go from {from_} to {to}")
    return bool(Job.objects.filter(pk=pk, state=from_).update(state=to, **more))


def reap() -> int:
    """Mark jobs whose worker died; answers how many. Anybody may call it at any time."""
    now = timezone.now()
    dead = Job.objects.filter(state=State.RUNNING, heartbeat_at__lt=now - LOST_AFTER)
    forgotten = Job.objects.filter(state=State.QUEUED, asked_at__lt=now - FORGOTTEN_AFTER)
    words = "The worker was stopped or died. Nothing was published. Start it again."
    return sum(
        jobs.update(state=State.LOST, ended_at=now, message=words) for jobs in (dead, forgotten)
    )


def reap_all() -> int:
    """Mark every job that is said to be at work as lost: for the start of a server, when no worker lives."""
    return Job.objects.filter(state=State.RUNNING).update(
        state=State.LOST,
        ended_at=timezone.now(),
        message="The server was stopped while it was at work. Nothing was published. Start it again.",
    )


def perform(pk: int) -> None:
    """Do a job: called by the worker. Every way it can end is written down, but for a worker that is killed."""
    now = timezone.now()
    if not move(pk, State.QUEUED, State.RUNNING, started_at=now, heartbeat_at=now):
        return  # stopped while it waited, or taken by another worker
    job = Job.objects.select_related("landlord", "asked_by").get(pk=pk)
    with _beating(pk):
        state, message, result = _outcome(job)
    move(pk, State.RUNNING, state, ended_at=timezone.now(), message=message, result=result)
    _log.info("job ended", extra={"job": pk, "status": state.value})


def _outcome(job: Job) -> tuple[State, str, dict[str, Any]]:
    try:
        result = kind_of(job.kind).function()(job, JobProgress(job.pk))
    except CancelledError:
        return State.CANCELLED, "Stopped. Nothing was published.", {}
    except UserError as error:
        return State.FAILED, str(error), {}
    except Exception as error:  # noqa: BLE001  whatever it was, the page must say that it ended
        _log.exception("job failed", extra={"job": job.pk})
        kind = type(error).__name__
        return (
            State.FAILED,
            f"A defect of Rooftree ({kind}). Nothing was published. Please report it.",
            {},
        )
    return State.DONE, "", dict(result)


@contextmanager
def _beating(pk: int) -> Iterator[None]:
    """Say every few seconds that the worker lives, also while the engine is busy with one long statement."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(HEARTBEAT_SECONDS):
            Job.objects.filter(pk=pk).update(heartbeat_at=timezone.now())
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=HEARTBEAT_SECONDS)


class JobProgress:
    """The pipeline's progress, written to the job's row at most twice a second."""

    EVERY = dt.timedelta(seconds=0.5)

    def __init__(self, pk: int) -> None:
        self._pk = pk
        self._written = timezone.now() - self.EVERY
        self._steps = 0

    @contextmanager
    def step(self, what: str, *, total: int | None = None, unit: str = "rows") -> Iterator[Step]:
        """Begin a step. CancelledError when somebody asked the job to stop."""
        self._check()
        self._write(step=what, steps_done=self._steps, done=0, total=total, unit=unit)
        yield _Advance(self)
        self._steps += 1

    def note(self, message: str) -> None:
        """Tell one thing."""
        self._write(message=message)

    def advanced(self, done: int) -> None:
        """So much of the step is done."""
        now = timezone.now()
        if now - self._written >= self.EVERY:
            self._check()
            self._write(done=done)

    def _check(self) -> None:
        if Job.objects.filter(pk=self._pk, cancel_asked_at__isnull=False).exists():
            raise CancelledError("stopped")

    def _write(self, **fields: Any) -> None:
        self._written = timezone.now()
        Job.objects.filter(pk=self._pk).update(heartbeat_at=self._written, **fields)


class _Advance:
    def __init__(self, progress: JobProgress) -> None:
        self._progress = progress
        self._done = 0

    def advance(self, done: int = 1) -> None:
        """So many more are done."""
        self._done += done
        self._progress.advanced(self._done)
