"""Purposes, sensitivity and retention: pure rules that say yes or no, and why."""

from rooftree.governance.purposes import (
    check_may_count,
    check_may_select,
    may_count,
    may_select,
)
from rooftree.governance.retention import retention_ends_on
from rooftree.governance.sensitivity import most_sensitive, rank

__all__ = [
    "check_may_count",
    "check_may_select",
    "may_count",
    "may_select",
    "most_sensitive",
    "rank",
    "retention_ends_on",
]
