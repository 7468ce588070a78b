"""The picture of a group: what is over- and under-represented in it, in numbers, words and one page."""

from rooftree.segments.persona.compare import Comparison, compare
from rooftree.segments.persona.describe import describe
from rooftree.segments.persona.groups import of_class, of_segment
from rooftree.segments.persona.model import Description, Group, Landlord, Persona, Terms
from rooftree.segments.persona.persona import make_persona, portray, write
from rooftree.segments.persona.words import name_for

__all__ = [
    "Comparison",
    "Description",
    "Group",
    "Landlord",
    "Persona",
    "Terms",
    "compare",
    "describe",
    "make_persona",
    "name_for",
    "of_class",
    "of_segment",
    "portray",
    "write",
]
