"""Answers of pure questions, kept per process: in a clinic the same figures are judged again and again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

A = TypeVar("A")


class Remembered(Generic[A]):
    """By everything the answer follows from; nothing else may. Emptied when full, so that memory stays bounded."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: dict[Hashable, A] = {}

    def of(self, question: Hashable, answer: Callable[[], A]) -> A:
        if question in self._known:
            return self._known[question]
        if len(self._known) >= self._size:
            self._known.clear()
        self._known[question] = found = answer()
        return found
