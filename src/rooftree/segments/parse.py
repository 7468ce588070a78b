"""From text to nodes, by recursive descent. Nothing is ever evaluated.

Any text gives a rule or a `RuleError` that holds every problem found: after a problem the reader goes
on with the next `and`, `or` or closing bracket. Depth and length are bounded, so no text can hang or
exhaust it. Names stay `Name` here; `check` decides what each one is.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable

from rooftree.segments.errors import RuleError
from rooftree.segments.nodes import (
    And,
    Between,
    Compare,
    Comparison,
    Events,
    Followed,
    Happened,
    Includes,
    InSegment,
    IsTrue,
    Knowing,
    Matches,
    Members,
    Name,
    Node,
    Not,
    OneOf,
    Operand,
    Or,
    Span,
    StateIs,
    Window,
)  # fmt: skip
from rooftree.segments.words import (
    COMPARISONS,
    COUNTS,
    KEYWORDS,
    MEMBER_WORDS,
    MOST_PARTS,
    STATES,
    Stuck,
    Words,
    code_of,
    shown,
)  # fmt: skip


def parse(text: str, *, where: str = "rule") -> Node:
    """The rule that a text says. Raises RuleError with every problem of its form, each with its place."""
    reader = _Reader(text)
    try:
        node = reader.rule()
    except Stuck:  # too deep: the rest was not read
        node = None
    if reader.faults or node is None:
        raise RuleError(reader.faults, text, where=where)
    return node


class _Reader(Words):
    """Reads conditions and how they are joined."""

    # --- boolean structure ---------------------------------------------------------------------

    def rule(self) -> Node | None:
        if self.word.sort == "end":
            if not self.faults:
                self.fault(
                    self.word.at, "the rule is empty.", "Write a condition, such as: age >= 65"
                )
            return None
        node = self.any_of()
        while self.word.sort != "end":
            extra = self.take()
            if extra.sort != "bad" and not self.faults:
                what = f"{shown(extra)} does not follow on what stands before it."
                self.fault(extra.at, what, "Join conditions with: and, or.")
            node = self.any_of() if self.word.sort != "end" else None
        return node

    def any_of(self) -> Node | None:
        return self._joined("or", Or, self.all_of)

    def all_of(self) -> Node | None:
        return self._joined("and", And, self.opposite)

    def _joined(
        self, joint: str, node: type[And] | type[Or], part: Callable[[], Node | None]
    ) -> Node | None:
        start = self.word.at
        parts = [part()]
        while self.skip(joint):
            parts.append(part())
        if len(parts) > MOST_PARTS:
            self.fault(
                start,
                f"{len(parts)} conditions are joined by '{joint}'; at most {MOST_PARTS} are read.",
            )
        if len(parts) == 1:
            return parts[0]
        known = [one for one in parts if one is not None]
        return node(tuple(known), at=self.since(start)) if len(known) == len(parts) else None

    def opposite(self) -> Node | None:
        start = self.word.at
        if self.next_is("not"):
            self.take()
            part = self.deeper(self.opposite)
            return Not(part, at=self.since(start)) if part is not None else None
        return self.guarded()

    def guarded(self) -> Node | None:
        """One condition; after a problem, reading goes on behind it."""
        begin = self.depth
        try:
            return self.condition()
        except Stuck:
            self.depth = begin
            self._go_on()
            return None

    def _go_on(self) -> None:
        """To the next joint or the bracket that closes what is open here."""
        open_ones = 0
        while self.word.sort != "end":
            if self.next_is("("):
                open_ones += 1
            elif self.next_is(")"):
                if open_ones == 0:
                    return
                open_ones -= 1
            elif open_ones == 0 and (self.next_is("and") or self.next_is("or")):
                return
            self.take()

    def bracketed(self, what: str) -> Node | None:
        """`( rule )`, after the word that says what it is about."""
        self.need("(", f"Write the condition on {what} in brackets.")
        node = self.deeper(self.any_of)
        self.need(")", "Close the bracket.")
        return node

    # --- conditions ----------------------------------------------------------------------------

    def condition(self) -> Node | None:
        start = self.word.at
        if self.next_is("("):
            return self._bracket_or_sum(start)
        if self.next_is("in", "segment"):
            return self._in_segment(start)
        if self.next_is("lead", "tenant"):
            self.place += 2
            return self._members(start, "lead", None, None)
        if self.next_is("every"):
            self.take()
            return self._every(start)
        counted = self._counted(start)
        if counted is not None:
            return counted
        if self.word.sort == "word" and self._begins_sequence():
            return self._followed(start)
        return self._about_value(start)

    def _bracket_or_sum(self, start: Span) -> Node | None:
        """A bracket holds a condition, or a sum that is then compared."""
        mark = (self.place, len(self.faults), self.depth)
        self.take()
        node = self.deeper(self.any_of)
        if self.next_is(")") and isinstance(node, IsTrue) | (node is None):
            after = self.words[self.place + 1]
            compared = after.sort == "mark" and after.text not in (")", ",", "(")
            if compared or (after.sort == "word" and after.text in ("between", "in", "not")):
                self.place, self.depth = mark[0], mark[2]
                del self.faults[mark[1] :]
                return self._about_value(start)
        self.need(")", "Close the bracket.")
        return node

    def _in_segment(self, start: Span) -> Node:
        self.place += 2
        key = self.take()
        if key.sort not in ("word", "text"):
            self.place -= 1
            self.stuck(
                "the name of a segment is expected.", "Write: in segment overcrowded", key.at
            )
        return InSegment(key.text, at=self.since(start))

    def _every(self, start: Span) -> Node | None:
        if not (self.skip("member") or self.skip("members")):
            self.stuck(
                "'every' asks of the members of the household.", "Write: every member (age >= 60)"
            )
        return self._members(start, "every", None, None)

    def _members(self, start: Span, how: str, op: Comparison | None, n: int | None) -> Node | None:
        where = self.bracketed("the member")
        return Members(how, where, op, n, at=self.since(start)) if where is not None else None

    def _counted(self, start: Span) -> Node | None:
        """any, no, at least 3 ... of events or members; None where the words do not begin one."""
        if self.next_is("any") or self.next_is("no"):
            how = self.take().text
            if self.word.text in MEMBER_WORDS and self.word.sort == "word":
                self.take()
                return self._members(start, how, None, None)
            op, n = (Comparison.AT_LEAST, 1) if how == "any" else (Comparison.EQUAL, 0)
            return self._happened(start, op, n)
        for words, op in COUNTS.items():
            if self.skip(*words):
                n = self.whole(f"{' '.join(words)} 3")
                if self.word.text in MEMBER_WORDS and self.word.sort == "word":
                    self.take()
                    return self._members(start, "count", op, n)
                return self._happened(start, op, n)
        return None

    def _events(self) -> Events | None:
        name = self.take()
        if name.sort != "word" or name.text in KEYWORDS:
            self.place -= name.sort != "end"
            self.stuck(
                "the name of an event, or 'member', is expected.",
                "Write: any repair, no contact, at least 2 members (...)",
                name.at,
            )
        where = None
        if self.skip("where"):
            where = self.bracketed(name.text)
            if where is None:
                return None
        return Events(name.text, where, at=self.since(name.at))

    def _happened(self, start: Span, op: Comparison, n: int) -> Node | None:
        events = self._events()
        window = self._window()
        return Happened(events, op, n, window, at=self.since(start)) if events is not None else None

    def _window(self) -> Window | None:
        start = self.word.at
        if not self.next_is("in", "the", "last"):
            if self.next_is("in", "last") or self.next_is("last") or self.next_is("within"):
                self.stuck(
                    "a window of time is written 'in the last 90 days'.",
                    "Write: in the last 90 days",
                )
            return None
        self.place += 3
        n = self.whole("in the last 90 days")
        unit = self.time()
        if n == 0 or n > 1_000:
            self.fault(
                self.since(start), f"a window of {n} {unit} is not possible.", "Use 1 to 1000."
            )
        return Window(n, unit, at=self.since(start))

    def _begins_sequence(self) -> bool:
        """`repair then ...` or `repair where (...) then ...`: the bracket is looked past, not read."""
        after = self.words[min(self.place + 1, len(self.words) - 1)]
        return (
            after.sort == "word"
            and after.text in ("then", "where")
            and self.word.text not in KEYWORDS
        )

    def _followed(self, start: Span) -> Node | None:
        first = self._events()
        if not self.skip("then"):
            self.stuck(
                "'where' belongs to an event that is counted or followed by another.",
                "Write: any repair where (...), or: repair where (...) then contact within 30 days",
            )
        then = self._events()
        self.need("within", "Say how soon after: within 30 days")
        days = self.whole("within 30 days")
        unit = self.time()
        if unit not in ("days", "weeks"):
            self.fault(
                self.since(start),
                "the time between two events is counted in days or weeks.",
                "Write: within 30 days",
            )
        if days > 10_000:
            self.fault(
                self.since(start),
                "the time between two events is too long.",
                "Use at most 10000 days.",
            )
        window = self._window()
        if first is None or then is None:
            return None
        return Followed(
            first, then, days * (7 if unit == "weeks" else 1), window, at=self.since(start)
        )

    # --- conditions about one value ------------------------------------------------------------

    def _about_value(self, start: Span) -> Node:
        left = self.sum()
        if self.word.sort == "mark" and self.word.text in COMPARISONS:
            op = Comparison(self.take().text)
            return Compare(left, op, self.sum(), at=self.since(start))
        negated = (
            self.next_is("not", "in")
            or self.next_is("not", "between")
            or self.next_is("not", "includes")
        )
        negated = (
            negated
            or self.next_is("not", "contains")
            or self.next_is("not", "starts")
            or self.next_is("not", "ends")
        )
        if negated:
            self.take()
        node = self._plain(start, left)
        return Not(node, at=self.since(start)) if negated else node

    def _plain(self, start: Span, left: Operand) -> Node:
        if self.skip("between"):
            low = self.sum()
            self.need("and", "Write: between 2 and 8")
            return Between(left, low, self.sum(), at=self.since(start))
        if self.next_is("in") and not self.next_is("in", "the"):
            self.take()
            return OneOf(left, self.list(), at=self.since(start))
        if not isinstance(left, Name):
            self.stuck(
                f"a comparison is expected {self.here()}.",
                "Write one of: = != < <= > >= between, in (...)",
            )
        assert isinstance(left, Name)
        return self._of_field(start, left)

    def _of_field(self, start: Span, left: Name) -> Node:
        if self.skip("includes"):
            how = "all" if self.skip("all", "of") else "any"
            if how == "any":
                self.skip("any", "of")
            return Includes(
                left,
                how,
                self.list() if self.next_is("(") else (self.listed(),),
                at=self.since(start),
            )
        for words, how in (
            (("starts", "with"), "starts_with"),
            (("ends", "with"), "ends_with"),
            (("contains",), "contains"),
        ):
            if self.skip(*words):
                return Matches(left, how, self.text(), at=self.since(start))
        if self.skip("is"):
            return self._state(start, left)
        if self.word.sort in ("word", "text", "number", "money", "date") and not self._may_follow():
            self.stuck(
                f"a comparison is expected {self.here()}.",
                "Write one of: = != < <= > >= between, in (...), is refused, includes",
            )
        return IsTrue(left, at=left.at)

    def _may_follow(self) -> bool:
        return self.word.sort == "word" and self.word.text in ("and", "or")

    def _state(self, start: Span, left: Name) -> Node:
        negated = self.skip("not")
        word = self.take()
        text = word.text
        if (
            word.sort == "word"
            and self.word.sort == "word"
            and f"{text}_{self.word.text}" in STATES
        ):
            text = (
                f"{text}_{self.take().text}"  # "dont know", "not asked", "in conflict" in two words
            )
        elif negated and f"not_{text}" in STATES:
            negated, text = (
                False,
                f"not_{text}",
            )  # "is not asked" is the state, not the opposite of "asked"
        text = "answered" if text == "known" else text
        if word.sort != "word" or text not in STATES:
            self.place -= word.sort != "end"
            near = difflib.get_close_matches(text, sorted(STATES), 1)
            remedy = (
                f"Did you mean {near[0]}?"
                if near
                else f"For a value write: {left.word} = {code_of(word)}. States: {', '.join(sorted(STATES))}."
            )
            self.stuck(
                f"'is' asks for a state of knowledge, and {shown(word)} is none.", remedy, word.at
            )
        node = StateIs(left, Knowing(text), at=self.since(start))
        return Not(node, at=self.since(start)) if negated else node
