"""The worked examples on the real layouts: the right answers, and no row lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.realdata


def run_example(name: str, workspace: Path, real_data: Path) -> dict[str, Any]:
    shutil.copytree(ROOT / "examples" / name, workspace)
    done = subprocess.run(
        [sys.executable, "-m", "rooftree", "run", str(workspace), "--json"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "ROOFTREE_TEST_DATA": str(real_data)},
    )
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
