"""The words of a rule one after another, and the values among them: what the parser reads with."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

from rooftree.segments.errors import Fault
from rooftree.segments.nodes import (
    Arithmetic,
    AsOf,
    Comparison,
    Elapsed,
    Kind,
    Knowing,
    Literal,
    Name,
    Operand,
    Span,
)
from rooftree.segments.tokens import Token, tokens

_T = TypeVar("_T")

#: Brackets within brackets, and parts of one `and` or `or`; a longer list is a table, not a rule.
DEEPEST, MOST_PARTS, MOST_VALUES, MOST_TERMS = 40, 500, 1_000, 20

COMPARISONS = tuple(comparison.value for comparison in Comparison)
STATES = {state.value for state in Knowing}
MEMBER_WORDS = ("member", "members")
TIME = {"day": "days", "week": "weeks", "month": "months", "year": "years"}
COUNTS = {
    ("at", "least"): Comparison.AT_LEAST,
    ("at", "most"): Comparison.AT_MOST,
    ("more", "than"): Comparison.MORE,
    ("fewer", "than"): Comparison.LESS,
    ("exactly",): Comparison.EQUAL,
}
#: Words that begin or join something: a code of that name is written in quotes.
KEYWORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "is",
        "between",
        "starts",
        "ends",
        "with",
        "contains",
        "includes",
        "any",
        "all",
        "every",
        "no",
        "at",
        "least",
        "most",
        "more",
        "fewer",
        "than",
        "exactly",
        "where",
        "the",
        "last",
        "then",
        "within",
        "lead",
        "tenant",
        "member",
        "members",
        "segment",
        "days",
        "months",
        "years",
        "since",
        "until",
        "as_of",
        "true",
        "false",
    ]
)


class Stuck(Exception):
    pass


class Words:
    """A text as words, with a place to read from and the problems found so far."""

    def __init__(self, text: str) -> None:
        self.words, self.faults = tokens(text)
        self.place = 0
        self.depth = 0

    @property
    def word(self) -> Token:
        return self.words[self.place]

    def take(self) -> Token:
        word = self.words[self.place]
        if word.sort != "end":
            self.place += 1
        return word

    def next_is(self, *texts: str) -> bool:
        """Are the next words these? A quoted text is never a keyword."""
        ahead = self.words[self.place : self.place + len(texts)]
        return len(ahead) == len(texts) and all(
            word.sort in ("word", "mark") and word.text == text
            for word, text in zip(ahead, texts, strict=True)
        )

    def skip(self, *texts: str) -> bool:
        if self.next_is(*texts):
            self.place += len(texts)
            return True
        return False

    def need(self, text: str, remedy: str) -> None:
        if not self.skip(text):
            self.stuck(f"'{text}' is expected {self.here()}.", remedy)

    def here(self) -> str:
        return "at the end" if self.word.sort == "end" else f"before {shown(self.word)}"

    def since(self, start: Span) -> Span:
        return Span(start.start, self.words[max(self.place - 1, 0)].at.end)

    def fault(self, at: Span, what: str, remedy: str = "") -> None:
        self.faults.append(Fault(at, what, remedy))

    def stuck(self, what: str, remedy: str = "", at: Span | None = None) -> NoReturn:
        """Report a problem and go on behind it."""
        if self.word.sort != "bad":  # a bad word has said so itself
            self.fault(at or self.word.at, what, remedy)
        raise Stuck

    def deeper(self, read: Callable[[], _T]) -> _T:
        """Read one bracket deeper."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.fault(
                self.word.at,
                f"brackets stand more than {DEEPEST} deep.",
                "Split the rule with: in segment.",
            )
            self.place = len(self.words) - 1
            raise Stuck
        result = read()
        self.depth -= 1
        return result

    def whole(self, example: str) -> int:
        number = self.take()
        if number.sort != "number" or not isinstance(number.value, int):
            self.place -= number.sort != "end"
            self.stuck("a whole number is expected.", f"Write: {example}", number.at)
        assert isinstance(number.value, int)
        return number.value

    def time(self) -> str:
        word = self.take()
        unit = TIME.get(word.text.removesuffix("s")) if word.sort == "word" else None
        if unit is None:
            self.place -= word.sort != "end"
            self.stuck(
                "days, weeks, months or years are expected.", "Write: in the last 90 days", word.at
            )
        assert unit is not None
        return unit

    def list(self) -> tuple[Name | Literal, ...]:
        self.need("(", "Write the values in brackets: (a, b)")
        values = [self.listed()]
        while self.skip(","):
            values.append(self.listed())
        if len(values) > MOST_VALUES:
            self.fault(
                self.word.at, f"{len(values)} values are listed; at most {MOST_VALUES} are read."
            )
        self.need(")", "Separate values with a comma, and close the bracket.")
        return tuple(values)

    def listed(self) -> Name | Literal:
        """A value of a list: a code or a literal."""
        at = self.word.at
        value = self.negative(at) if self.skip("-") else self.value()
        if isinstance(value, AsOf):
            self.stuck("as_of does not belong in a list.", "Compare with = instead.", at)
        return value

    def text(self) -> str:
        word = self.take()
        if word.sort != "text":
            self.place -= word.sort != "end"
            self.stuck(
                "a text in quotes is expected.", "Write: estate starts with 'North'", word.at
            )
        return word.text

    def sum(self) -> Operand:
        start = self.word.at
        left = self.product()
        n_terms = 1
        while self.next_is("+") or self.next_is("-"):
            n_terms += 1
            if n_terms > MOST_TERMS:
                self.stuck(
                    f"a sum has more than {MOST_TERMS} terms.", "Ask for a feature that holds it."
                )
            op = self.take().text
            left = Arithmetic(op, left, self.product(), at=self.since(start))
        return left

    def product(self) -> Operand:
        start = self.word.at
        left = self.single()
        n_terms = 1
        while self.skip("*"):
            n_terms += 1
            if n_terms > MOST_TERMS:
                self.stuck(
                    f"a product has more than {MOST_TERMS} terms.",
                    "Ask for a feature that holds it.",
                )
            left = Arithmetic("*", left, self.single(), at=self.since(start))
        return left

    def single(self) -> Operand:
        start = self.word.at
        if self.skip("("):
            inside = self.deeper(self.sum)
            self.need(")", "Close the bracket.")
            return inside
        if self.next_is("-"):
            self.take()
            return self.negative(start)
        if self.word.text in TIME.values() and self.words[self.place + 1].text in (
            "since",
            "until",
        ):
            return self.elapsed(start)
        return self.value()

    def negative(self, start: Span) -> Literal:
        value = self.value()
        if not isinstance(value, Literal) or value.kind not in (Kind.NUMBER, Kind.MONEY):
            self.stuck("'-' stands before a number or between two values.", "", start)
        assert isinstance(value, Literal)
        assert isinstance(value.value, int | float)
        return Literal(-value.value, value.kind, at=self.since(start))

    def elapsed(self, start: Span) -> Elapsed:
        unit, direction = self.take().text, self.take().text
        if unit == "weeks":
            self.fault(
                start, "weeks since a date are not counted.", "Count days: days since ... > 28"
            )
            unit = "days"
        name = self.take()
        if name.sort != "word":
            self.place -= name.sort != "end"
            self.stuck(
                "the name of a date is expected.",
                "Write: days since last_contact_in_on > 90",
                name.at,
            )
        return Elapsed(unit, direction, Name(name.text, at=name.at), at=self.since(start))

    def value(self) -> Name | Literal | AsOf:  # type: ignore[override]
        word = self.take()
        if word.kind is not None:
            return Literal(word.value, word.kind, at=word.at)
        if word.sort == "word":
            if word.text in ("true", "false"):
                return Literal(word.text == "true", Kind.BOOLEAN, at=word.at)
            if word.text == "as_of":
                return AsOf(at=word.at)
            if word.text not in KEYWORDS:
                return Name(word.text, at=word.at)
        self.place -= word.sort not in ("end",)
        remedy = (
            f"To use {word.text} as a code, quote it: '{word.text}'."
            if word.sort == "word"
            else "Write a field, a code, a number, £, a date or a text in quotes."
        )
        self.stuck(f"a value is expected {self.here()}.", remedy, word.at)
        raise AssertionError


def shown(word: Token) -> str:
    return f"'{word.text[:40]}'" if word.sort != "end" else "the end"


def code_of(word: Token) -> str:
    return (
        word.text[:40]
        if word.sort == "word" and word.text not in KEYWORDS
        else f"'{word.text[:40]}'"
    )
