"""How a log line is written, and what it may not hold: searches carry names, a calendar's address its secret."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import structlog


def without_query(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: `GET /patients/?q=Márquez` becomes `GET /patients/`."""
    request = event.get("request")
    if isinstance(request, str):
        event["request"] = request.partition("?")[0]
    return event


def configure() -> None:
    """One JSON line each, with the request that it belongs to."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            without_query,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def to_console(level: str) -> dict[str, Any]:
    """The standard library's configuration. JSON only: the console renderer prints local variables, patients too."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": structlog.stdlib.ProcessorFormatter, "processor": structlog.processors.JSONRenderer()}
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django_structlog": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "pgtrigger": {"level": "WARNING"},  # names every trigger it finds in place
        },
    }
