"""Groups found in the data: a latent class model, the evidence for it, and placing by it."""

from rooftree.segments.discovery.finding import discover
from rooftree.segments.discovery.items import Item
from rooftree.segments.discovery.model import ClassModel, Discovery
from rooftree.segments.discovery.reporting import report, summary
from rooftree.segments.discovery.verdict import Thresholds

__all__ = ["ClassModel", "Discovery", "Item", "Thresholds", "discover", "report", "summary"]
