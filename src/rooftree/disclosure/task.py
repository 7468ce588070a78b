"""What a suppression has to achieve, cell by cell, whatever table it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from rooftree.disclosure.linear import csr


@dataclass(frozen=True, slots=True)
class Task:
    """The cells of a table, what ties them, which must be hidden, and how far from found out.

    All arrays have one entry per cell. A reader of the published table knows of a cell that is shown
    that it lies within `shown_below` under and `shown_above` over its true value (0 and 0 where it is
    shown exactly, more where it was rounded), and of one that is hidden the same by `hidden_below` and
    `hidden_above`. A cell that must be hidden is protected when the reader cannot rule out a value
    `down` lower nor one `up` higher than the true one. `cost` is the loss of hiding a cell; infinite
    where it may not be hidden.
    """

    equations: sparse.csr_array
    value: np.ndarray
    cost: np.ndarray
    primary: np.ndarray
    up: np.ndarray
    down: np.ndarray
    shown_below: np.ndarray
    shown_above: np.ndarray
    hidden_below: np.ndarray
    hidden_above: np.ndarray

    def only(self, cells: np.ndarray) -> Task:
        """The same task on some of its cells; the others do not move."""
        kept = csr(self.equations[:, cells])
        rows = np.diff(kept.indptr) > 0
        arrays = {
            name: getattr(self, name)[cells]
            for name in self.__slots__  # pyright: ignore[reportAttributeAccessIssue]
            if name != "equations"
        }
        return replace(self, equations=csr(kept[rows]), **arrays)

    @property
    def movable(self) -> np.ndarray:
        """The cells that can differ from their true value at all, should everything possible be hidden."""
        loose = (self.shown_below > 0) | (self.shown_above > 0)
        return np.flatnonzero(self.primary | np.isfinite(self.cost) | loose)


def build_task(
    equations: sparse.csr_array,
    value: np.ndarray,
    *,
    primary: np.ndarray,
    cost: np.ndarray,
    protection: float | np.ndarray = 1.0,
    shown_below: np.ndarray | None = None,
    shown_above: np.ndarray | None = None,
    hidden_below: np.ndarray | None = None,
    hidden_above: np.ndarray | None = None,
    told: np.ndarray | None = None,
) -> Task:
    """A task with the usual defaults: shown exactly, and hidden means "any number from 0 upwards".

    The protection asked of a cell is `protection` on each side, or as much as hiding it leaves open:
    a true zero cannot be taken for less. Where the text of a cell tells its range (`told`), the
    protection is asked for on one side.
    """
    value = np.asarray(value, dtype=float)
    nothing = np.zeros(len(value))
    # No cell can be larger than everything together, so this is as good as no bound and keeps the
    # linear programmes well scaled.
    everything = np.full(len(value), max(float(value.max(initial=0)), 1.0) * 2 + 100)
    below = value.copy() if hidden_below is None else hidden_below
    above = everything if hidden_above is None else hidden_above
    level = np.broadcast_to(np.asarray(protection, dtype=float), value.shape)
    up, down = np.minimum(level, above), np.minimum(level, below)
    if told is not None:
        # Within a range that is told, one side is enough for the reader not to know the number: the
        # side with more room.
        up = np.where(told & (below > above), 0.0, up)
        down = np.where(told & (below <= above), 0.0, down)
    return Task(
        equations=equations,
        value=value,
        cost=cost.astype(float),
        primary=primary,
        up=np.where(primary, up, 0.0),
        down=np.where(primary, down, 0.0),
        shown_below=nothing if shown_below is None else shown_below,
        shown_above=nothing if shown_above is None else shown_above,
        hidden_below=below,
        hidden_above=above,
    )
