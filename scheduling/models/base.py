"""What every clinical row shares: a public id, and who wrote it when."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class Recorded(models.Model):
    """UUIDs in URLs; `by` and `at` locked together by being required both."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        abstract = True


def one_of(field: str, kind: type[StrEnum], name: str, *, blank: bool = False) -> models.CheckConstraint:
    """An enum column's CHECK constraint: the database refuses a word that the code does not know."""
    values: list[str] = [member.value for member in kind]
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": [*values, ""] if blank else values}), name=name)


def together(name: str, *fields: str) -> models.CheckConstraint:
    """Fields that are all set or all empty, such as who ended a hold, and when."""
    all_set: dict[str, Any] = {f"{field}__isnull": False for field in fields}
    none_set: dict[str, Any] = {f"{field}__isnull": True for field in fields}
    return models.CheckConstraint(condition=models.Q(**all_set) | models.Q(**none_set), name=name)


def choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """Choices in the enum's own labels."""
    return [(member.value, getattr(member, "label", member.value)) for member in kind]
