"""The data-quality report as an Excel workbook: one sheet each for issues, files, tables and totals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from rooftree.staging.quality.assess import QualityReport

_WIDTHS = {"message": 60, "remedy": 50, "example_rows": 40, "sha256": 20, "rule": 28, "name": 28}


def write_workbook(report: QualityReport, path: Path) -> None:
    """Write the report; the same report gives the same bytes."""
    with xlsxwriter.Workbook(path) as book:
        # a fixed date of creation: the library would write today's
        book.set_properties(
            {"title": f"Data quality at {report.as_of}", "created": dt.datetime(2000, 1, 1)}  # noqa: DTZ001
        )
        for name, rows in (
            ("Issues", report.issues),
            ("Files", report.files),
            ("Tables", report.tables),
            ("Totals", report.totals),
        ):
            _sheet(book, name, rows)


def _sheet(book: Any, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bg_color": "#1d3b4f", "font_color": "white"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    if not rows:
        sheet.write_string(0, 0, "Nothing to report.")
        return
    names = list(rows[0])
    for column, title in enumerate(names):
        sheet.write_string(0, column, title.replace("_", " "), head)
        sheet.set_column(column, column, _WIDTHS.get(title, 16))
        for n, row in enumerate(rows, start=1):
            value = row[title]
            if isinstance(value, list):
                value = "; ".join(value)
            if isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(n, column, value, wrap)
            else:
                # as a string, so that no text of an extract is ever taken for a formula
                sheet.write_string(n, column, "" if value is None else str(value), wrap)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), len(names) - 1)
