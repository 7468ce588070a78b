"""The data-quality report of a run: kept in the snapshot as JSON, shown as a page and a workbook."""

from __future__ import annotations

import json
from pathlib import Path

from rooftree.staging.quality import QualityReport, render_page, write_workbook
from rooftree.storage.snapshot import Snapshot

QUALITY = "quality.json"


def read(snapshot: Snapshot) -> QualityReport:
    """The report as it was when the snapshot was published."""
    return QualityReport(**json.loads(snapshot.path(QUALITY).read_text(encoding="utf-8")))


def write(report: QualityReport, folder: Path, *, landlord: str) -> tuple[Path, ...]:
    """Write quality.html, quality.xlsx and quality.json into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    page, book, plain = (folder / f"quality.{ending}" for ending in ("html", "xlsx", "json"))
    page.write_text(render_page(report, landlord=landlord), encoding="utf-8")
    write_workbook(report, book)
    plain.write_text(report.to_json(), encoding="utf-8")
    return page, book, plain
