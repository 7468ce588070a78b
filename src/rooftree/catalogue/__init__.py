"""Loads and checks the definitions; a landlord's own folder overlays the shipped ones by key.

`load` gives the catalogue, `load_policies` the disclosure policies alone; `rows`, `to_ours` and
`from_ours` carry codes between frames.
"""

from rooftree.catalogue.frames import from_ours, rows, to_ours
from rooftree.catalogue.load import load, load_policies

__all__ = ["from_ours", "load", "load_policies", "rows", "to_ours"]
