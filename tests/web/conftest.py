"""Django for these tests only, on a scratch workspace; and the fixed cast who appear in them.

Everything here is made up: a landlord of 60 homes, made and run once, and one member of staff a role.
"""

from __future__ import annotations

import atexit
import datetime as dt
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import django
import pytest

_SCRATCH = Path(tempfile.mkdtemp(prefix="rooftree-web-"))
atexit.register(shutil.rmtree, _SCRATCH, ignore_errors=True)
(_SCRATCH / "rooftree.toml").write_text('name = "Scratch"\n')
for _name in [name for name in os.environ if name.startswith("ROOFTREE_WEB_")]:
    if _name != "ROOFTREE_WEB_DATABASE":  # the tests on PostgreSQL name their server
        del os.environ[_name]
os.environ["ROOFTREE_WEB_WORKSPACE"] = str(_SCRATCH)
os.environ["DJANGO_SETTINGS_MODULE"] = "rooftree.web.config.settings"

from django.conf import settings  # noqa: E402

# The tests need no style sheet, and no slow hash.
settings.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "whitenoise" not in each]
django.setup()

from allauth.account.internal.flows.login import record_authentication  # noqa: E402
from allauth.account.models import EmailAddress  # noqa: E402
from allauth.mfa.models import Authenticator  # noqa: E402
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes  # noqa: E402
from allauth.mfa.totp.internal.auth import TOTP  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.test import Client, RequestFactory  # noqa: E402

from rooftree.web.accounts.models import User, UserPatch  # noqa: E402
from rooftree.web.accounts.roles import ROLES  # noqa: E402
from rooftree.web.landlords.models import Landlord  # noqa: E402
from rooftree.web.landlords.opened import Opened, opened  # noqa: E402
from tests.lib.demo import shared_demo  # noqa: E402

AS_OF = dt.date(2026, 3, 31)
PASSWORD = "correct-horse-battery-staple"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up landlord with one published snapshot; not to be changed."""
    return shared_demo(tmp_path_factory)


@pytest.fixture
def landlord(db: None, demo: Path) -> Landlord:
    """The landlord of the made-up homes."""
    return Landlord.objects.create(name="Harrowmere", workspace=str(demo))


@pytest.fixture
def other_landlord(db: None, tmp_path: Path) -> Landlord:
    """Another landlord of the same installation, with an empty workspace."""
    (tmp_path / "rooftree.toml").write_text('name = "Elsewhere"\n')
    return Landlord.objects.create(name="Elsewhere", workspace=str(tmp_path))


@pytest.fixture
def data(landlord: Landlord) -> Opened:
    """The landlord's snapshot, open."""
    return opened(landlord)


_NUMBERS = itertools.count(1)


def make_user(
    landlord: Landlord, role: str, *, patches: tuple[str, ...] = (), email: str = ""
) -> User:
    """A member of staff with password and second factor."""
    user = User(
        landlord=landlord,
        role=role,
        name=f"{ROLES[role].label} Test",
        email=email or f"{role}-{next(_NUMBERS)}@{landlord.pk}.example",
    )
    user.set_password(PASSWORD)
    user.save()
    UserPatch.objects.bulk_create([UserPatch(user=user, code=code) for code in patches])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


@pytest.fixture
def staff(landlord: Landlord, data: Opened) -> Callable[..., User]:
    """Make a member of staff of the landlord; an officer has the first patch."""

    def make_one(role: str = "housing_officer", patches: tuple[str, ...] | None = None) -> User:
        own = patches if patches is not None else tuple(data.lookup.groups()[:1])
        return make_user(landlord, role, patches=() if ROLES[role].whole_landlord else own)

    return make_one


def signed_in(user: User, *, factors: tuple[str, ...] = ("password", "mfa")) -> Client:
    """A browser of somebody who proved these factors."""
    client = Client()
    client.force_login(user)
    request = RequestFactory().get("/")
    request.session = SessionStore(client.session.session_key)
    request.user = user
    for factor in factors:
        record_authentication(request, user, method=factor, reauthenticated=True)
    request.session.save()
    return client


@dataclass(frozen=True)
class People:
    """People of the made-up landlord whom the tests look at."""

    mine: str  # lives in the first patch now
    elsewhere: str  # lives in another patch now
    mine_name: str


@pytest.fixture
def people(data: Opened) -> People:
    """One customer in the first patch, and one in another."""
    first = data.lookup.groups()[0]
    with data.engine() as engine:
        rows = engine.rows(
            """SELECT m.person_id, h.patch, p.family_name FROM identity.member m
            JOIN identity.tenancy t USING (tenancy_id) JOIN identity.home h ON h.home_id = t.home_id
            JOIN identity.person p USING (person_id)
            WHERE m.is_current AND m.role = 'tenant' AND h.patch IS NOT NULL AND p.date_of_birth IS NOT NULL
            ORDER BY m.person_id"""
        )
    mine, _, name = next(
        row
        for row in rows
        if row[1] == first and not data.lookup.is_within(row[0], data.lookup.groups()[1:])
    )
    elsewhere = next(
        row[0] for row in rows if row[1] != first and not data.lookup.is_within(row[0], [first])
    )
    return People(mine, elsewhere, name)


__all__ = ["AS_OF", "PASSWORD", "SECRET", "Authenticator", "make_user", "signed_in"]
