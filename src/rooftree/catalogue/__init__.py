"""Loads and checks the definitions; a landlord's own folder overlays the shipped ones by key.

`load` gives the catalogue; `rows`, `to_ours` and `from_ours` carry codes between frames.
"""

from rooftree.catalogue.frames import from_ours, rows, to_ours
from rooftree.catalogue.load import load

__all__ = ["from_ours", "load", "rows", "to_ours"]
