"""Carries codes between our lists and outside frames, and says so wherever meaning would be lost."""

from __future__ import annotations

from dataclasses import dataclass

from rooftree.catalogue.model import CodeList, FrameMap
from rooftree.vocabulary.errors import DefinitionError, Problem
from rooftree.vocabulary.states import State

#: The name of the frame that is no frame: values in our own codes.
OURS = "rooftree"


@dataclass(frozen=True, slots=True)
class Inward:
    """What one outside code means to us.

    `state` is None where the code is not mapped: it is unknown to the frame, or would need a guess.
    Such a value is kept raw and never guessed; `note` says why.
    """

    state: State | None
    value: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outward:
    """What one of our codes becomes in a frame. `raw` None: the frame has no word for it.

    `note` is not empty wherever the frame says less than our code did.
    """

    raw: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One line of a frame's map: the outside code in normal form, and what it means."""

    raw: str
    state: str | None
    value: str | None
    note: str


def normal(raw: str) -> str:
    """An outside code as it is compared: without blanks around it, in small letters.

    In SQL the same is `lower(trim(raw))`.
    """
    return raw.strip().lower()


def to_ours(code_list: CodeList, frame: str, raw: str) -> Inward:
    """What an outside code means: a state of knowledge, the value where it is answered, and a note.

    Raises DefinitionError where the code list has no such frame.
    """
    for row in rows(code_list, frame):
        if row.raw == normal(raw):
            return Inward(State(row.state) if row.state else None, row.value, row.note)
    return Inward(None, None, f"not a code of {frame} for {code_list.key}")


def from_ours(code_list: CodeList, frame: str, code: str) -> Outward:
    """What one of our codes becomes in a frame, with a note wherever the frame cannot say all of it.

    Raises DefinitionError where the list has no such frame or no such code.
    """
    if code not in code_list:
        raise DefinitionError(
            [Problem(f"code list {code_list.key}", f"has no code {code}.", "Check the code list.")]
        )
    if frame == OURS:
        return Outward(code)
    found = _frame(code_list, frame)
    return Outward(found.from_ours.get(code), found.lossy.get(code, ""))


def rows(code_list: CodeList, frame: str) -> list[FrameRow]:
    """The whole inward map of a frame, one row per outside code, in a stable order.

    A stage joins these rows to `lower(trim(raw))` in one pass. A row without state is ambiguous: the
    value stays raw, and `note` says why. An outside code without a row is unknown to the frame.
    """
    if frame == OURS:
        return [FrameRow(normal(code), State.ANSWERED.value, code, "") for code in code_list.keys]
    found = _frame(code_list, frame)
    answered = State.ANSWERED.value
    result = [FrameRow(normal(raw), answered, code, "") for raw, code in found.to_ours.items()]
    result += [FrameRow(normal(raw), state, None, "") for raw, state in found.states.items()]
    result += [FrameRow(normal(raw), None, None, why) for raw, why in found.ambiguous.items()]
    return sorted(result, key=lambda row: row.raw)


def _frame(code_list: CodeList, frame: str) -> FrameMap:
    if frame not in code_list.frames:
        known = ", ".join([OURS, *code_list.frames])
        raise DefinitionError(
            [Problem(f"code list {code_list.key}", f"has no frame {frame}.", f"It has: {known}.")]
        )
    return code_list.frames[frame]
