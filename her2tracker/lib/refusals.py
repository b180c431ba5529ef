"""A refusal said in words: the act is well-formed, and is not allowed as things stand."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an act is not allowed. `code` is stable for programs, `sentence` tells a person what to do."""

    code: str
    sentence: str


@dataclass
class Refused(Exception):
    """A refusal on its way to the person: a 409 from the API, a message on the page."""

    refusal: Refusal
    fields: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.refusal.sentence

    @property
    def code(self) -> str:
        return self.refusal.code


def refuse(refusal: Refusal | None) -> None:
    """Raise what a lifecycle function found, if it found anything."""
    if refusal is not None:
        raise Refused(refusal)
