"""The generated pages are current, and hold every command, setting, exit code and column."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
import typer.main

from rooftree.catalogue import reference as of_catalogue
from rooftree.cli import commands, reference  # noqa: F401  the commands register themselves
from rooftree.cli.main import app
from rooftree.features import schema as features
from rooftree.identity import schema as identity
from rooftree.profile import schema as profile
from rooftree.staging import schema as staging
from rooftree.storage.retention import Keep
from rooftree.storage.settings import Settings
from rooftree.vocabulary.errors import ExitCode

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"


def page(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def test_every_generated_page_is_current():
    assert of_catalogue.publish(reference.pages(), FOLDER, check=True) == []


def test_every_page_of_the_folder_is_generated():
    assert {path.name for path in FOLDER.glob("*.md")} == set(reference.pages())


def test_the_program_writes_every_page_and_says_which_are_out_of_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert reference.main([str(tmp_path)]) == 0
    assert reference.main(["--check", str(tmp_path)]) == 0
    (tmp_path / "settings.md").write_text("old", encoding="utf-8")
    assert reference.main(["--check", str(tmp_path)]) == 1
    message = capsys.readouterr().err
    assert "settings.md" in message
    assert "commands.md" not in message


def _walk(group, name):
    for key, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _walk(command, f"{name} {key}")
        else:
            yield f"{name} {key}", command


def test_every_command_and_every_option_is_on_the_page():
    found = dict(_walk(typer.main.get_command(app), "rooftree"))
    assert len(found) > 20
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", page("commands.md"), re.M | re.S))
    assert set(sections) == set(found)
    for name, command in found.items():
        for parameter in command.params:
            for word in parameter.opts if parameter.param_type_name == "option" else ():
                assert word == "--help" or f"`{word}" in sections[name], (name, word)


def test_every_setting_is_on_the_page_with_its_default():
    keys = {f.name for f in dataclasses.fields(Settings)} - {"keep", "disclosure"}
    keys |= {"disclosure.policy"}
    keys |= {f"snapshots.{f.name}" for f in dataclasses.fields(Keep)}
    rows = re.findall(r"^\| `([a-z_.]+)` \| .* \| (.*) \|$", page("settings.md"), re.M)
    assert {key for key, _ in rows} == keys
    assert dict(rows)["snapshots.newest"] == f"`{Keep().newest}`"


def test_every_exit_code_is_on_the_page():
    rows = re.findall(r"^\| (\d+) \| `([A-Z_]+)` \|", page("exit-codes.md"), re.M)
    assert [(int(number), name) for number, name in rows] == [(c.value, c.name) for c in ExitCode]


def test_every_column_of_every_stage_is_on_the_page():
    sections = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", page("tables.md"), re.M | re.S))
    staged = (*staging.CANONICAL, staging.FILE, staging.REJECT, staging.ISSUE)
    for table in (*staged, *identity.ALL, *profile.ALL, *features.ALL):
        named = set(
            re.findall(r"^\| `([a-z0-9_]+)` \|", sections[f"{table.stage}.{table.name}"], re.M)
        )
        assert named == set(table.names)
