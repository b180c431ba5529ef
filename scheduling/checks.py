"""Configuration that would hurt somebody is an error before the first request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string


@register()
def treatment_has_a_cardiac_check(**_: Any) -> list[CheckMessage]:
    """Starting without a clearance check would let a dose through an open withhold finding."""
    paths = getattr(settings, "TREATMENT_CLEARANCE_CHECKS", [])
    if not any(path.startswith("monitoring.") for path in paths):
        return [
            Error(
                "No cardiac check stands between a plan and the next infusion.",
                hint='Set TREATMENT_CLEARANCE_CHECKS = ["monitoring.clearance.cardiac"].',
                id="scheduling.E001",
            )
        ]
    return [problem for path in paths for problem in _importable(path)]


def _importable(path: str) -> list[CheckMessage]:
    try:
        import_string(path)
    except ImportError as error:
        return [Error(f"Clearance check {path} cannot be imported: {error}", id="scheduling.E002")]
    return []
