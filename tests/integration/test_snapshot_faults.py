"""Publication under readers, under kill -9, and on a full disk: whole or not there."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from rooftree.storage import files
from rooftree.storage.engine import Engine
from rooftree.storage.retention import Keep, list_snapshots, prune
from rooftree.storage.snapshot import Snapshot, current_id
from rooftree.storage.verify import verify
from rooftree.vocabulary.errors import MachineError
from tests.storage_help import HOME, publish

ROOT = Path(__file__).resolve().parents[2]
HOMES = 400
KILLS = 40 if os.environ.get("ROOFTREE_FUZZ") else 8

PUBLISHER = """
import sys
from pathlib import Path
from tests.storage_help import publish
root, homes = Path(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
for number in range(1000):
    seed = f"{sys.argv[3]}-{number}"
    publish(root, homes=[(f"M{n:06}", n % 5, seed) for n in range(homes)], seed=seed, bucket_from_rows=100)
"""


def _homes(seed: str) -> list[tuple]:
    return [(f"M{n:06}", n % 5, seed) for n in range(HOMES)]


def _read_until(root: str, stop: str) -> tuple[int, int, list[str]]:
    """Open the current snapshot again and again: (reads, snapshots seen, what went wrong)."""
    reads, seen, wrong = 0, set(), []
    while not Path(stop).exists():
        try:
            with Engine(threads=1, memory_limit="200MB") as engine:
                snapshot = Snapshot.open(Path(root))
                snapshot.attach(engine)
                row = engine.rows(
                    f"SELECT count(*), count(DISTINCT estate), any_value(estate) FROM {HOME.full_name}"
                )[0]
            # Rows of two publications in one read would show as two estates.
            if row[:2] != (HOMES, 1):
                wrong.append(f"torn: {row}")
            seen.add(row[2])
        except Exception as error:  # noqa: BLE001 - whatever a reader meets is what we look for
            wrong.append(f"{type(error).__name__}: {error}")
        reads += 1
    return reads, len(seen), wrong


def test_readers_see_one_whole_snapshot_or_another_while_new_ones_come(tmp_path: Path):
    root, stop = tmp_path / "snapshots", tmp_path / "stop"
    publish(root, homes=_homes("first"), seed="first", bucket_from_rows=100)
    with ProcessPoolExecutor(3) as pool:
        readers = [pool.submit(_read_until, str(root), str(stop)) for _ in range(3)]
        try:
            for number in range(12):
                publish(root, homes=_homes(f"{number}"), seed=f"{number}", bucket_from_rows=100)
                prune(root, Keep(newest=8, months=0))
        finally:
            stop.touch()
        results = [reader.result() for reader in readers]
    assert [wrong for _, _, wrong in results] == [[], [], []]
    assert min(reads for reads, _, _ in results) >= 3
    assert max(seen for _, seen, _ in results) >= 2


def test_a_killed_writer_leaves_the_last_snapshot_current_and_the_next_run_clean(tmp_path: Path):
    root = tmp_path / "snapshots"
    before = publish(root, homes=_homes("before"), seed="before", bucket_from_rows=100).snapshot
    draw, interrupted = random.Random(2026), 0
    for kill in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, str(root), str(HOMES), str(kill)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(draw.uniform(0.0, 0.6))  # within the first few publications
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        interrupted += any(path.name.startswith(".") for path in root.iterdir())
        # Whatever is published is whole, and the current one is there.
        assert current_id(root) is not None
        assert [problem for one in list_snapshots(root) for problem in verify(root / one.id)] == []
        assert before in {one.id for one in list_snapshots(root)}
        with Engine() as engine:
            Snapshot.open(root).attach(engine)
            assert engine.value(f"SELECT count(*) FROM {HOME.full_name}") == HOMES
    assert interrupted > 0  # the kills did hit publications under way
    after = publish(root, homes=_homes("after"), seed="after", bucket_from_rows=100)
    assert (after.outcome, current_id(root)) == ("published", after.snapshot)
    assert [path.name for path in root.iterdir() if path.name.startswith(".making")] == []


@pytest.mark.parametrize("at", range(1, 14))
def test_stopped_before_any_single_step_the_last_snapshot_stands(tmp_path: Path, at: int):
    """The process ends, without clean-up, before the n-th rename, replacement or sync of a publication."""
    root = tmp_path / "snapshots"
    before = publish(root, homes=_homes("before"), seed="before").snapshot
    child = os.fork()
    if child == 0:
        left = at

        def die_at(real):
            def counted(*arguments, **named):
                nonlocal left
                left -= 1
                if left == 0:
                    os._exit(9)
                return real(*arguments, **named)

            return counted

        for name in ("fsync", "replace", "rename"):
            setattr(os, name, die_at(getattr(os, name)))
        try:
            publish(root, homes=_homes("after"), seed="after")
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    now = current_id(root)
    assert ended in (0, 9)
    assert now == before or (root / str(now)).is_dir()
    assert verify(root / str(now)) == []
    after = publish(root, homes=_homes("after"), seed="after")
    assert after.outcome in ("published", "unchanged")
    assert current_id(root) == after.snapshot
    assert not [
        path.name for path in root.iterdir() if path.name.startswith((".making", ".removing"))
    ]


def test_a_full_disk_is_told_and_nothing_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    root = tmp_path / "snapshots"
    before = publish(root, seed="before").snapshot

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(files, "sync_file", full)
    with pytest.raises(MachineError, match=r"disk is full.*nothing was published"):
        publish(root, seed="after")
    monkeypatch.undo()
    assert current_id(root) == before
    assert [path.name for path in root.iterdir() if path.is_dir()] == [before]
    assert publish(root, seed="after").outcome == "published"


def test_a_limit_on_file_size_is_told_as_a_full_disk(tmp_path: Path):
    """A real refusal by the operating system, met by the engine while it writes a table."""
    root = tmp_path / "snapshots"
    before = publish(root, seed="before").snapshot
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        try:
            publish(root, homes=[(f"M{n}", n % 7, f"E{n}") for n in range(5000)], seed="after")
        except MachineError as error:
            os._exit(0 if "disk is full" in str(error) else 3)
        except BaseException:  # noqa: BLE001 - the exit code tells the parent
            os._exit(4)
        os._exit(5)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert current_id(root) == before
    assert verify(root / before) == []
