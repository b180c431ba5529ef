"""A laboratory's report as a file: which kinds are taken, told by their first bytes and never by their name."""

from __future__ import annotations

from enum import StrEnum

from her2tracker.lib.refusals import Refusal

LARGEST_BYTES = 5 * 1024 * 1024
MOST_PER_RESULT = 5


class ReportFormat(StrEnum):
    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"

    @property
    def content_type(self) -> str:
        return "application/pdf" if self is ReportFormat.PDF else f"image/{self.value}"


_BEGINNINGS = {ReportFormat.PDF: b"%PDF-", ReportFormat.PNG: b"\x89PNG\r\n\x1a\n", ReportFormat.JPEG: b"\xff\xd8\xff"}


def format_of(content: bytes) -> ReportFormat | None:
    """None for anything else, whatever the file is called."""
    return next((one for one, beginning in _BEGINNINGS.items() if content.startswith(beginning)), None)


def refuse(content: bytes, *, already: int) -> Refusal | None:
    """A file of nothing, too large, of another kind, or one too many."""
    if not content:
        return Refusal("empty-file", "The file is empty.")
    if len(content) > LARGEST_BYTES:
        return Refusal("too-large", f"The file has {len(content) // 1024 // 1024} MB; at most 5 MB are kept.")
    if format_of(content) is None:
        return Refusal("not-a-report", "Only a PDF, a PNG or a JPEG is kept; this file is none of them.")
    if already >= MOST_PER_RESULT:
        return Refusal("too-many", f"A result keeps {MOST_PER_RESULT} files at most.")
    return None
