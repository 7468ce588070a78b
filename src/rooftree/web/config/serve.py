"""Serve: the web server and the background worker as two children. Either both run or neither does."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import MachineError

#: A child that does not stop by itself within so many seconds is killed. A run may be killed at any point.
PATIENCE = 10.0
_STARTING = 180.0
_LOOK = 0.2
_PR_SET_PDEATHSIG = 1


@contextlib.contextmanager
def only_one(workspace: Workspace) -> Iterator[None]:
    """Let one server at a time serve a workspace. The lock is free as soon as its process is gone."""
    path = workspace.private / "web.lock"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            raise MachineError(
                f"{workspace.directory} is being served already (process {holder or 'unknown'}). "
                "Use that one, or stop it first."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def check_port(host: str, port: int) -> None:
    """MachineError when somebody else listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise MachineError(
                f"Port {port} of {host} is taken or not allowed. Choose another one with --port."
            ) from error


@dataclass
class Child:
    """One process that we started."""

    name: str
    process: subprocess.Popen[bytes]


def run(
    *, host: str, port: int, workers: int, threads: int, when_ready: Callable[[], None]
) -> None:
    """Start both children, say when pages are answered, wait, and stop both.

    Ends when a signal asks for it, and raises MachineError when a child died by itself.
    """
    stop = _Stop()
    children = [
        Child("web server", _start(
            "-m", "gunicorn", "rooftree.web.config.wsgi:application", "--bind", _bind(host, port),
            "--workers", str(workers), "--threads", str(threads), "--worker-class", "gthread",
            "--graceful-timeout", "5", "--worker-tmp-dir", _memory_folder(), "--no-control-socket",
        )),
        Child("background worker", _start(
            "-m", "rooftree.web.config.manage", "db_worker", "--no-reload", "--interval", "0.5",
            "--no-startup-delay",
        )),
    ]  # fmt: skip
    try:
        _await_ready(children, stop, host, port)
        if not stop.asked:
            when_ready()
        while not stop.asked:
            _check_alive(children)
            time.sleep(_LOOK)
    finally:
        _end(children)
        stop.restore()


class _Stop:
    """Whether a signal asked to stop. Ctrl-C and SIGTERM mean the same."""

    def __init__(self) -> None:
        self.asked = False
        self._before = {
            number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)
        }

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True

    def restore(self) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _start(*words: str) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the terminal reaches us only, and we stop the children in order.
    return subprocess.Popen(
        [sys.executable, *words], start_new_session=True, preexec_fn=_leave_with_parent
    )


def _leave_with_parent() -> None:
    """Ask Linux to end the child when we are killed and can no longer do it ourselves."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _bind(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _memory_folder() -> str:
    """Where a worker shows that it lives: a disk that is slow would make it look dead."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else "/tmp"  # noqa: S108  gunicorn makes a file of its own


def _await_ready(children: list[Child], stop: _Stop, host: str, port: int) -> None:
    reach = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    address = f"http://{_bind(reach, port)}/healthy/"
    until = time.monotonic() + _STARTING
    while time.monotonic() < until and not stop.asked:
        _check_alive(children)
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except urllib.error.HTTPError:
            return  # it answers: a name it does not know here, or a redirect to https
        except OSError:
            time.sleep(_LOOK)
    if not stop.asked:
        raise MachineError(f"The web server did not answer within {_STARTING:.0f} seconds.")


def _check_alive(children: list[Child]) -> None:
    for child in children:
        code = child.process.poll()
        if code is not None:
            raise MachineError(
                f"The {child.name} ended by itself (code {code}), so everything was stopped. "
                "Its last lines above say why. Start again with: rooftree serve"
            )


def _end(children: list[Child]) -> None:
    """Ask both, wait, and kill what is left: with its own children, which share its session."""
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
    until = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.process.wait(timeout=max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
