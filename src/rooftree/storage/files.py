"""Files that are whole or not there: written aside, pushed to the disk, then put in place.

A process may be killed between any two steps here, and a reader may look between any two.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rooftree.vocabulary.errors import MachineError

_CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            sha.update(chunk)
    return sha.hexdigest()


def sync_file(path: Path) -> None:
    """Make sure that a file's bytes are on the disk, not only on their way to it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(directory: Path) -> None:
    """Push every file under a directory, and the directories that name them, to the disk."""
    for path in sorted(directory.rglob("*"), reverse=True):
        sync_file(path)
    sync_file(directory)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a small file so that a reader sees the old one or the new one, never a part. Text is UTF-8."""
    aside = path.with_name(f".{path.name}.new")
    with aside.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    sync_file(path.parent)


def list_files(directory: Path) -> list[str]:
    """The files under a folder, by relative path, in order."""
    return sorted(p.relative_to(directory).as_posix() for p in directory.rglob("*") if p.is_file())


@contextmanager
def disk_trouble(doing: str) -> Iterator[None]:
    """Turn a full, read-only or forbidden disk into a message about the machine.

    `doing` completes "while ...": what was under way. The engine words its own errors; this is for
    the files written beside it.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise MachineError(
                f"The disk is full: there was no space left while {doing}. "
                "Free some space and run again: nothing was published."
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise MachineError(
                f"Writing is not allowed here ({error.filename}), while {doing}. "
                "Give your user write permission on the folder and run again."
            ) from error
        if error.errno in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR):
            raise MachineError(
                f"A file or folder is in the way ({error.filename}), while {doing}. "
                "Move it elsewhere and run again."
            ) from error
        if error.errno in (errno.EIO, errno.ESTALE, errno.EMFILE, errno.ENFILE, errno.ENAMETOOLONG):
            raise MachineError(
                f"The machine could not do it ({error.strerror}), while {doing}. "
                "Nothing was published; see to the disk and run again."
            ) from error
        raise
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise MachineError(
                f"The disk is full: there was no space left while {doing}. "
                "Free some space and run again: nothing was published."
            ) from error
        raise
