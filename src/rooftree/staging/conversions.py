"""Text to typed values, as SQL: dates by stated format, money, numbers, yes and no.

Each function returns an expression that is null where the text cannot be what it should be; the
caller tells that from "there was no text". Nothing is guessed: an ambiguous date is read by the
definition's formats, in their order, and an odd thousands mark is a bad number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rooftree.storage.engine import quote

#: Blank characters that exports leave around a value, the no-break space included.
_BLANKS = ("' '", "chr(9)", "chr(10)", "chr(13)", "chr(160)")

_FORMATS = {
    "dd/mm/yyyy": (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y"),
    "dd-mm-yyyy": (r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y"),
    "dd.mm.yyyy": (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    "dd mmm yyyy": (r"\d{1,2} [A-Za-z]{3} \d{4}", "%d %b %Y"),
    "dd-mmm-yyyy": (r"\d{1,2}-[A-Za-z]{3}-\d{4}", "%d-%b-%Y"),
    "yyyy/mm/dd": (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    "yyyymmdd": (r"\d{8}", "%Y%m%d"),
    "ddmmyyyy": (r"\d{8}", "%d%m%Y"),
    "mm/dd/yyyy": (r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y"),
}
_SHORT = {
    "dd/mm/yy": (r"\d{1,2}/\d{1,2}/\d{2}", "%d/%m/%Y"),
    "dd-mm-yy": (r"\d{1,2}-\d{1,2}-\d{2}", "%d-%m-%Y"),
    "dd.mm.yy": (r"\d{1,2}\.\d{1,2}\.\d{2}", "%d.%m.%Y"),
    "dd-mmm-yy": (r"\d{1,2}-[A-Za-z]{3}-\d{2}", "%d-%b-%Y"),
}
_TIME = r"([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s?(Z|[AP]M|[+-]\d{2}:?\d{2})?)?"

_NUMBER = r"[(]?([-+]?£?|£[-+])(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?[)]?(-|cr|dr)?"
_EARLIEST, _LATEST = "DATE '1800-01-01'", "DATE '2200-01-01'"


def text(raw: str, *, no_value: Sequence[str] = ()) -> str:
    """The text without outer blanks; null where nothing is left, or only a word that means nothing."""
    # '!' is the first character after the blanks: most values need one comparison at each end, and no trim
    begins = f"{raw} >= '!' AND NOT starts_with({raw}, chr(160))"
    ends = " OR ".join(f"suffix({raw}, {blank})" for blank in _BLANKS)
    clean = f"{begins} AND NOT ({ends})"
    value = f"CASE WHEN {clean} THEN {raw} ELSE NULLIF(trim({raw}, {' || '.join(_BLANKS)}), '') END"
    if no_value:
        words = ", ".join(quote(word) for word in no_value)
        value = f"CASE WHEN {value} NOT IN ({words}) THEN {value} END"
    return value


def date(value: str, *, formats: Sequence[str], pivot_year: int | None = None) -> str:
    """A date, by the first format that fits; a time of day after it is passed over.

    Years before 1800 and after 2199 are bad: they come from slips and from dates cut short.
    """
    tries = [_one_date(value, name, pivot_year or 0) for name in formats]
    found = tries[0] if len(tries) == 1 else f"COALESCE({', '.join(tries)})"
    return f"CASE WHEN {found} BETWEEN {_EARLIEST} AND {_LATEST} THEN {found} END"


def _one_date(value: str, name: str, pivot: int) -> str:
    if name == "yyyy-mm-dd":
        # the cast reads 2024-1-5 and 2024/01/05 too, and a time after it; all have the year first.
        # "01/02/24" becomes a year that the range below refuses; words such as "epoch" start with no digit
        return f"CASE WHEN {value} >= '0' AND {value} < ':' THEN TRY_CAST({value} AS DATE) END"
    if name == "excel":
        # days since 30 December 1899; 5 digits are the years 1927 to 2173
        return (
            f"CASE WHEN regexp_full_match({value}, '\\d{{5}}(\\.\\d+)?') "
            f"THEN DATE '1899-12-30' + CAST(floor(TRY_CAST({value} AS DOUBLE)) AS INTEGER) END"
        )
    if name in _SHORT:
        pattern, strftime = _SHORT[name]
        day = f"regexp_replace({value}, '{_TIME}$', '', 'i')"
        century = f"CASE WHEN CAST({day}[-2:] AS INTEGER) <= {pivot} THEN '20' ELSE '19' END"
        long = f"concat({day}[:-3], {century}, {day}[-2:])"
        test = f"regexp_full_match({value}, '{pattern}{_TIME}', 'i')"
        return f"CASE WHEN {test} THEN CAST(try_strptime({long}, '{strftime}') AS DATE) END"
    pattern, strftime = _FORMATS[name]
    day = f"regexp_extract({value}, '^{pattern}')"
    return (
        f"CASE WHEN regexp_full_match({value}, '{pattern}{_TIME}', 'i') "
        f"THEN CAST(try_strptime({day}, '{strftime}') AS DATE) END"
    )


def decimal(value: str, *, digits: int = 18) -> str:
    """A number with up to four decimals: £, thousands, (brackets), trailing minus, CR and DR are read.

    CR means the landlord owes: negative. DR means the customer owes: positive.
    """
    bare = f"regexp_replace({value}, '\\s', '', 'g')"
    negative = f"regexp_matches({bare}, '^[(]|-|(?i:cr)$')"
    bare_digits = f"regexp_replace({value}, '[^0-9.]', '', 'g')"
    odd = (
        f"CASE WHEN regexp_full_match({bare}, '{_NUMBER}', 'i') "
        f"THEN TRY_CAST(concat(CASE WHEN {negative} THEN '-' ELSE '' END, {bare_digits}) AS DECIMAL({digits},4)) END"
    )
    # not COALESCE: where a few values of many are odd, it takes twice as long
    plain = f"TRY_CAST({value} AS DECIMAL({digits},4))"
    return f"CASE WHEN {plain} IS NOT NULL THEN {plain} ELSE {odd} END"


def pence(value: str, *, unit: str, negate: bool = False) -> str:
    """Whole pence from pounds (rounded half away from zero) or from pence (which must be whole)."""
    # up to 11 digits before the point: a hundred times as much has room too
    number = decimal(value, digits=15)
    sign = "-" if negate else ""
    if unit == "pounds":
        # most amounts are short: a decimal whose hundredfold has 18 digits is counted in whole numbers
        plain = f"TRY_CAST({value} AS DECIMAL(15,4))"
        short = f"CAST({sign}round({plain} * CAST(100 AS DECIMAL(3,0))) AS BIGINT)"
        odd = f"CAST({sign}round(({number}) * 100) AS BIGINT)"
        return f"CASE WHEN {plain} IS NOT NULL THEN {short} ELSE {odd} END"
    return f"CASE WHEN ({number}) = floor({number}) THEN CAST({sign}({number}) AS BIGINT) END"


def whole(value: str, *, negate: bool = False) -> str:
    """A whole number; `3.0` is one, `3.5` is bad."""
    number, sign = decimal(value), "-" if negate else ""
    return f"CASE WHEN ({number}) = floor({number}) THEN TRY_CAST({sign}({number}) AS BIGINT) END"


def number(value: str, *, negate: bool = False) -> str:
    """A number in double precision."""
    return f"CAST({'-' if negate else ''}({decimal(value)}) AS DOUBLE)"


def boolean(value: str) -> str:
    """True or false from the usual words."""
    return (
        f"CASE WHEN lower({value}) IN ('true','t','yes','y','1') THEN true "
        f"WHEN lower({value}) IN ('false','f','no','n','0') THEN false END"
    )


def mapped(value: str, codes: dict[str, str], *, otherwise: str | None = None) -> str:
    """The code that a map gives; `otherwise` is SQL for codes that it does not know (null: none).

    Outer case is passed over: `Yes` and `YES` are one code, unless the map itself tells them apart.
    """
    if not codes:
        return otherwise or "CAST(NULL AS VARCHAR)"
    other = otherwise or "NULL"
    exact = _case(value, codes, other)
    folded = {key.lower(): code for key, code in codes.items()}
    if len(folded) != len(codes) or all(key.lower() == key.upper() for key in codes):
        return exact
    return f"COALESCE({_case(value, codes, 'NULL')}, {_case(f'lower({value})', folded, other)})"


def _case(subject: str, codes: Mapping[str, str], other: str) -> str:
    whens = " ".join(f"WHEN {quote(key)} THEN {quote(code)}" for key, code in codes.items())
    return f"CASE {subject} {whens} ELSE {other} END"


def tidy(column: str, value: str) -> str:
    """The canonical form of the few text columns that have one: postcode, UPRN, NI number."""
    if column == "postcode":
        bare = f"regexp_replace(upper({value}), '\\s', '', 'g')"
        return f"CASE WHEN length({bare}) > 3 THEN concat({bare}[:-4], ' ', {bare}[-3:]) ELSE {bare} END"
    if column == "uprn":
        return f"CASE WHEN regexp_full_match({value}, '0*[1-9]\\d*') THEN ltrim({value}, '0') ELSE {value} END"
    if column == "ni_number":
        return f"regexp_replace(upper({value}), '\\s', '', 'g')"
    return value
