"""From the text of a rule to its words, each with its place.

A character that has no meaning in a rule becomes a `bad` word and is reported with the others, so
that one round of mending is enough. Nothing here is slow on any text: one pass, no backtracking.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from rooftree.segments.errors import Fault
from rooftree.segments.nodes import Kind, Span, Value

#: Longest rule, in characters: ten times the longest that anybody would want to read.
LONGEST = 20_000
#: Largest number that a rule may hold: beyond it a double can no longer count by ones.
LARGEST = 2**53

_PATTERN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<date>\d{4}-\d{2}-\d{2}(?![\w.]))
    |(?P<money>£\d+(?:,\d{3})*(?:\.\d+)?(?![\w.]))
    |(?P<number>\d+(?:\.\d+)?(?![\w.]))
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>'(?:[^']|'')*')
    |(?P<mark><=|>=|!=|<>|==|[=<>(),+\-*])
    |(?P<bad>[0-9£][\w.£]*|.)""",
    re.VERBOSE | re.DOTALL,
)
_THOUSANDS = re.compile(r"£\d{1,3}(,\d{3})+(\.\d\d)?|£\d+(\.\d\d)?")


@dataclass(frozen=True, slots=True)
class Token:
    """One word. `sort`: word, text, number, money, date, mark, bad or end; `text` as written."""

    sort: str
    text: str
    at: Span
    value: Value = ""
    kind: Kind | None = None


def tokens(text: str) -> tuple[list[Token], list[Fault]]:
    """All words of a rule, an `end` last, and what is wrong with single ones."""
    faults: list[Fault] = []
    if len(text) > LONGEST:
        what = f"the rule is {len(text):,} characters long; at most {LONGEST:,} are read."
        return [Token("end", "", Span(LONGEST, LONGEST))], [
            Fault(
                Span(LONGEST, len(text)),
                what,
                "Split it into segments and combine them with: in segment.",
            )
        ]
    found: list[Token] = []
    for match in _PATTERN.finditer(text):
        sort = match.lastgroup or "bad"
        if sort != "space":
            found.append(_token(sort, match.group(), Span(*match.span()), faults))
    found.append(Token("end", "", Span(len(text), len(text))))
    return found, faults


def _token(sort: str, text: str, at: Span, faults: list[Fault]) -> Token:
    if sort == "word":
        return Token("word", text.lower(), at)
    if sort == "text":
        return _quoted(text, at, faults)
    if sort == "number":
        return _number(text, at, faults)
    if sort == "money":
        return _money(text, at, faults)
    if sort == "date":
        return _date(text, at, faults)
    if sort == "mark":
        return Token("mark", {"<>": "!=", "==": "="}.get(text, text), at)
    faults.append(_bad(text, at))
    return Token("bad", text, at)


def _quoted(text: str, at: Span, faults: list[Fault]) -> Token:
    inner = text[1:-1].replace("''", "'")
    if any(ord(character) < 32 for character in inner):
        faults.append(
            Fault(
                at,
                "a quoted text holds a line break or a control character.",
                "Keep it on one line.",
            )
        )
    return Token("text", inner, at, inner, Kind.TEXT)


def _number(text: str, at: Span, faults: list[Fault]) -> Token:
    value = float(text) if "." in text else int(text) if len(text) <= 17 else LARGEST + 1
    if value > LARGEST:
        faults.append(
            Fault(at, "the number is too large to compare exactly.", "Write a smaller one.")
        )
        value = 0
    return Token("number", text, at, value, Kind.NUMBER)


def _money(text: str, at: Span, faults: list[Fault]) -> Token:
    pence = 0
    if _THOUSANDS.fullmatch(text) is None:
        faults.append(
            Fault(
                at,
                f"{text} is no sum of money.",
                "Write pounds, or pounds and two digits of pence: £1,250.50",
            )
        )
    else:
        pounds, _, rest = text[1:].replace(",", "").partition(".")
        pence = int(pounds[:17]) * 100 + int(rest or 0)
        if len(pounds) > 12:
            faults.append(
                Fault(at, "the sum is too large to compare exactly.", "Write a smaller one.")
            )
            pence = 0
    return Token("money", text, at, pence, Kind.MONEY)


def _date(text: str, at: Span, faults: list[Fault]) -> Token:
    try:
        value = dt.date.fromisoformat(text)
    except ValueError:
        faults.append(Fault(at, f"there is no day {text}.", "Write year, month, day: 2026-03-31."))
        value = dt.date(2000, 1, 1)
    return Token("date", text, at, value, Kind.DATE)


def _bad(text: str, at: Span) -> Fault:
    if text == "'":
        return Fault(
            at, "a quoted text is not closed.", "Put ' at its end; a ' inside is written twice."
        )
    if text in ('"', "`", "‘", "’", "“", "”"):
        return Fault(at, f"{text} does not quote a text here.", "Use ' before and after.")
    if text in ("&", "|", "!"):
        return Fault(at, f"{text} has no meaning in a rule.", "Write: and, or, not.")
    if text in ("/", "%", "^"):
        return Fault(
            at,
            f"a rule cannot use {text}.",
            "Compare with a product, or ask for a feature that holds the result.",
        )
    if text[0].isdigit():
        return Fault(
            at,
            f"{text[:40]} is neither a number, a date nor a word.",
            "Quote a code that begins with a digit: 'code'.",
        )
    if text[0] == "£":
        return Fault(
            at,
            f"{text[:40]} is no sum of money.",
            "Write pounds, or pounds and two digits of pence: £1,250.50",
        )
    shown = text if text.isprintable() else f"character {ord(text):#x}"
    return Fault(at, f"{shown} has no meaning in a rule.", "Take it out.")
