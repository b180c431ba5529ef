"""Work that makes very many objects and no circles among them: looking for circles meanwhile is a quarter of it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Within it only what nothing refers to any more is freed, as always at once. For work of bounded size.

    Collecting is the process's own: another thread of it does without it as long.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
