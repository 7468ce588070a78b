"""`rooftree serve` as an operator meets it: it starts, says where, and stops both of its children."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from rooftree.storage.workspace import init
from tests.functional.conftest import ROOT, rooftree
from tests.lib.postgres import free_port

BUILT = ROOT / "src/rooftree/web/layout/static/built/stamp.txt"
pytestmark = pytest.mark.skipif(
    not BUILT.exists(), reason="the style sheet is not built: make assets"
)


class Served:
    """A server of these tests."""

    def __init__(self, directory: Path, log: Path, *words: str) -> None:
        self.port, self.log = free_port(), log
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("ROOFTREE_", "DJANGO_"))
        }
        command = [
            sys.executable,
            "-m",
            "rooftree",
            "serve",
            str(directory),
            "--port",
            str(self.port),
            *words,
        ]
        with log.open("w") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, cwd=log.parent,
                env=environment | {"PYTHONPATH": str(ROOT / "src"), "ROOFTREE_WEB_WORKERS": "1"},
            )  # fmt: skip

    def wait_for(self, words: str, seconds: float = 240) -> str:
        until = time.monotonic() + seconds
        while words not in self.log.read_text():
            assert time.monotonic() < until, self.log.read_text()
            if self.process.poll() is not None:
                assert words in self.log.read_text(), self.log.read_text()
            time.sleep(0.1)
        return self.log.read_text()

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=120)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return init(tmp_path / "homes", name="Elm Valley Homes").directory


@pytest.fixture
def served(workspace: Path, tmp_path: Path) -> Iterator[Served]:
    made = Served(workspace, tmp_path / "serve.log")
    made.wait_for("Stop with Ctrl-C")
    yield made
    made.stop(signal.SIGKILL)
    for pid in getattr(made, "known", []):
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


def test_it_says_where_it_serves_and_how_the_first_one_gets_in(served: Served, workspace: Path):
    text = served.log.read_text()
    assert f"Elm Valley Homes is served at http://localhost:{served.port}" in text
    assert "rooftree invite EMAIL" in text
    assert "Password" not in text
    with urllib.request.urlopen(f"http://localhost:{served.port}/sign-in/", timeout=10) as page:
        assert page.status == 200
        style = re.search(r'href="(/static/built/rooftree\.\w+\.css)"', page.read().decode())
    assert style
    with urllib.request.urlopen(
        f"http://localhost:{served.port}{style.group(1)}", timeout=10
    ) as sheet:
        assert "max-age=31" in sheet.headers["Cache-Control"]
    assert (workspace / ".rooftree" / "web-keys.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_both_children(served: Served, number: int):
    served.known = served.children()
    assert len(served.known) == 2
    assert served.stop(number) == 0
    assert "Stopped." in served.log.read_text()
    assert not any(alive(pid) for pid in served.known)


def test_when_it_is_killed_its_children_go_too(served: Served):
    served.known = served.children()
    served.stop(signal.SIGKILL)
    until = time.monotonic() + 20
    while any(alive(pid) for pid in served.known):
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.parametrize("which", [0, 1])
def test_when_one_child_dies_the_other_is_stopped_and_it_says_so(served: Served, which: int):
    served.known = served.children()
    os.kill(served.known[which], signal.SIGKILL)
    text = served.wait_for("so everything was stopped")
    assert ("web server", "background worker")[which] in text
    assert served.process.wait(timeout=120) == 6
    assert not any(alive(pid) for pid in served.known)


def test_one_server_a_workspace(served: Served, workspace: Path, tmp_path: Path):
    second = Served(workspace, tmp_path / "second.log")
    assert second.process.wait(timeout=120) == 6
    assert f"is being served already (process {served.process.pid})" in second.log.read_text()


def test_a_port_that_is_taken_is_named(workspace: Path, tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        made = Served(workspace, tmp_path / "log", "--port", str(taken.getsockname()[1]))
        assert made.process.wait(timeout=120) == 6
    assert "Choose another one with --port" in made.log.read_text()


def test_settings_that_are_wrong_stop_it_at_once(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    done = subprocess.run(
        [sys.executable, "-m", "rooftree", "serve", str(workspace)], capture_output=True, text=True, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "ROOFTREE_WEB_WORKRES": "2"},
    )  # fmt: skip
    assert done.returncode == 3
    assert "Did you mean ROOFTREE_WEB_WORKERS?" in done.stderr


def test_a_folder_that_is_no_workspace(tmp_path: Path):
    answer = rooftree("serve", tmp_path)
    assert answer.code == 7
    assert "is not a workspace" in answer.err


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("ROOFTREE_", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "rooftree", *map(str, words)],
        capture_output=True, text=True, env=environment | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip


def test_the_first_administrator_comes_by_a_link(served: Served, workspace: Path):
    done = run("invite", "ada@example.org", "--name", "Ada", "--workspace", workspace)
    assert done.returncode == 0, done.stderr
    link = re.search(r"http://localhost:8000(/invitation/\S+)", done.stdout)
    assert link
    with urllib.request.urlopen(
        f"http://localhost:{served.port}{link.group(1)}", timeout=10
    ) as page:
        assert "Join Elm Valley Homes" in page.read().decode()


def test_the_log_is_checked_from_the_command_line(workspace: Path):
    run("invite", "ada@example.org", "--name", "Ada", "--workspace", workspace)
    done = run("verify-log", workspace)
    assert done.returncode == 0
    assert "The log is whole: 2 events" in done.stdout
    import sqlite3

    with sqlite3.connect(workspace / ".rooftree" / "web.db") as con:
        con.execute("DROP TRIGGER audit_event_no_update")
        con.execute("UPDATE audit_event SET actor_id = 1 WHERE seq = 2")
    con.close()
    done = run("verify-log", workspace)
    assert done.returncode == 4
    assert "tampered with at number 2" in done.stdout


def test_a_real_landlord_has_no_printed_code(workspace: Path):
    run("verify-log", workspace)
    done = run("demo-code", "housing-officer@demo.rooftree.example", "--workspace", workspace)
    assert done.returncode == 7
    assert "no demonstration account" in done.stderr


def test_a_demonstration_prints_a_sign_in_for_each_role(landlord: Path, tmp_path: Path):
    directory = Path(shutil.copytree(landlord, tmp_path / "demo"))
    made = Served(directory, tmp_path / "log")
    try:
        text = made.wait_for("Stop with Ctrl-C")
        assert text.count("@demo.rooftree.example") == 9
        assert "otpauth://totp/" in text
        code = run("demo-code", "administrator@demo.rooftree.example", "--workspace", directory)
        assert re.fullmatch(r"\d{6}\n", code.stdout)
    finally:
        made.stop()


def test_two_landlords_in_one_installation(workspace: Path, tmp_path: Path):
    other = init(tmp_path / "other", name="Oak Rise").directory
    made = Served(workspace, tmp_path / "log", "--also", str(other))
    try:
        made.wait_for("Stop with Ctrl-C")
        done = run(
            "invite", "olu@example.org", "--name", "Olu", "--workspace", other, "--home", workspace
        )
        link = re.search(r"(/invitation/\S+)", done.stdout)
        assert link, done.stderr
        with urllib.request.urlopen(
            f"http://localhost:{made.port}{link.group(1)}", timeout=10
        ) as page:
            assert "Join Oak Rise" in page.read().decode()
    finally:
        made.stop()
