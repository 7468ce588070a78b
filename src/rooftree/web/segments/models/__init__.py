"""The tables of this app."""

from __future__ import annotations

from rooftree.web.segments.models.proposal import MOVES, Proposal, State

__all__ = ["MOVES", "Proposal", "State"]
