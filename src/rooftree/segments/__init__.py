"""Segments: groups of customers that are defined in one small language, found, explained and kept over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rooftree.segments.discovery import discover as discover

__all__ = ["discover"]


def __getattr__(name: str) -> object:
    """`discover` when it is asked for: a page or command that counts a segment needs no numerical library."""
    if name == "discover":
        from rooftree.segments.discovery import discover

        return discover
    raise AttributeError(name)
