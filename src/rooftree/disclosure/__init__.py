"""The one door through which counts and statistics leave.

`protect` makes a table safe to publish, `audit` attacks a published table as a reader would, `door`
shows single numbers, and `Ledger` remembers what was released and refuses what would tell together.
"""

from rooftree.disclosure import door
from rooftree.disclosure.audit import audit
from rooftree.disclosure.door import Figure
from rooftree.disclosure.ledger import Finding, Ledger, Note, Release
from rooftree.disclosure.protect import find_policy, protect
from rooftree.disclosure.result import Protected, Report

__all__ = [
    "Figure",
    "Finding",
    "Ledger",
    "Note",
    "Protected",
    "Release",
    "Report",
    "audit",
    "door",
    "find_policy",
    "protect",
]
