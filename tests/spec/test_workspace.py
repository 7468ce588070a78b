"""A workspace: read strictly, found by path, one run at a time."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rooftree.storage.retention import Keep
from rooftree.storage.workspace import (
    Settings,
    Workspace,
    check_free_space,
    init,
    read_settings,
    space_needed,
)
from rooftree.vocabulary.errors import DefinitionError, MachineError, NotFound, UserError

HOLDER = """
import sys, time
from pathlib import Path
from rooftree.storage.workspace import Workspace
with Workspace.open(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(60)
"""


def settings(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "rooftree.toml"
    path.write_text(text)
    return read_settings(path)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        settings(tmp_path, text)
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


def test_a_new_workspace_opens_as_it_was_written(tmp_path: Path):
    made = init(tmp_path / "homes", name='Ash "Grove" Homes', kind="council")
    assert made.settings == Settings('Ash "Grove" Homes', "council", keep=Keep(3, 12))
    assert Workspace.open(tmp_path / "homes") == made
    assert made.sources.is_dir()
    assert made.extracts.is_dir()
    text = (tmp_path / "homes" / "rooftree.toml").read_text()
    assert text.count("#") > 5


def test_a_workspace_is_never_written_over(tmp_path: Path):
    init(tmp_path, name="One")
    with pytest.raises(UserError, match="already"):
        init(tmp_path, name="Two")
    assert Workspace.open(tmp_path).settings.name == "One"


def test_what_stands_in_the_folder_already_is_left_alone(tmp_path: Path):
    (tmp_path / ".gitignore").write_text("mine")
    init(tmp_path, name="One")
    assert (tmp_path / ".gitignore").read_text() == "mine"


def test_a_folder_without_settings_is_no_workspace(tmp_path: Path):
    with pytest.raises(NotFound, match="rooftree init"):
        Workspace.open(tmp_path)


def test_every_setting_has_a_default_but_the_name(tmp_path: Path):
    assert settings(tmp_path, 'name = "Ash"') == Settings("Ash")


def test_every_setting_is_read(tmp_path: Path):
    text = """
        name = "Ash"
        kind = "supported"
        as_of = 2026-03-31
        memory = "800MB"
        threads = 4
        [snapshots]
        newest = 5
        months = 24
        [disclosure]
        policy = "ofqual"
    """
    as_of = dt.date(2026, 3, 31)
    expected = Settings("Ash", "supported", as_of, "800MB", 4, Keep(5, 24), "ofqual")
    assert settings(tmp_path, text) == expected
    assert settings(tmp_path, 'name = "Ash"\nas_of = "2026-03-31"').as_of == as_of


def test_all_problems_are_told_at_once_with_the_nearest_word(tmp_path: Path):
    text = """
        nme = "Ash"
        kind = "counci"
        as_of = "31/03/2026"
        memory = "lots"
        threads = 0
        [snapshots]
        newst = 3
        months = -1
    """
    assert sorted(problems(tmp_path, text)) == sorted(
        [
            "rooftree.toml: nme: there is no such setting. Did you mean name?",
            "rooftree.toml: name: it is missing.",
            "rooftree.toml: kind: 'counci' is not one of council, association, supported. Did you mean council?",
            "rooftree.toml: as_of: it is not a date. Write it as 2026-03-31.",
            "rooftree.toml: memory: 'lots' is not a size. Write 4GB or 800MB.",
            "rooftree.toml: threads: it must be a whole number from 1 to 512.",
            "rooftree.toml: snapshots.newst: there is no such setting. Did you mean newest?",
            "rooftree.toml: snapshots.months: it must be a whole number from 0 to 1000.",
        ]
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "does not parse"),
        ("name = 3", "quotation marks"),
        ('name = "Ash"\nsnapshots = 3', "[snapshots]"),
        ('name = "Ash"\nthreads = true', "whole number"),
        ('name = "Ash"\nas_of = 2026-03-31T10:00:00', "not a date"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str):
    assert said in problems(tmp_path, text)[0]


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path):
    (tmp_path / "rooftree.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(DefinitionError, match="UTF-8"):
        read_settings(tmp_path / "rooftree.toml")


def test_a_second_run_is_told_which_process_is_at_work(tmp_path: Path):
    workspace = init(tmp_path, name="Ash")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        text=True,
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(MachineError, match=f"process {holder.pid}"), workspace.lock():
            pass
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        holder.stdout.close()
    with workspace.lock():  # the dead holder's lock is free
        pass
    with workspace.lock():
        pass


def test_too_little_space_is_told_before_the_run_with_both_figures(tmp_path: Path):
    check_free_space(tmp_path / "not" / "yet", needed=1)
    with pytest.raises(MachineError, match=r"GB free, about 1000000000\.0 GB needed"):
        check_free_space(tmp_path, needed=10**18)
    assert space_needed(0) > 0
