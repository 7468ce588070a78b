"""The record of runs: numbered, never overwritten."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rooftree.storage.runs import read_run, record_run, run_numbers


def _record(directory: str, number: int) -> str:
    return record_run(Path(directory), {"who": number}).name


def test_runs_are_numbered_from_one_and_read_back(tmp_path: Path):
    assert run_numbers(tmp_path / "runs") == []
    record_run(tmp_path / "runs", {"seconds": {"staging": 1.5}})
    record_run(tmp_path / "runs", {"outcome": "unchanged"})
    assert run_numbers(tmp_path / "runs") == [1, 2]
    assert read_run(tmp_path / "runs", 1) == {"seconds": {"staging": 1.5}}


def test_two_processes_never_share_a_number(tmp_path: Path):
    with ProcessPoolExecutor(2) as pool:
        names = list(pool.map(_record, [str(tmp_path)] * 20, range(20)))
    assert len(set(names)) == 20
    assert sorted(read_run(tmp_path, n)["who"] for n in run_numbers(tmp_path)) == list(range(20))
    assert len(list(tmp_path.iterdir())) == 20
