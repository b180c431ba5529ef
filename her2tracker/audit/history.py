"""Row history by trigger: whoever writes a clinical row, even by raw SQL, leaves old and new behind."""

from __future__ import annotations

from typing import TypeVar

import pghistory
from django.db import models

from her2tracker.audit.models import no_truncate

M = TypeVar("M", bound=type[models.Model])


def tracked(model: M) -> M:
    """Class decorator of every clinical model. The event table is append-only."""
    return pghistory.track(  # type: ignore[no-any-return]
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        append_only=True,
        meta={"triggers": [no_truncate()]},
    )(model)
