"""What a log line may not hold. Searches carry names and a calendar's address its secret: both stand in queries."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any


def without_query(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: `GET /patients/?q=Márquez` becomes `GET /patients/`."""
    request = event.get("request")
    if isinstance(request, str):
        event["request"] = request.partition("?")[0]
    return event
