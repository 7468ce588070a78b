"""Long work: progress, an end that is told whatever happens, stopping, and a worker that dies."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from rooftree.storage.snapshot import current_id
from rooftree.vocabulary.errors import DataError, Problem, RooftreeError, UserError
from rooftree.web.accounts.models import User
from rooftree.web.accounts.roles import Can
from rooftree.web.audit.models import Action, Event
from rooftree.web.jobs import services
from rooftree.web.jobs.kinds import Kind
from rooftree.web.jobs.models import Job, State
from rooftree.web.jobs.models.job import MOVES
from rooftree.web.landlords.models import Landlord
from tests.web.conftest import signed_in

_WORK: dict[str, Callable] = {}


def work(job: Job, progress: services.JobProgress) -> dict[str, object]:
    """What the job of these tests does: whatever the test says."""
    return _WORK["now"](job, progress)


@pytest.fixture(autouse=True)
def _no_heartbeat(monkeypatch: pytest.MonkeyPatch):
    """A second connection would wait for the transaction that these tests run in."""
    monkeypatch.setattr(services, "HEARTBEAT_SECONDS", 3600)


@pytest.fixture
def steward(staff: Callable[..., User]) -> User:
    return staff("data_steward")


@pytest.fixture
def job(landlord: Landlord, steward: User, monkeypatch: pytest.MonkeyPatch) -> Job:
    kind = Kind("run", "Test", Can.RUN_JOBS, "tests.web.test_jobs.work")
    monkeypatch.setattr("rooftree.web.jobs.kinds.kinds", lambda: {"run": kind})
    return services.start(landlord=landlord, kind="run", by=steward)


def performed(job: Job, act: Callable) -> Job:
    _WORK["now"] = act
    services.perform(job.pk)
    job.refresh_from_db()
    return job


def test_a_job_is_put_in_the_queue_in_the_transaction_that_logs_it(job: Job):
    assert job.state == State.QUEUED
    task = DBTaskResult.objects.get()
    assert task.args_kwargs["args"] == [job.pk]
    assert Event.objects.get(action=Action.JOB_STARTED).detail == {"job": job.pk, "kind": "run"}


def test_progress_is_on_the_row_while_it_works(job: Job):
    seen = []

    def act(row: Job, progress: services.JobProgress) -> dict[str, object]:
        progress.EVERY = dt.timedelta(0)
        with progress.step("Reading", total=10, unit="files") as step:
            step.advance(3)
            step.advance(4)
            row.refresh_from_db()
            seen.append((row.state, row.step, row.done, row.total, row.unit, row.steps_done))
        with progress.step("Writing"):
            row.refresh_from_db()
            seen.append((row.state, row.step, row.done, row.total, row.unit, row.steps_done))
        return {"snapshot": "s"}

    done = performed(job, act)
    assert seen == [
        ("running", "Reading", 7, 10, "files", 0),
        ("running", "Writing", 0, None, "rows", 1),
    ]
    assert (done.state, done.result) == (State.DONE, {"snapshot": "s"})
    assert done.started_at <= done.ended_at


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (UserError("The disk is full."), "The disk is full."),
        (DataError([Problem("a.csv", "it is empty.")]), "a.csv: it is empty."),
        (ValueError("Mr Smith of 3 Rose Lane"), "A defect of Rooftree (ValueError)"),
        (RooftreeError("inside"), "A defect of Rooftree (RooftreeError)"),
    ],
)
def test_every_failure_is_told_and_no_value_of_a_record(job: Job, error: Exception, says: str):
    def act(*_: object) -> dict[str, object]:
        raise error

    done = performed(job, act)
    assert done.state == State.FAILED
    assert says in done.message
    assert "Smith" not in done.message


def test_one_of_a_kind_at_a_time(job: Job, steward: User):
    with pytest.raises(UserError, match="under way already"):
        services.start(landlord=job.landlord, kind="run", by=steward)
    performed(job, lambda *_: {})
    assert services.start(landlord=job.landlord, kind="run", by=steward).state == State.QUEUED


def test_a_job_that_waits_is_stopped_at_once(job: Job, steward: User):
    services.cancel(job, by=steward)
    job.refresh_from_db()
    assert job.state == State.CANCELLED
    services.perform(job.pk)
    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_a_job_that_works_stops_at_its_next_step(job: Job, steward: User):
    done: list[str] = []

    def act(row: Job, progress: services.JobProgress) -> dict[str, object]:
        with progress.step("One"):
            done.append("one")
        services.cancel(row, by=steward)
        with progress.step("Two"):
            done.append("two")
        return {}

    assert performed(job, act).state == State.CANCELLED
    assert done == ["one"]


def test_a_worker_that_died_is_noticed_and_the_job_can_be_run_again(job: Job, steward: User):
    long_ago = timezone.now() - services.LOST_AFTER - dt.timedelta(seconds=1)
    services.move(job.pk, State.QUEUED, State.RUNNING, started_at=long_ago, heartbeat_at=long_ago)
    assert services.reap() == 1
    job.refresh_from_db()
    assert job.state == State.LOST
    assert "Start it again" in job.message
    assert services.start(landlord=job.landlord, kind="run", by=steward).state == State.QUEUED


def test_a_worker_that_lives_is_left_alone(job: Job):
    services.move(job.pk, State.QUEUED, State.RUNNING, heartbeat_at=timezone.now())
    assert services.reap() == 0
    assert services.reap_all() == 1


def test_a_job_that_was_given_up_is_not_done_afterwards(job: Job):
    """A worker that was thought dead comes back: what it says no longer counts."""

    def act(row: Job, progress: object) -> dict[str, object]:
        services.move(row.pk, State.RUNNING, State.LOST)
        return {"late": True}

    done = performed(job, act)
    assert (done.state, done.result) == (State.LOST, {})


def test_a_state_moves_only_where_it_may():
    for state, to in MOVES.items():
        for other in set(State) - to:
            with pytest.raises(RooftreeError):
                services.move(0, state, other)


def test_every_state_has_its_page(job: Job, steward: User):
    client = signed_in(steward)
    for state in State:
        Job.objects.filter(pk=job.pk).update(
            state=state, step="Reading", done=1, total=2, unit="files"
        )
        page = client.get(reverse("job", kwargs={"pk": job.pk})).content.decode()
        assert state.label in page
        assert ("hx-get" in page) == (state in ("queued", "running"))
        part = client.get(
            reverse("job", kwargs={"pk": job.pk}), headers={"HX-Request": "true"}
        ).content.decode()
        assert "<html" not in part


@pytest.mark.parametrize(
    ("given", "status"), [("31/03/2026", 302), ("", 302), ("32/13/2026", 422), ("01/01/1800", 422)]
)
def test_a_run_is_asked_for_with_a_day(landlord: Landlord, steward: User, given: str, status: int):
    response = signed_in(steward).post(reverse("jobs"), {"as_of": given})
    assert response.status_code == status
    assert Job.objects.count() == (status == 302)
    if given and status == 302:
        assert Job.objects.get().arguments == {"as_of": "2026-03-31"}


def test_a_run_reads_the_extracts_and_publishes(
    demo: Path, tmp_path: Path, staff: Callable[..., User]
):
    directory = Path(shutil.copytree(demo, tmp_path / "own"))
    steward = staff("data_steward")
    Landlord.objects.filter(pk=steward.landlord_id).update(workspace=str(directory))
    steward.refresh_from_db()
    before = current_id(directory / "snapshots")
    asked = services.start(
        landlord=steward.landlord, kind="run", by=steward, arguments={"as_of": "2026-03-30"}
    )
    services.perform(asked.pk)
    asked.refresh_from_db()
    assert asked.state == State.DONE, asked.message
    assert asked.result["as_of"] == "2026-03-30"
    assert current_id(directory / "snapshots") != before
    assert asked.steps_done > 5
    json.dumps(asked.result)
    page = signed_in(steward).get(reverse("job", kwargs={"pk": asked.pk})).content.decode()
    assert "Rows in = accepted + rejected" in page
