"""Sites and the people who work at them."""

from __future__ import annotations

import uuid
import zoneinfo
from datetime import date, datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from her2tracker.accounts.roles import Permission, Role

JURISDICTIONS = ("US", "EU")


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Write it like Europe/Madrid.")


class Site(models.Model):
    """A clinic. Due dates are this place's calendar days."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    # Whose labels bind here; figures that differ between jurisdictions are chosen by it.
    jurisdiction = models.CharField(max_length=2, choices=[(j, j) for j in JURISDICTIONS], default="US")
    phone = models.CharField(max_length=40, blank=True)
    is_demo = models.BooleanField(default=False)
    # After so many minutes without a sign of life a session ends; None: only at the end of its day.
    idle_minutes = models.PositiveSmallIntegerField(null=True, blank=True, default=30, db_default=30)
    # Roles whose people reach nothing without a second factor.
    second_factor_roles = ArrayField(models.CharField(max_length=20), default=list, db_default=[], blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(jurisdiction__in=JURISDICTIONS), name="accounts_site_jurisdiction_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def today(self, now: datetime | None = None) -> date:
        """The calendar day here. The only place where a page or task may ask the clock for a day."""
        return (now or timezone.now()).astimezone(self.zone).date()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        if not email:
            raise ValueError("a user needs an e-mail address")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """One person at one site in one role."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=[(r.value, r.label) for r in Role], blank=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="people")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        ordering = ["full_name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=["", *[r.value for r in Role]]), name="accounts_user_role_known"
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    # Someone without a role (Xavier) is signed in and may see nothing.
    @property
    def permissions(self) -> frozenset[Permission]:
        return Role(self.role).definition.permissions if self.role and self.is_active else frozenset()

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def role_label(self) -> str:
        return Role(self.role).label if self.role else "No role"

    # django.contrib.auth asks for these; access is decided by `may`, never by them.
    is_staff = False
    is_superuser = False

    def get_full_name(self) -> str:
        return str(self)

    def has_perm(self, perm: str, obj: object = None) -> bool:  # noqa: ARG002
        return False

    def has_module_perms(self, app_label: str) -> bool:  # noqa: ARG002
        return False
