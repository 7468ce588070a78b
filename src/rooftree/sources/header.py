"""A header's cells as columns: renamed as the definition says, blanks named, duplicates told apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rooftree.sources.reading import Note, SourceColumn


def clean_name(cell: str) -> str:
    """A header's cell without outer blanks, byte order mark and line breaks."""
    return re.sub(r"\s+", " ", cell.replace("\ufeff", "").replace("\0", "")).strip()


def named_columns(
    cells: Sequence[str | None], *, renamed: Mapping[str, str], where: str
) -> tuple[tuple[SourceColumn, ...], tuple[Note, ...]]:
    """The columns of a header. A name that occurs again becomes `name (2)` and is noted.

    A duplicate that a definition reads is refused when the file is mapped: which one is meant, nobody
    can tell.
    """
    columns: list[SourceColumn] = []
    notes: list[Note] = []
    seen: dict[str, int] = {}
    for n, cell in enumerate(cells):
        name = clean_name(cell or "") or f"column {n + 1}"
        name = renamed.get(name, name)
        count = seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
        if count > 1:
            notes.append(
                Note(
                    "duplicate_column",
                    f"{where} has the column {name} more than once.",
                    "Ask for an extract in which each column has its own name.",
                    field=name,
                )
            )
            name = f"{name} ({count})"
        columns.append(SourceColumn(name, f"c{n}", header=cell or ""))
    return tuple(columns), tuple(notes)
