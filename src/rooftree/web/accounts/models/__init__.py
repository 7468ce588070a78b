"""The tables of staff accounts."""

from rooftree.web.accounts.models.invitation import Invitation
from rooftree.web.accounts.models.user import User, UserPatch

__all__ = ["Invitation", "User", "UserPatch"]
