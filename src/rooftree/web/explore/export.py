"""An answer as a file: CSV or a workbook. The same protected numbers as on the page, and nothing else."""

from __future__ import annotations

import csv
import io

from rooftree.web.explore.answer import Answer

HEADINGS = (
    "Group", "Answer", "Number", "Percent of all", "Percent of those with an answer", "From", "To",
)  # fmt: skip
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def lines(answer: Answer) -> list[list[object]]:
    """One line a cell; what is hidden has its text in place of the number."""
    found: list[list[object]] = []
    for part in answer.parts:
        for cell in (*part.cells, part.total):
            number: object = cell.text if cell.value is None else cell.value
            shares = (cell.of_all, cell.of_answered, cell.low, cell.high)
            found.append(
                [part.label, cell.label, number, *("" if x is None else x for x in shares)]
            )
    return found


def about(answer: Answer, *, snapshot: str, as_of: str) -> list[tuple[str, str]]:
    """What a reader of the file must know."""
    return [
        ("Counted", answer.among),
        ("By", answer.show),
        ("Compared across", answer.by or "nothing"),
        ("Data of", as_of),
        ("Snapshot", snapshot),
        ("Purpose", answer.question.purpose.replace("_", " ")),
        ("Protected by", f"{answer.policy.label}: {answer.policy.meaning}"),
        ("Intervals", "95 in 100, for those with an answer as a sample (Wilson)"),
    ]


def as_csv(answer: Answer, *, snapshot: str, as_of: str) -> bytes:
    """A file that spreadsheets open, with what it is about at its end."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    writer.writerows([[_plain(each) for each in line] for line in lines(answer)])
    writer.writerow([])
    writer.writerows(
        [[_plain(each) for each in pair] for pair in about(answer, snapshot=snapshot, as_of=as_of)]
    )
    return out.getvalue().encode("utf-8-sig")


def as_workbook(answer: Answer, *, snapshot: str, as_of: str) -> bytes:
    """A workbook with the numbers, and a sheet that says what they are."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True})
    numbers, notes = book.add_worksheet("Numbers"), book.add_worksheet("About")
    numbers.write_row(0, 0, HEADINGS, bold)
    for row, line in enumerate(lines(answer), start=1):
        numbers.write_row(row, 0, line)
    numbers.set_column(0, 1, 34)
    numbers.set_column(2, 6, 16)
    numbers.freeze_panes(1, 0)
    for row, pair in enumerate(about(answer, snapshot=snapshot, as_of=as_of)):
        notes.write_string(row, 0, pair[0], bold)
        notes.write_string(row, 1, pair[1])
    notes.set_column(0, 0, 20)
    notes.set_column(1, 1, 100)
    book.close()
    return out.getvalue()


def _plain(value: object) -> object:
    """Text that a spreadsheet would take for a formula begins with an apostrophe."""
    if isinstance(value, str) and value.startswith(_STARTS_FORMULA):
        return f"'{value}"
    return value
