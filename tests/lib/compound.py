"""A compound file by hand ([MS-CFB], version 3): the container in which Excel puts an encrypted workbook.

Sectors of 512 bytes: the header, one sector of the allocation table, two of the directory, then the
streams. Every stream is at least 4,096 bytes, so none goes into the mini stream.
"""

from __future__ import annotations

import struct

_SECTOR = 512
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_NONE = 0xFFFFFFFF
_ROOT, _STREAM = 5, 2


def compound_file(streams: dict[str, bytes]) -> bytes:
    """The bytes of a compound file with these streams beside one another under the root."""
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    assert 0 < len(names) <= 7
    assert all(len(streams[name]) >= 4096 for name in names)
    table = [_TABLE, 2, _END]  # the table itself, then two sectors of directory
    body, entries = b"", [_entry("Root Entry", kind=_ROOT, child=1 + len(names) // 2)]
    for place, name in enumerate(names):
        data = streams[name] + bytes(-len(streams[name]) % _SECTOR)
        start, count = len(table), len(data) // _SECTOR
        table += [*range(start + 1, start + count), _END]
        middle = len(names) // 2  # a tree of one branch on each side of the middle
        left = place if 0 < place <= middle else _NONE
        right = place + 2 if middle <= place < len(names) - 1 else _NONE
        entries.append(
            _entry(name, kind=_STREAM, start=start, size=len(streams[name]), left=left, right=right)
        )
        body += data
    assert len(table) <= _SECTOR // 4, "one sector of allocation table is all there is"
    table += [_FREE] * (_SECTOR // 4 - len(table))
    entries += [_entry("", kind=0)] * (8 - len(entries))
    return _header() + struct.pack("<128I", *table) + b"".join(entries) + body


def _header() -> bytes:
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    start += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    start += struct.pack("<9I", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    return start + struct.pack("<109I", 0, *[_FREE] * 108)


def _entry(
    name: str,
    *,
    kind: int,
    start: int = _END,
    size: int = 0,
    left: int = _NONE,
    right: int = _NONE,
    child: int = _NONE,
) -> bytes:
    text = name.encode("utf-16-le")
    length = len(text) + 2 if name else 0
    said = text.ljust(64, b"\0") + struct.pack("<HBB3I", length, kind, 1, left, right, child)
    return (
        said
        + bytes(36)
        + struct.pack("<IQ", start if kind == _STREAM else _END * (kind == _ROOT), size)
    )


def encrypted_workbook(*, bytes_within: int = 5000) -> bytes:
    """What Excel writes for a workbook with a password: two streams, of which neither can be read."""
    agile = b"\4\0\4\0\x40\0\0\0" + b'<?xml version="1.0" encoding="UTF-8"?><encryption/>'
    cipher = bytes((n * 197 + 31) % 256 for n in range(bytes_within))
    return compound_file(
        {
            "EncryptionInfo": agile.ljust(4096, b" "),
            "EncryptedPackage": struct.pack("<Q", bytes_within) + cipher,
        }
    )
