"""Published means frozen: a file's version becomes a row that nothing changes, and publishing it is an act."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pgtrigger
from django.db import models

from her2tracker.audit.acts import act
from her2tracker.lib.catalog import CatalogError, Definition


class FrozenVersion(models.Model):
    """One published version of one data file. A change is a new version; the database refuses any other."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=160)
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["name", "-version"]
        triggers = [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


V = TypeVar("V", bound=FrozenVersion)


@dataclass(frozen=True, slots=True)
class Publishable:
    """A validated file. `more` are the columns that only this kind of row has."""

    definition: Definition
    name: str
    more: dict[str, Any] = field(default_factory=dict)


def publish_files(rows: models.QuerySet[V], files: Iterable[Publishable], *, verb: str) -> int:
    """Copy each version that has no row yet; returns how many were new.

    Raises CatalogError when a published version's meaning was changed in place.
    """
    new, published = 0, {(row.key, row.version): row.digest for row in rows}
    for file in files:
        definition = file.definition
        known = published.get((definition.id, definition.version))
        if known is None:
            with act(verb, by=None) as entry:
                entry.subject = row_of(rows.model, file)
                entry.details = {"key": definition.id, "version": definition.version, "digest": definition.digest}
            new += 1
        elif known != definition.digest:
            raise CatalogError(
                f"{definition.id} v{definition.version} is published and frozen; make a new file with version + 1"
            )
    return new


def row_of(model: type[V], file: Publishable) -> V:
    """The file's row, written. Whoever calls it records the act."""
    definition = file.definition
    return model._default_manager.create(
        key=definition.id,
        version=definition.version,
        name=file.name,
        digest=definition.digest,
        definition=definition.raw,
        **file.more,
    )
