"""Groups of customers: found in the data, or written as rules."""

from rooftree.segments.discovery import discover

__all__ = ["discover"]
