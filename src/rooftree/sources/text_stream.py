"""A text file as a stream of UTF-8 that is watched while it passes: encoding, line lengths, NUL, line counts.

The watching is by whole blocks, so it costs a small part of what parsing costs.
"""

from __future__ import annotations

import codecs
import io
from pathlib import Path
from typing import IO

from rooftree.sources.reading import Limits
from rooftree.vocabulary.errors import DataError, Problem
from rooftree.vocabulary.progress import Step

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 4 << 20


class TextStream(io.RawIOBase):
    """The bytes of a file as UTF-8. Raises DataError at the first thing that no reader could mend."""

    def __init__(
        self, path: Path, *, encoding: str, limits: Limits, step: Step | None = None
    ) -> None:
        super().__init__()
        self.name = path.name
        self.lines = 0  # physical lines so far
        self.has_nul = False
        self._limits = limits
        self._step = step
        self._file: IO[bytes] = path.open("rb")
        start = self._file.read(4)
        self._file.seek(0)
        self.encoding = self._settle(encoding, start)
        plain = self.encoding == "utf-8"
        self._decoder = None if plain else codecs.getincrementaldecoder(self.encoding)()
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._seems_utf8 = self.encoding in ("cp1252", "latin-1")
        self._has_wide = False
        self._run = 0  # bytes since the last line break
        self._last = b""
        self._pending = b""
        self._ended = False
        self._first = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer; 0 at the end."""
        while not self._pending and not self._ended:
            self._pending = self._next()
        count = min(len(buffer), len(self._pending))
        buffer[:count] = self._pending[:count]
        self._pending = self._pending[count:]
        return count

    def take_lines(self, count: int) -> None:
        """Pass over so many physical lines (the header)."""
        while count:
            while not self._pending and not self._ended:
                self._pending = self._next()
            if not self._pending:
                return
            at = _line_end(self._pending)
            if at is None:
                self._pending = b""
                continue
            self._pending = self._pending[at:]
            count -= 1

    def peek(self, size: int) -> bytes:
        """The next bytes, without taking them."""
        while len(self._pending) < size and not self._ended:
            self._pending += self._next()
        return self._pending[:size]

    def close(self) -> None:
        self._file.close()
        super().close()

    def _settle(self, named: str, start: bytes) -> str:
        for bom, found in _BOMS:
            if start.startswith(bom):
                if found == "utf-8" or found == named:
                    return found  # a byte order mark of UTF-8 leaves no doubt
                raise self._error(
                    f"the file begins with the mark of {found}, and the definition says {named}.",
                    f'Set encoding = "{found}".',
                )
        wide = _unmarked_utf16(start)
        if named == "utf-8" and wide is not None:
            raise self._error("the file looks like UTF-16.", 'Set encoding = "utf-16".')
        if named == "utf-16" and wide is None and start:
            raise self._error(
                "the definition says utf-16, and the file is not.",
                'Set encoding = "utf-8" or "cp1252".',
            )
        return wide or named

    def _next(self) -> bytes:
        chunk = self._file.read(min(_CHUNK, max(self._limits.line_bytes, 4)))
        if self._step is not None:
            self._step.advance(len(chunk))
        self._ended = not chunk
        if self._first and chunk.startswith(codecs.BOM_UTF8):
            chunk = chunk[3:]
        self._first = False
        text = self._decoded(chunk)
        self._watch(text)
        return text

    def _decoded(self, chunk: bytes) -> bytes:
        """The chunk as UTF-8. Plain ASCII, which is most of any extract, is passed as it is."""
        if self._decoder is None:
            if not chunk.isascii() or self._utf8.getstate()[0] or self._ended:
                try:
                    self._utf8.decode(chunk, self._ended)
                except UnicodeDecodeError as error:
                    raise self._wrong_encoding(chunk, error) from error
            return chunk
        if not self.encoding.startswith("utf-16") and chunk.isascii():
            return chunk
        self._guess(chunk)
        try:
            return self._decoder.decode(chunk, self._ended).encode()
        except UnicodeDecodeError as error:
            raise self._wrong_encoding(chunk, error) from error

    def _guess(self, chunk: bytes) -> None:
        """Is this, against what was said, UTF-8? Bytes of other encodings hardly ever form it."""
        if not self._seems_utf8:
            return
        try:
            self._utf8.decode(chunk)
        except UnicodeDecodeError:
            self._seems_utf8 = False
        self._has_wide = True

    def _watch(self, text: bytes) -> None:
        if b"\0" in text:
            self.has_nul = True
        breaks = text.count(b"\n")
        if b"\r" in text:
            breaks += text.count(b"\r") - text.count(b"\r\n")
            if self._last == b"\r" and text.startswith(b"\n"):
                breaks -= 1
        elif self._last == b"\r" and text.startswith(b"\n"):
            breaks -= 1
        self.lines += breaks
        first = _line_end(text)
        if self._run + (len(text) if first is None else first) > self._limits.line_bytes:
            raise self._error(
                f"line {self.lines + (1 if first is None else 0)} is longer than {self._limits.line_bytes:,} bytes.",
                "Check the encoding and line ends of the file; no extract has such a line.",
            )
        if first is None:
            self._run += len(text)
        else:
            self._run = len(text) - max(text.rfind(b"\n"), text.rfind(b"\r")) - 1
        self._last = text[-1:] or self._last
        if self._ended and self._last not in (b"\n", b"\r", b""):
            self.lines += 1  # the last line has no line break
        if self._ended and self._seems_utf8 and self._has_wide:
            raise self._error(
                f"the file is UTF-8, and the definition says {self.encoding}.",
                'Set encoding = "utf-8".',
            )

    def _wrong_encoding(self, chunk: bytes, error: UnicodeDecodeError) -> DataError:
        line = self.lines + 1 + chunk[: error.start].count(b"\n")
        other = "cp1252 (Windows)" if self.encoding == "utf-8" else "utf-8"
        return self._error(
            f"line {line} is not {self.encoding}: the definition names another encoding than the file has.",
            f"Try encoding = {other}, or export the file again.",
        )

    def _error(self, what: str, remedy: str) -> DataError:
        return DataError([Problem(self.name, what, remedy)])


def _unmarked_utf16(start: bytes) -> str | None:
    """Which UTF-16 a file without a mark begins in: every other byte of plain letters is nought."""
    if len(start) == 4:
        if start[1:4:2] == b"\0\0" and b"\0" not in start[0:4:2]:
            return "utf-16-le"
        if start[0:4:2] == b"\0\0" and b"\0" not in start[1:4:2]:
            return "utf-16-be"
    return None


def _line_end(text: bytes) -> int | None:
    """Where the first line ends, its line break included; None where it does not."""
    newline, ret = text.find(b"\n"), text.find(b"\r")
    if newline < 0 and ret < 0:
        return None
    if ret >= 0 and (newline < 0 or ret < newline):
        return ret + 2 if text[ret + 1 : ret + 2] == b"\n" else ret + 1
    return newline + 1
