"""Where a figure comes from, and how far it was checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Confidence(StrEnum):
    """CLINICAL.md's marks. Anything but VERIFIED is shown as unverified wherever the figure is used."""

    VERIFIED = "verified"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"

    @property
    def label(self) -> str:
        return {
            Confidence.VERIFIED: "verified against the primary text",
            Confidence.SECONDARY: "unverified: read only in a restatement",
            Confidence.UNVERIFIED: "unverified: primary text not seen",
        }[self]

    @property
    def is_verified(self) -> bool:
        return self is Confidence.VERIFIED


@dataclass(frozen=True, slots=True)
class Document:
    """A label, guideline or trial report: one file in `her2tracker/sources/`."""

    id: str
    title: str
    publisher: str
    version: str
    dated: str
    address: str
    confidence: Confidence
    note: str = ""

    @property
    def link(self) -> str:
        """Where it opens in a browser; empty for what is on paper, or where nobody recorded an address."""
        return self.address if self.address.startswith(("https://", "http://")) else ""


@dataclass(frozen=True, slots=True)
class Citation:
    """One fact's source: the document's section by title, and this fact's own confidence.

    A verified document can hold a figure nobody has read in it, so confidence belongs to the
    citation; it may be lower than the document's, never higher.
    """

    document: str
    section: str
    confidence: Confidence

    @classmethod
    def parse(cls, text: str, confidence: Confidence) -> Citation:
        """`herceptin-uspi#missed-dose` -> Citation. Raises ValueError without a section."""
        document, separator, section = text.partition("#")
        if not (document and separator and section):
            raise ValueError(f"a source is written document#section, not {text!r}")
        return cls(document, section, confidence)

    @property
    def key(self) -> str:
        return f"{self.document}#{self.section}"


def weakest(confidences: list[Confidence] | tuple[Confidence, ...]) -> Confidence:
    """The confidence of a whole that leans on all of these."""
    order = (Confidence.UNVERIFIED, Confidence.SECONDARY, Confidence.VERIFIED)
    return next((mark for mark in order if mark in confidences), Confidence.VERIFIED)
