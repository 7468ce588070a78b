"""Counts rules that are being written: each condition is asked of the data once and then remembered.

Whoever writes a rule changes one condition and looks again; the others have not changed, and neither
has the snapshot. So the truth of each condition is kept as one byte for each row (false 0, unknown 1,
true 2), and `and`, `or` and `not` become the least, the greatest and the opposite of these bytes.
A condition over ten million rows takes 10 MB; the ones longest unused are forgotten first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from rooftree.segments.attrition import Attrition, Step
from rooftree.segments.judging import Counted, parts_of
from rooftree.segments.nodes import And, Node, Not, Or
from rooftree.segments.schema import base_column
from rooftree.segments.sql import columns_sql
from rooftree.segments.text import to_text
from rooftree.segments.values_sql import Context
from rooftree.segments.worlds import atoms
from rooftree.storage.engine import Engine, quote
from rooftree.storage.snapshot import Snapshot
from rooftree.vocabulary.states import Grain

Truths = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.bool_]

#: Bytes of remembered truths, unless the caller says otherwise.
ROOM = 512 * 1024 * 1024
#: The column by which the rows of a unit's table are told apart while they are counted here.
ROW = "row_no"

_FALSE, _UNKNOWN, _TRUE = np.uint8(0), np.uint8(1), np.uint8(2)


def number_rows(engine: Engine, snapshot: Snapshot, unit: Grain) -> None:
    """Give the rows of an open snapshot's wide table their place in its file, as the column `row_no`."""
    (path,) = snapshot.files(f"segments.{unit.value}")
    engine.execute(
        f"CREATE OR REPLACE VIEW segments.{unit.value} AS "
        f"SELECT * EXCLUDE (file_row_number), file_row_number AS {ROW} "
        f"FROM read_parquet({quote(str(path))}, hive_partitioning = false, file_row_number = true)"
    )


class Workbench:
    """One snapshot, open for the rules of one unit that somebody is writing.

    The unit's table must have the column `row_no` (`number_rows`), counting from 0 without a gap. The
    segments that a rule may refer to are those of the context; where one of them changes, make another.
    """

    def __init__(self, engine: Engine, unit: Grain, context: Context, *, room: int = ROOM) -> None:
        self.engine = engine
        self.unit = unit
        self.context = context
        self._room = room
        self._n = int(engine.value(f"SELECT count(*) FROM segments.{unit.value}"))
        self._kept: OrderedDict[Node, Truths] = OrderedDict()
        self._bases: dict[str, Rows] = {}

    def count(self, node: Node, *, base: str) -> Counted:
        """How many are in the base and in the segment, and of how many it cannot be told."""
        (truths,) = self.truths([node])
        inside = self._base(base)
        n_in = np.count_nonzero((truths == _TRUE) & inside)
        n_unknown = np.count_nonzero((truths == _UNKNOWN) & inside)
        return Counted(int(np.count_nonzero(inside)), int(n_in), int(n_unknown))

    def attrition(self, node: Node, *, base: str) -> Attrition:
        """What each part keeps, drops, and drops alone: as `attrition.attrition` says it."""
        parts = parts_of(node)
        truths = self.truths(parts)
        kept = self._base(base).copy()
        n_base = int(np.count_nonzero(kept))
        misses = np.zeros(self._n, dtype=np.uint8)
        for one in truths:
            misses += one != _TRUE
        alone = kept & (misses == 1)
        events = dict(self.context.catalogue.events)
        steps = []
        for part, one in zip(parts, truths, strict=True):
            is_true = one == _TRUE
            before = int(np.count_nonzero(kept))
            unknown = int(np.count_nonzero(kept & (one == _UNKNOWN)))
            kept &= is_true
            n_kept = int(np.count_nonzero(kept))
            only_this = int(np.count_nonzero(alone & ~is_true))
            dropped = before - n_kept - unknown
            steps.append(
                Step(to_text(part, events=events), part, n_kept, dropped, unknown, only_this)
            )
        return Attrition(n_base, steps[-1].kept, tuple(steps))

    def truths(self, nodes: Sequence[Node]) -> list[Truths]:
        """The truth of each rule for every row. Conditions not asked before are asked in one query."""
        wanted = list(dict.fromkeys(atom for node in nodes for atom in atoms(node)))
        found = {atom: self._kept[atom] for atom in wanted if atom in self._kept}
        found |= self._ask([atom for atom in wanted if atom not in found])
        for atom in wanted:
            self._kept[atom] = found[atom]
            self._kept.move_to_end(atom)
        self._forget()
        return [_of(node, found) for node in nodes]

    def _ask(self, asked: Sequence[Node]) -> dict[Node, Truths]:
        if not asked:
            return {}
        names = [f"c{number}" for number in range(len(asked))]
        sql = columns_sql(dict(zip(names, asked, strict=True)), self.unit, self.context, row=ROW)
        columns = ", ".join(
            f"CAST(CASE WHEN {name} THEN 2 WHEN {name} IS NULL THEN 1 ELSE 0 END AS UTINYINT) AS {name}"
            for name in names
        )
        answer = self.engine.con.execute(
            f"SELECT {ROW}, {columns} FROM ({sql}) judged"
        ).fetchnumpy()
        return {
            atom: self._placed(np.asarray(answer[ROW]), np.asarray(answer[name]))
            for name, atom in zip(names, asked, strict=True)
        }

    def _placed(self, rows: npt.NDArray[np.int64], values: Truths) -> Truths:
        truths = np.empty(self._n, dtype=np.uint8)
        truths[rows] = values
        return truths

    def _base(self, base: str) -> Rows:
        if base not in self._bases:
            column = base_column(self.unit, base)
            inside = np.ones(self._n, dtype=np.bool_)
            if column is not None:
                answer = self.engine.con.execute(
                    f"SELECT {ROW}, {column} AS inside FROM segments.{self.unit.value}"
                ).fetchnumpy()
                inside[np.asarray(answer[ROW])] = np.asarray(answer["inside"])
            self._bases[base] = inside
        return self._bases[base]

    def _forget(self) -> None:
        most = max(1, self._room // max(1, self._n))
        while len(self._kept) > most:
            self._kept.popitem(last=False)


def _of(node: Node, found: dict[Node, Truths]) -> Truths:
    match node:
        case And():
            return _folded(np.minimum, (_of(part, found) for part in node.parts))
        case Or():
            return _folded(np.maximum, (_of(part, found) for part in node.parts))
        case Not():
            return _TRUE - _of(node.part, found)
        case _:
            return found[node]


def _folded(how: np.ufunc, parts: Iterable[Truths]) -> Truths:
    first, *others = parts
    whole = first
    for other in others:
        whole = how(whole, other)
    return whole
