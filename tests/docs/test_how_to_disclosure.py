"""The examples on the page about disclosure policies do what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rooftree.catalogue import load
from rooftree.storage.settings import read_settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "choose-a-disclosure-policy.md"
SETTINGS, POLICIES = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), flags=re.S)


def test_the_settings_and_the_policies_load(tmp_path: Path):
    (tmp_path / "rooftree.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "disclosure.toml").write_text(POLICIES, encoding="utf-8")
    assert read_settings(tmp_path / "rooftree.toml").disclosure == "ofqual"
    (tmp_path / "rooftree.toml").unlink()
    catalogue = load(tmp_path)
    assert catalogue.policies["rooftree"].threshold == 10
    assert catalogue.policies["rooftree"].class_disclosure, "what the landlord does not give stays"
    assert catalogue.policies["board"].rounding == "nearest"


def test_the_examples_in_code_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.S):
        exec(compile(block, PAGE.name, "exec"), names)
    assert names["result"].report.rolled_up == {}
    assert names["result"].report.n_suppressed_primary == 1
    assert names["door"].count(3, "ofqual").text == "fewer than 5"
    assert names["door"].share(40, 100, "rooftree").text == "40.0%"
