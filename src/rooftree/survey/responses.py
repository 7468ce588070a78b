"""How the answers come in: of whom was asked, who answered, refused, was not reached, and what is still wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from rooftree.catalogue.fields import did_you_mean
from rooftree.survey.sample_size import Required, achieved_margin
from rooftree.survey.tables import as_table, check_columns
from rooftree.vocabulary.errors import DataError, Problem

#: What may have come of asking somebody. Only `ineligible` leaves the count of those who could answer.
OUTCOMES = ("completed", "partial", "refused", "no_contact", "outstanding", "ineligible")


@dataclass(frozen=True, slots=True)
class Tracking:
    """Where a survey stands.

    `table`: the fields of `by`, `asked`, one column for each outcome, `response_rate` (completed of
    all who could answer), and where a quota was given `quota` and `still_wanted`. The last row,
    `all`, is everybody. `achieved` answers of `required`; `margin` is what they give (simple random
    sample; weights make it wider).
    """

    table: pa.Table
    achieved: int
    required: int | None
    margin: float | None
    response_rate: float | None

    @property
    def enough(self) -> bool | None:
        """Whether the required number was reached; None where none was given."""
        return None if self.required is None else self.achieved >= self.required


def track(
    asked: Any,
    *,
    outcome: str = "outcome",
    by: str | Sequence[str] = (),
    required: Required | None = None,
    quota: Mapping[str, int] | None = None,
) -> Tracking:
    """Count outcomes over those who were asked, by group.

    asked: a row for each household asked, with the column `outcome` in the words of OUTCOMES; blank
        is outstanding. by: stratum, method, area. quota: answers wanted of each group.
    Raises DataError for an outcome that is not known, and for a quota of a group that is not there.
    """
    table = as_table(asked)
    fields = (by,) if isinstance(by, str) else tuple(by)
    check_columns(table, [outcome, *fields], where="asked")
    words = [value or "outstanding" for value in table[outcome].to_pylist()]
    strange = sorted({str(word) for word in words} - set(OUTCOMES))
    if strange:
        raise DataError(
            [
                Problem(
                    f"asked: {outcome}",
                    f"{word!r} is not an outcome.",
                    did_you_mean(word, OUTCOMES),
                )
                for word in strange
            ]
        )
    columns = [[str(value) for value in table[name].to_pylist()] for name in fields]
    keys = list(zip(*columns, strict=True)) if fields else [()] * len(words)
    counts: dict[tuple[str, ...], dict[str, int]] = {}
    for key, word in zip(keys, words, strict=True):
        group = counts.setdefault(key, dict.fromkeys(OUTCOMES, 0))
        group[word] += 1
    _check_quota(quota or {}, counts)
    total = {word: sum(group[word] for group in counts.values()) for word in OUTCOMES}
    rows = [_row(fields, key, counts[key], quota) for key in sorted(counts)] if fields else []
    rows.append(_row(fields, ("all",) * len(fields), total, None))
    if quota:
        rows[-1]["quota"] = sum(quota.values())
        rows[-1]["still_wanted"] = sum(row["still_wanted"] for row in rows[:-1])
    done = total["completed"]
    margin = None
    if required is not None and done:
        margin = achieved_margin(min(done, required.population), population=required.population)
    return Tracking(
        pa.Table.from_pylist(rows), done, required.n if required else None, margin, _rate(total)
    )


def _check_quota(quota: Mapping[str, int], counts: Mapping[tuple[str, ...], Any]) -> None:
    known = {" / ".join(key) for key in counts}
    strange = sorted(set(quota) - known)
    if strange:
        raise DataError(
            [
                Problem("quota", f"nobody was asked of {name!r}.", did_you_mean(name, known))
                for name in strange
            ]
        )


def _row(
    fields: Sequence[str],
    key: tuple[str, ...],
    counts: Mapping[str, int],
    quota: Mapping[str, int] | None,
) -> dict[str, Any]:
    row: dict[str, Any] = dict(zip(fields, key, strict=True))
    row |= {"asked": sum(counts.values()), **counts, "response_rate": _rate(counts)}
    if quota:
        wanted = quota.get(" / ".join(key), 0)
        row |= {"quota": wanted, "still_wanted": max(wanted - counts["completed"], 0)}
    return row


def _rate(counts: Mapping[str, int]) -> float | None:
    could = sum(counts.values()) - counts["ineligible"]
    return counts["completed"] / could if could else None
