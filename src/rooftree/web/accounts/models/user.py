"""One member of staff."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from rooftree.web.accounts.roles import CHOICES, ROLES, Role
from rooftree.web.landlords.models import Landlord

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class UserManager(BaseUserManager["User"]):
    """Finds users by e-mail without regard to case, with their landlord, which every page needs."""

    def get_queryset(self) -> models.QuerySet[User]:
        """Users with their landlord in one query; the picture of its logo stays behind."""
        return super().get_queryset().select_related("landlord").defer("landlord__logo")

    def get_by_natural_key(self, username: str | None) -> User:
        """The user with this e-mail."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A member of staff of one landlord, with one role."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    landlord = models.ForeignKey(Landlord, on_delete=models.PROTECT, related_name="staff")
    landlord_id: int
    patches: RelatedManager[UserPatch]
    role = models.CharField(max_length=40, choices=CHOICES)
    is_active = models.BooleanField(default=True)
    is_demonstration = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:  # type: ignore[override]
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(Lower("email"), name="one_user_an_email"),)

    def __str__(self) -> str:
        return self.name

    @property
    def permitted(self) -> Role:
        """The role, with what it may do."""
        return ROLES[self.role]

    @cached_property
    def patch_codes(self) -> tuple[str, ...]:
        """The patches of an officer, in order."""
        return tuple(self.patches.order_by("code").values_list("code", flat=True))


class UserPatch(models.Model):
    """One patch that an officer looks after."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="patches")
    code = models.CharField(max_length=60)

    class Meta:
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=("user", "code"), name="a_patch_once_a_user"),
        )

    def __str__(self) -> str:
        return self.code
