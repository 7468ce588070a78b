"""A PostgreSQL 15 server of our own, on a free port, gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def server() -> Iterator[str]:
    """The address of a server with one user, who may make databases."""
    found = (
        PROGRAMS / "initdb"
        if (PROGRAMS / "initdb").exists()
        else Path(shutil.which("initdb") or "")
    )
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="rooftree-postgres-"))
    if as_user:
        shutil.chown(folder, "postgres")
    port = free_port()

    def run(program: str, *words: str) -> None:
        subprocess.run(
            [*as_user, str(found.parent / program), *words],
            check=True,
            capture_output=True,
            cwd="/",
        )

    run(
        "initdb",
        "-D",
        str(folder / "data"),
        "-U",
        "rooftree",
        "--auth=trust",
        "-E",
        "UTF8",
        "--no-sync",
    )
    settings = (
        f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
    )
    run(
        "pg_ctl",
        "-D",
        str(folder / "data"),
        "-w",
        "-l",
        str(folder / "log"),
        "-o",
        settings,
        "start",
    )
    try:
        yield f"postgresql://rooftree@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
