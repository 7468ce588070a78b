"""Small pieces of Markdown that the reference pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTICE = "<!-- Generated from src/rooftree/definitions by `make docs`: change the definitions, not this page. -->"


def page(title: str, *blocks: str, notice: str = NOTICE) -> str:
    """A page: notice, title, and blocks with a blank line between them."""
    return "\n\n".join([notice, f"# {title}", *(block for block in blocks if block)]) + "\n"


def cell(text: str) -> str:
    """Text that is safe in a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; empty where there are no rows."""
    lines = [f"| {' | '.join(cell(text) for text in row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *lines])


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """A table of facts, leaving out those that are not given."""
    return table(("fact", "value"), [pair for pair in pairs if pair[1]])


def code(text: str) -> str:
    """A word as it is written in a definition or an extract."""
    return f"`{text}`" if text else ""


def codes(words: Iterable[str]) -> str:
    """Several such words, with commas."""
    return ", ".join(code(word) for word in words)


def link(word: str, target: str) -> str:
    """A link to the section of a definition on another page."""
    return f"[{word}]({target}#{word.lower()})"


def links(words: Iterable[str], target: str) -> str:
    """Several such links, with commas."""
    return ", ".join(link(word, target) for word in words)
