"""The data-quality report of a run: kept in the snapshot as JSON, shown as a page and a workbook."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rooftree.pipeline.summary import Issue
from rooftree.staging.quality import QualityReport, render_page, write_workbook
from rooftree.storage.snapshot import Snapshot

QUALITY = "quality.json"


def read(snapshot: Snapshot) -> QualityReport:
    """The report as it was when the snapshot was published."""
    return QualityReport(**json.loads(snapshot.path(QUALITY).read_text(encoding="utf-8")))


def with_issues(report: QualityReport, found: Sequence[Issue]) -> QualityReport:
    """The report with every issue of the run: what was found in the extracts, and what met nothing when joined."""
    places = {_key(issue): issue["example_rows"] for issue in report.issues}
    issues = (dataclasses.asdict(issue) | {"table_name": issue.table} for issue in found)
    told = [issue | {"example_rows": places.get(_key(issue), [])} for issue in issues]
    return dataclasses.replace(
        report, issues=tuple({k: v for k, v in i.items() if k != "table"} for i in told)
    )


def _key(issue: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(issue[name] for name in ("rule", "system", "table_name", "field"))


def write(report: QualityReport, folder: Path, *, landlord: str) -> tuple[Path, ...]:
    """Write quality.html, quality.xlsx and quality.json into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    page, book, plain = (folder / f"quality.{ending}" for ending in ("html", "xlsx", "json"))
    page.write_text(render_page(report, landlord=landlord), encoding="utf-8")
    write_workbook(report, book)
    plain.write_text(report.to_json(), encoding="utf-8")
    return page, book, plain
