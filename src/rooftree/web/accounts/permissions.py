"""What a page needs, said on the page's function; and whom a user may see. Who may is asked nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from allauth.account.decorators import reauthentication_required

from rooftree.web.accounts.models import User
from rooftree.web.accounts.roles import Can

View = TypeVar("View", bound=Callable[..., Any])
#: A page for everybody who is signed in.
ANYBODY = "anybody"


def needs(what: Can | str) -> Callable[[View], View]:
    """Say what a view needs: a capability, or ANYBODY who is signed in. The middleware refuses the rest."""

    def mark(view: View) -> View:
        view.needs = what  # type: ignore[attr-defined]
        return view

    return mark


def recently(view: View) -> View:
    """Ask for a fresh proof (password or second factor, within ten minutes) before a page that changes access."""
    return reauthentication_required()(view)  # type: ignore[return-value]


def can(user: User, what: Can) -> bool:
    """Whether the user's role has this capability."""
    return what in user.permitted.can


def scope(user: User) -> tuple[str, ...] | None:
    """The patches whose people the user may see; None is the whole landlord, () is nobody."""
    return None if user.permitted.whole_landlord else user.patch_codes
