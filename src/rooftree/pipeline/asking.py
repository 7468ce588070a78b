"""What the choice of the next question needs to know of the landlord as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rooftree.catalogue.model import Catalogue
from rooftree.collection.asking import Chances
from rooftree.segments.definition import load_segments
from rooftree.storage.engine import Engine


def readers_of(catalogue: Catalogue) -> Mapping[str, int]:
    """How many segments read each attribute. A segment that does not load reads nothing."""
    segments = load_segments(catalogue)
    return Counter(key for segment in segments for key in segment.reads)


def chances_of(engine: Engine) -> Chances:
    """How questions fared with everybody, from the snapshot that is attached."""
    rows = engine.rows("SELECT attribute, answered, asked FROM profile.completeness")
    return Chances(asked={key: (answered, asked) for key, answered, asked in rows})
