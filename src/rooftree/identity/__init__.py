"""Who is who: one record per person across systems; people, households, tenancies and homes as one graph."""

from rooftree.identity.linking import Links, link, link_new
from rooftree.identity.model import Model

__all__ = ["Links", "Model", "link", "link_new"]
