"""What a source definition says, as frozen values: where an extract is, and how it becomes canonical rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FORMATS = ("csv", "excel", "parquet", "jsonl", "sql")
ENCODINGS = ("utf-8", "cp1252", "utf-16", "latin-1")
DATE_FORMATS = (
    "dd/mm/yyyy", "dd-mm-yyyy", "dd.mm.yyyy", "dd/mm/yy", "dd-mm-yy", "dd.mm.yy", "dd mmm yyyy",
    "dd-mmm-yyyy", "dd-mmm-yy", "yyyy-mm-dd", "yyyy/mm/dd", "yyyymmdd", "ddmmyyyy", "mm/dd/yyyy",
    "excel",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ValueMap:
    """How one canonical column is made from the extract's columns.

    One of `source`, `sql` and `constant` is given. `codes` is a map written in the definition;
    `code_list` and `frame` name a map of the catalogue. `otherwise` says what becomes of a code that
    no map knows: "reject", "null", "keep" or the code to use instead.
    """

    source: str | None = None
    sql: str | None = None
    constant: str | None = None
    codes: Mapping[str, str] | None = None
    code_list: str | None = None
    frame: str | None = None
    otherwise: str = "reject"
    unit: str | None = None
    negate: bool = False
    split: str | None = None
    part: int = 1
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must hold of every row of a table, and what to do with a row of which it does not.

    `holds` reads the canonical columns; `of_source` says that it reads the extract's columns instead.
    """

    key: str
    holds: str
    on_failure: str  # reject or issue
    message: str
    remedy: str
    of_source: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that should name a row of a canonical table; what matches none is counted, never refused."""

    key: str
    source: str
    table: str
    column: str
    system: str | None
    message: str
    remedy: str
    unnest: str | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class TableMap:
    """How rows of one canonical table are made from an extract."""

    table: str
    columns: Mapping[str, ValueMap]
    where: str | None = None
    unnest: str | None = None
    rules: tuple[Rule, ...] = ()
    repeats: str = "reject"  # a key that occurs twice in one file: reject the earlier rows, or keep
    place: str = ""  # where in the definition, for messages


@dataclass(frozen=True, slots=True)
class AnswerMap:
    """How statements about one attribute are made from an extract."""

    attribute: str
    subject: ValueMap
    source: str | None = None
    sql: str | None = None
    flags: Mapping[str, str] = field(default_factory=dict)  # column → code it contributes
    flag_yes: tuple[str, ...] = ("1", "Yes", "Y", "true", "True", "TRUE")
    frame: str | None = None
    codes: Mapping[str, str] | None = None
    otherwise: str = "reject"
    refused: tuple[str, ...] = ()
    dont_know: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    blank: str = "not_asked"
    separator: str | None = None
    unit: str | None = None
    recorded_on: str | None = None
    method: ValueMap = field(default_factory=lambda: ValueMap(constant="system"))
    recorded_by: str | None = None
    origin: str | None = None
    confidence: float | None = None
    where: str | None = None
    unnest: str | None = None
    optional: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """One kind of file (or query) that a system hands over."""

    system: str
    kind: str
    key: str
    format: str
    files: str = ""
    take: str = "all"
    encoding: str = "utf-8"
    delimiter: str = ","
    header_row: int = 1
    sheet: str | None = None
    skip_lines_with: str | None = None
    query: str | None = None
    database: str | None = None
    trailer: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    dates: tuple[str, ...] = ("yyyy-mm-dd",)
    pivot_year: int | None = None
    no_date: tuple[str, ...] = ()
    no_value: tuple[str, ...] = ()
    optional: bool = False  # no file is not a problem
    tables: tuple[TableMap, ...] = ()
    answers: tuple[AnswerMap, ...] = ()
    references: tuple[Reference, ...] = ()
    place: str = ""
    digest: str = ""  # of everything above: part of the cache's key


@dataclass(frozen=True, slots=True)
class SourceDefinition:
    """One of the landlord's systems and the extracts that it hands over."""

    system: str
    kind: str
    title: str
    owner: str
    private_refs: tuple[str, ...]
    extracts: tuple[Extract, ...]
    place: str
