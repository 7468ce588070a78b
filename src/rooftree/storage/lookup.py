"""One subject by id in well under a millisecond, and subjects by whatever somebody types.

Reads the `lookup.sqlite` of a snapshot: read-only and immutable, so any number of processes may.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rooftree.storage.lookup_build import BLOCK, FORMAT, unpack
from rooftree.storage.words import as_code, as_digits, distance, fold, slips_forgiven, variants
from rooftree.vocabulary.errors import DataError, NotFound, Problem

_LAST = "\U0010ffff"  # sorts behind every continuation of a prefix
_SHORTEST_CODE = 3  # fewer characters would match half of the file
_MOST_WORDS = 6
_IN_A_QUERY = 500  # variants asked for at once
_PROBE_COST = 8  # looking one subject up, in subjects fetched in a row
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """One subject that fits what was typed. `score`: 1 exact, less for a beginning or a misspelling.

    `matched_on` is the kind of key: id, name, postcode, phone, tenancy_ref, payment_ref, address, ...
    `how` is exact, prefix or misspelt.
    """

    id: str
    score: float
    matched_on: str
    how: str


class Lookup:
    """An open look-up file."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con
        meta = dict(con.execute("SELECT key, value FROM meta"))
        if meta["format"] != FORMAT:
            raise ValueError(f"format {meta['format']}")
        self._kinds = [(kind, shape) for kind, shape in json.loads(meta["kinds"])]
        self._size: int = con.execute("SELECT coalesce(max(n), 0) FROM document").fetchone()[0]
        self._near = lru_cache(maxsize=1024)(self._find_near)

    @classmethod
    def open(cls, path: Path) -> Lookup:
        """Open a look-up file for reading; keep it open. DataError when it cannot be read."""
        if not path.is_file():
            raise NotFound(f"{path}: there is no look-up file. Make a snapshot with: rooftree run")
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        con = sqlite3.connect(address, uri=True, check_same_thread=False)
        try:
            con.execute("PRAGMA query_only = ON").close()
            return cls(con)
        except (sqlite3.DatabaseError, ValueError, KeyError) as error:
            con.close()
            what = f"the look-up file cannot be read ({type(error).__name__})."
            raise DataError([Problem(str(path), what, "Run again to make it anew.")]) from error

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def __enter__(self) -> Lookup:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __len__(self) -> int:
        return self._size

    def document(self, id: str) -> Any:  # noqa: A002 - the word users type
        """Everything kept about one subject, as parsed JSON. NotFound when the snapshot has no such id."""
        found = self._stored("document", id)
        if found is None:
            raise NotFound(
                f"The snapshot has nobody with the id {id}. Find the id with: rooftree profile find TEXT"
            )
        return found

    def part(self, id: str) -> Any:  # noqa: A002
        """What several documents share under an id (a tenancy's), as parsed JSON. NotFound when there is none."""
        found = self._stored("part", id)
        if found is None:
            raise NotFound(f"The look-up file has nothing that is shared under the id {id}.")
        return found

    def _stored(self, table: str, id: str) -> Any:  # noqa: A002
        row = self._con.execute(f"SELECT n FROM {table} WHERE id = ?", [id]).fetchone()
        if row is None:
            return None
        block, place = divmod(row[0] - 1, BLOCK)
        kept = f"SELECT bytes, body FROM {table}_block WHERE b = ?"
        size, body = self._con.execute(kept, [block]).fetchone()
        return json.loads(unpack(size, body, place))

    def groups(self) -> list[str]:
        """The groups (patches) that subjects belong to, in order."""
        return [text for (text,) in self._con.execute("SELECT text FROM grouped ORDER BY text")]

    def is_within(self, id: str, groups: Collection[str]) -> bool:  # noqa: A002
        """Whether a subject belongs to one of these groups. One who belongs to none is within no group."""
        sql = (
            "SELECT 1 FROM document d JOIN subject_grouped USING (n) JOIN grouped USING (g) "
            f"WHERE d.id = ? AND grouped.text IN ({', '.join('?' for _ in groups)})"
        )
        return self._con.execute(sql, [id, *groups]).fetchone() is not None

    def search(
        self, text: str, *, limit: int = 20, within: Collection[str] | None = None
    ) -> list[Hit]:
        """Who fits what was typed: an id, a name (in part, in any order, misspelt), or any other key.

        Best first, then by id; at most `limit`. Misspellings are looked at only where exact and
        begun words leave room. Nothing typed finds nobody. With `within`, only subjects of these
        groups: as many of them as if nobody else were in the file.
        """
        folded = fold(text)
        if not folded or limit < 1:
            return []
        only = self._only(within)
        found: dict[int, Hit] = {}
        self._add(found, self._ids(text.strip(), only))
        self._add(found, self._codes(folded, limit, only))
        self._add(found, self._names(folded.split()[:_MOST_WORDS], limit, only))
        return sorted(found.values(), key=lambda hit: (-hit.score, hit.id))[:limit]

    def _only(self, within: Collection[str] | None) -> str:
        """A condition on `{0}.n` that keeps subjects of the groups; nothing where anybody may be found.

        Numbers of ours, so they may stand in the text of a query.
        """
        if within is None:
            return ""
        marks = ", ".join("?" for _ in within)
        sql = f"SELECT g FROM grouped WHERE text IN ({marks}) ORDER BY g"
        numbers = [str(int(g)) for (g,) in self._con.execute(sql, list(within))]
        return (
            " AND EXISTS (SELECT 1 FROM subject_grouped s WHERE s.n = {0}.n "
            f"AND s.g IN ({', '.join(numbers)}))"
        )

    def _add(self, found: dict[int, Hit], more: list[tuple[int, Hit]]) -> None:
        for n, hit in more:
            if n not in found or hit.score > found[n].score:
                found[n] = hit

    def _ids(self, text: str, only: str) -> list[tuple[int, Hit]]:
        sql = "SELECT n, id FROM document d WHERE id IN (?, ?)" + only.format("d")
        rows = self._con.execute(sql, [text, text.upper()])
        return [(n, Hit(id, 1.0, "id", "exact")) for n, id in rows]  # noqa: A001

    def _codes(self, folded: str, limit: int, only: str) -> list[tuple[int, Hit]]:
        found: list[tuple[int, Hit]] = []
        for number, (kind, shape) in enumerate(self._kinds):
            if shape == "words" or (shape == "digits" and any(c.isalpha() for c in folded)):
                continue
            text = {"code": as_code, "digits": as_digits}.get(shape, str)(folded)
            if len(text) < _SHORTEST_CODE:
                continue
            # The index is in the order of the text, so exact ones come first.
            rows = self._con.execute(
                "SELECT c.n, d.id, c.text = ? FROM code c JOIN document d USING (n) "
                f"WHERE c.kind = ? AND c.text >= ? AND c.text < ?{only.format('c')} ORDER BY c.text, c.n LIMIT ?",
                [text, number, text, text + _LAST, limit],
            )
            for n, id, exact in rows:  # noqa: A001
                how, score = ("exact", 1.0) if exact else ("prefix", 0.9)
                found.append((n, Hit(id, score, kind, how)))
        return found

    def _names(self, words: list[str], limit: int, only: str) -> list[tuple[int, Hit]]:
        """By words of the name: all exact, then the last begun, then all begun, then misspelt."""
        exact = [self._word_range(word, word) for word in words]
        begun = [self._word_range(word, word + _LAST) for word in words]
        tiers = [exact, [*exact[:-1], begun[-1]], begun]
        found: list[int] = []
        for tier in tiers:
            if len(found) < limit and all(tier):
                found += self._with_all(tier, limit=limit, but=found, only=only)
        for slips in (1, 2):
            if len(found) < limit:
                near = [[(w, w) for w, d in self._near(word) if d <= slips] for word in words]
                tier = [(b or []) + n for b, n in zip(begun, near, strict=True)]
                if all(tier):
                    found += self._with_all(tier, limit=limit, but=found, only=only)
        return [(n, self._hit(n, words)) for n in found]

    def _word_range(self, first: str, last: str) -> list[Range]:
        row = self._con.execute(
            "SELECT min(w), max(w) FROM word WHERE text BETWEEN ? AND ?", [first, last]
        ).fetchone()
        return [row] if row[0] is not None else []

    def _with_all(
        self, words: Sequence[list[Range]], *, limit: int, but: Sequence[int], only: str
    ) -> list[int]:
        """Subjects who have, for each word, one within its ranges: as many as `limit` has room for."""
        ranked = sorted((self._count(ranges), ranges) for ranges in words)
        counts = [count for count, _ in ranked]
        lead, *rest = [ranges for _, ranges in ranked]
        # Two ways to the same: probe the subjects of the rarest word one by one until enough are
        # found, or fetch everybody for every word and intersect. Probing wins when matches are many
        # or the rarest word is rare.
        share = math.prod(count / max(len(self), 1) for count in counts[1:])
        probes = min(counts[0], limit / share if share else 0)
        if rest and sum(counts) < probes * len(rest) * _PROBE_COST:
            together = set.intersection(*(self._subjects(ranges) for ranges in words))
            return sorted(self._kept(together - set(but), only))[: limit - len(but)]
        sql = (
            f"WITH {_ranges(lead)} SELECT DISTINCT a.n FROM r CROSS JOIN word_subject a {_IN_RANGE}"
        )
        for ranges in rest:
            sql += (
                " AND EXISTS (SELECT 1 FROM subject_word b WHERE b.n = a.n "
                f"AND ({_within('b.w', ranges)}))"
            )
        rows = self._con.execute(sql + only.format("a") + " LIMIT ?", [limit])
        seen = set(but)
        return [n for (n,) in rows if n not in seen][: limit - len(but)]

    def _kept(self, numbers: set[int], only: str) -> set[int]:
        """Those of the subjects that the condition keeps."""
        if not only or not numbers:
            return numbers
        listed = ", ".join(str(int(n)) for n in numbers)
        sql = f"SELECT n FROM document d WHERE n IN ({listed}){only.format('d')}"
        return {n for (n,) in self._con.execute(sql)}

    def _count(self, ranges: list[Range]) -> float:
        sql = f"WITH {_ranges(ranges)} SELECT total(subjects) FROM r CROSS JOIN word a {_IN_RANGE}"
        return self._value(sql, [])

    def _subjects(self, ranges: list[Range]) -> set[int]:
        sql = f"WITH {_ranges(ranges)} SELECT n FROM r CROSS JOIN word_subject a {_IN_RANGE}"
        return {n for (n,) in self._con.execute(sql)}

    def _value(self, sql: str, parameters: Sequence[object]) -> Any:
        return self._con.execute(sql, parameters).fetchone()[0]

    def _find_near(self, word: str) -> tuple[tuple[int, int], ...]:
        """Known words within the forgiven slips of a word, the word itself aside: (number, slips)."""
        asked = sorted(variants(word))
        candidates: dict[int, str] = {}
        for start in range(0, len(asked), _IN_A_QUERY):
            part = asked[start : start + _IN_A_QUERY]
            marks = ", ".join("?" for _ in part)
            sql = (
                f"SELECT w, word.text FROM variant v JOIN word USING (w) WHERE v.text IN ({marks})"
            )
            candidates.update(self._con.execute(sql, part))
        near: list[tuple[int, int]] = []
        for w, text in candidates.items():
            most = slips_forgiven(word, text)
            slips = distance(word, text, most=most)
            if 0 < slips <= most:
                near.append((w, slips))
        return tuple(sorted(near, key=lambda pair: (pair[1], pair[0])))

    def _hit(self, n: int, words: list[str]) -> Hit:
        id = self._value("SELECT id FROM document WHERE n = ?", [n])  # noqa: A001
        sql = "SELECT text FROM subject_word JOIN word USING (w) WHERE n = ?"
        own = [text for (text,) in self._con.execute(sql, [n])]
        scores = [max(_word_score(word, text) for text in own) for word in words]
        worst = min(scores)
        how = "exact" if worst == 1.0 else "prefix" if worst == _BEGUN else "misspelt"
        return Hit(id, round(sum(scores) / len(scores), 3), "name", how)


_BEGUN = 0.9


def _word_score(word: str, own: str) -> float:
    if word == own:
        return 1.0
    if own.startswith(word):
        return _BEGUN
    most = slips_forgiven(word, own)
    slips = distance(word, own, most=most)
    return 0.85 - 0.15 * slips if slips <= most else 0.0


# Ranges as a table on the left of the join: each is one seek in the index. Written as OR they would
# make SQLite read the whole of it.
_IN_RANGE = "ON a.w BETWEEN r.low AND r.high"


def _ranges(ranges: Sequence[Range]) -> str:
    values = ", ".join(f"({int(low)}, {int(high)})" for low, high in _merged(ranges))
    return f"r(low, high) AS (VALUES {values})"


def _merged(ranges: Sequence[Range]) -> list[Range]:
    """The same numbers in as few ranges as it takes, none of them twice."""
    merged: list[Range] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def _within(column: str, ranges: Sequence[Range]) -> str:
    single = [str(int(low)) for low, high in ranges if low == high]
    parts = [f"{column} BETWEEN {int(a)} AND {int(b)}" for a, b in ranges if a != b]
    if single:
        parts.append(f"{column} IN ({', '.join(single)})")
    return " OR ".join(parts)
