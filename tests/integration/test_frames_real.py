"""The maps meet the words that real extracts use."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from rooftree.catalogue import load, to_ours
from rooftree.vocabulary.states import State

pytestmark = pytest.mark.realdata
LISTS = load().code_lists

#: Column of the CORE lettings export of 2026 → code list.
CORE = {
    "sexrab": "sex",
    "gender_same_as_sex": "gender_same_as_sex",
    "ethnic": "ethnic_group",
    "ethnic_group": "ethnic_group_5",
    "nationality_all": "nationality",
    "ecstat": "economic_status",
    "relat": "relationship",
    "armedforces": "armed_forces",
    "leftreg": "armed_forces_left",
    "illness": "yes_no",
    "hb": "housing_benefit",
    "benefits": "income_from_benefits",
    "rsnvac": "tenancy_end_reason",
    "prevten": "previous_tenure",
    "reason": "reason_left",
    "homeless": "homeless",
    "unittype_gn": "asset_type",
    "tenancy": "tenure",
}


def _log(folder: Path, name: str) -> dict[str, str]:
    """The one log of an export: column to value (the second line names the columns)."""
    with (folder / "codes" / name).open(encoding="utf-8-sig", newline="") as file:
        _, names, values = list(csv.reader(file))[:3]
    return dict(zip(names, values, strict=True))


def _columns(log: dict[str, str]) -> list[tuple[str, str]]:
    persons = [*range(1, 9), ""]
    return [
        (f"{stem}{person}", code_list)
        for stem, code_list in CORE.items()
        for person in persons
        if log.get(f"{stem}{person}")
    ]


def test_core_codes_and_core_labels_mean_the_same(real_data: Path):
    labels = _log(real_data, "core_lettings_log_csv_export_labels_26.csv")
    codes = _log(real_data, "core_lettings_log_csv_export_codes_26.csv")
    columns = _columns(codes)
    assert len(columns) >= 25
    for column, key in columns:
        by_code = to_ours(LISTS[key], "core_2026", codes[column])
        by_label = to_ours(LISTS[key], "core_2026_labels", labels[column])
        assert by_code.state is not None, column
        assert by_code == by_label, column


def _documents(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.strip()]
    return [line for line in lines if "index" not in line]


def test_every_kind_of_tenure_asset_and_role_of_the_hackney_platform_is_known(real_data: Path):
    folder = real_data / "hackney_mtfh"
    tenures, assets = _documents(folder / "tenures.json"), _documents(folder / "assets.json")
    persons = _documents(folder / "persons.json")
    words = {
        "tenure": {
            tenure["tenureType"][part] for tenure in tenures for part in tenure["tenureType"]
        },
        "asset_type": {asset["assetType"] for asset in assets},
        "role": {
            member["personTenureType"]
            for tenure in tenures
            for member in tenure["householdMembers"]
        },
        "title": {person["title"] for person in persons},
    }
    for key, raw_words in words.items():
        for raw in raw_words:
            assert to_ours(LISTS[key], "hackney", raw).state == State.ANSWERED, (key, raw)


def test_code_and_description_of_a_hackney_tenure_are_one_kind(real_data: Path):
    for tenure in _documents(real_data / "hackney_mtfh" / "tenures.json"):
        kind = tenure["tenureType"]
        by_code = to_ours(LISTS["tenure"], "hackney", kind["code"])
        assert by_code == to_ours(LISTS["tenure"], "hackney", kind["description"])
