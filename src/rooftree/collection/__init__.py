"""Asking and recording: what a question offers, what was typed, what is doubtful, and what to ask next.

Pure functions over the catalogue and over what is held of a subject. The register keeps the answers
(`rooftree.storage.answers`), the profile resolves them; nothing here reads a file, a clock or a form.
"""

from rooftree.collection.asking import Chances, Known, Next, next_questions
from rooftree.collection.choices import Choice, choices_of
from rooftree.collection.doubts import Circumstances, Doubt, doubts_of
from rooftree.collection.reading import NONE, Given, Read, Trouble, none_of, read, read_day
from rooftree.collection.standing import resolve_with, statement_of

__all__ = [
    "NONE",
    "Chances",
    "Choice",
    "Circumstances",
    "Doubt",
    "Given",
    "Known",
    "Next",
    "Read",
    "Trouble",
    "choices_of",
    "doubts_of",
    "next_questions",
    "none_of",
    "read",
    "read_day",
    "resolve_with",
    "statement_of",
]
