"""The product's web application, whose worker dies where a test says."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import connection

from her2tracker.wsgi import application as product
from tests.faults.hasty import VICTIM, Death


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """A write takes the order, if there is one: kill -9 before its n-th statement."""
    order = Path(os.environ[VICTIM])
    if environ["REQUEST_METHOD"] != "POST" or not order.exists():
        return product(environ, start_response)
    death = Death("child", int(order.read_text()))
    order.unlink()
    connection.execute_wrappers.append(death)
    try:
        return product(environ, start_response)
    finally:
        with suppress(ValueError):
            connection.execute_wrappers.remove(death)
