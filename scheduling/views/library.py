"""What the pages of the regimen library share: its two tabs, and a fact with its document."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.lib.sources import Citation, Document
from scheduling.core.governance import DraftState
from scheduling.models import RegimenDraft


@dataclass(frozen=True, slots=True)
class Fact:
    words: str
    citation: Citation
    document: Document | None

    @property
    def section(self) -> str:
        return self.citation.section.replace("-", " ")


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    current: bool
    count: int | None = None


def tabs(user: User, current: str) -> list[Tab]:
    """Library and drafts; nothing to choose between for who writes none."""
    if not user.may(Permission.DRAFT_REGIMENS):
        return []
    waiting = RegimenDraft.objects.filter(site=user.site, state__in=[DraftState.DRAFT, DraftState.UNDER_REVIEW])
    return [
        Tab("Library", reverse("regimens"), current == "library"),
        Tab("Drafts", reverse("regimen-drafts"), current == "drafts", waiting.count() or None),
    ]
