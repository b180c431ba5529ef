"""Which results may serve as a plan's baseline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar


class Dated(Protocol):
    @property
    def performed_on(self) -> date: ...


Result = TypeVar("Result", bound=Dated)


def candidates(results: Iterable[Result], first_given_on: date | None) -> list[Result]:
    """Results up to the plan's own first dose, the latest first: a later one would hide the fall it should show."""
    fitting = [one for one in results if first_given_on is None or one.performed_on <= first_given_on]
    return sorted(fitting, key=lambda one: one.performed_on, reverse=True)
