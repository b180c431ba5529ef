"""Row history by trigger: whoever writes a clinical row, even by raw SQL, leaves old and new behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pghistory
from django.db import models

from her2tracker.audit.models import no_truncate

M = TypeVar("M", bound=type[models.Model])


def tracked(model: M) -> M:
    """Class decorator of every clinical model. The event table is append-only.

    By statement: what one UPDATE changes is written down by one INSERT, so a delay that moves a whole plan costs two.
    """
    return tracked_but()(model)


def tracked_but(*fields: str) -> Callable[[M], M]:
    """As `tracked`, without the fields named: texts that would fill the history, and that their own row keeps."""
    return pghistory.track(  # type: ignore[no-any-return]
        pghistory.InsertEvent(level=pghistory.Statement),
        pghistory.UpdateEvent(level=pghistory.Statement),
        pghistory.DeleteEvent(level=pghistory.Statement),
        append_only=True,
        exclude=list(fields),
        meta={"triggers": [no_truncate()]},
    )
