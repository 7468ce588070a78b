"""The worked examples on the real layouts: the right answers, and no row lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.realdata


def rooftree(
    command: str, workspace: Path, real_data: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rooftree", command, str(workspace), *options],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "ROOFTREE_TEST_DATA": str(real_data)},
    )


def run_example(name: str, workspace: Path, real_data: Path) -> dict[str, Any]:
    shutil.copytree(ROOT / "examples" / name, workspace)
    done = rooftree("run", workspace, real_data, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def hackney(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> dict[str, Any]:
    return run_example("hackney_mtfh", tmp_path_factory.mktemp("hackney") / "workspace", real_data)


def test_every_member_is_linked_to_a_person_and_every_tenure_to_a_home(hackney: dict[str, Any]):
    identity = hackney["identity"]
    assert (identity["members_linked"], identity["members_total"]) == (2541, 2541)
    assert (identity["tenancies_with_home"], identity["tenancies_total"]) == (1000, 1000)
    assert (identity["persons"], identity["records"]) == (2541, 5082)


def test_rows_in_are_rows_accepted_and_rejected(hackney: dict[str, Any]):
    read = {table: rows["read"] for table, rows in hackney["staging"].items() if rows["read"]}
    assert read == {"person": 5082, "household_member": 5082, "tenancy": 1000, "property": 1000}
    for rows in hackney["staging"].values():
        assert rows["read"] == rows["accepted"] + rows["rejected"]
    assert hackney["totals"]["staging.reject"] == 0


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        ("member_not_a_person", 2541),
        ("asset_tenure_not_shared", 1000),
        ("tenancy_on_block_or_estate", 523),
        ("responsible_born_2008_or_later", 151),
        ("responsible_born_before_1920", 90),
    ],
)
def test_each_oddity_is_named_and_counted(hackney: dict[str, Any], rule: str, rows: int):
    found = [issue["rows"] for issue in hackney["quality"]["issues"] if issue["rule"] == rule]
    assert found == [rows]


def test_postcodes_that_do_not_exist_are_named(hackney: dict[str, Any]):
    found = [i for i in hackney["quality"]["issues"] if i["rule"] == "postcode_impossible"]
    assert [issue["table"] for issue in found] == ["property"]
    assert 0 < found[0]["rows"] < found[0]["of_rows"] == 1000


@pytest.fixture(scope="module")
def core_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("core") / "workspace"


@pytest.fixture(scope="module")
def core(core_folder: Path, real_data: Path) -> dict[str, Any]:
    return run_example("core_lettings", core_folder, real_data)


def test_both_exports_of_the_lettings_log_are_read_whole(core: dict[str, Any]):
    read = {table: rows for table, rows in core["staging"].items() if rows["read"]}
    assert {table: rows["accepted"] for table, rows in read.items()} == {
        "person": 8, "household_member": 8, "tenancy": 2, "property": 2, "answer": 62,
    }  # fmt: skip
    assert [table for table, rows in read.items() if rows["rejected"]] == []
    assert core["identity"]["records"] == 8
    assert "no_name" not in {issue["rule"] for issue in core["quality"]["issues"]}


def test_codes_and_labels_give_the_same_answers(core: dict[str, Any], core_folder: Path):
    answers = next(core_folder.glob("snapshots/*/staging/answer*.parquet"))
    rows = pq.ParquetFile(answers).read().to_pylist()
    names = ("attribute", "grain", "subject_ref", "state", "value", "recorded_on")
    said = {
        system: sorted(
            tuple(str(row[name]) for name in names) for row in rows if row["system"] == system
        )
        for system in ("core", "core_labels")
    }
    assert len(said["core"]) == 31
    assert said["core_labels"] == said["core"]
