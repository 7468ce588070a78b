"""Identifiers as distinct types, so that a tenancy's cannot be passed where a person's is meant."""

from __future__ import annotations

import hashlib
from typing import NewType

PersonId = NewType("PersonId", str)  # "P" and 12 hexadecimal digits; survives re-runs
HouseholdId = NewType("HouseholdId", str)  # "H..."
TenancyId = NewType("TenancyId", str)  # "T..."
HomeId = NewType("HomeId", str)  # "M..."
SnapshotId = NewType("SnapshotId", str)  # "2026-03-31-1a2b3c4d": as_of and a digest of all inputs
FileId = NewType("FileId", str)  # first 16 hexadecimal digits of the SHA-256 of the file's bytes


def digest(*parts: str | bytes) -> str:
    """The SHA-256 of the parts in hexadecimal; parts are separated, so ("ab","c") differs from ("a","bc")."""
    sha = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        sha.update(len(data).to_bytes(8, "big"))
        sha.update(data)
    return sha.hexdigest()
