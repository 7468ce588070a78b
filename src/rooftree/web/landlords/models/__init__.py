"""The tables of landlords."""

from rooftree.web.landlords.models.landlord import Landlord

__all__ = ["Landlord"]
