"""Regimens that a site writes: the file while it is worked on, and who signed its rehearsal."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from her2tracker.audit.history import tracked
from scheduling.core.governance import DraftState, waits_for
from scheduling.models.base import Recorded, choices, one_of
from scheduling.models.regimens import RegimenVersion

_OPEN = Q(state__in=[DraftState.DRAFT.value, DraftState.UNDER_REVIEW.value])


@tracked
class RegimenDraft(Recorded):
    """One file on its way to publication; who recorded it is its author.

    `review` counts the submissions: a signature holds for the one it was given in.
    """

    site = models.ForeignKey("accounts.Site", on_delete=models.PROTECT, related_name="regimen_drafts")
    state = models.CharField(max_length=12, choices=choices(DraftState), default=DraftState.DRAFT)
    key = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=160)
    text = models.TextField()
    based_on = models.ForeignKey(RegimenVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    change_note = models.TextField(blank=True)
    sent_back_because = models.TextField(blank=True)
    review = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    published = models.OneToOneField(
        RegimenVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="draft"
    )

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            one_of("state", DraftState, "scheduling_draft_state_known"),
            models.UniqueConstraint(
                fields=["site", "key", "version"], condition=_OPEN, name="scheduling_draft_one_open_per_version"
            ),
            models.CheckConstraint(
                condition=Q(state=DraftState.APPROVED.value, published__isnull=False)
                | (~Q(state=DraftState.APPROVED.value) & Q(published__isnull=True)),
                name="scheduling_draft_approved_is_published",
            ),
            models.CheckConstraint(
                condition=~Q(state=DraftState.UNDER_REVIEW.value) | ~Q(change_note=""),
                name="scheduling_draft_review_has_note",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @property
    def signed(self) -> list[RegimenSignature]:
        """The signatures given since it was last submitted; none while its author has it."""
        if self.state == DraftState.DRAFT:
            return []
        return [one for one in self.signatures.all() if one.review == self.review]

    @property
    def waits_for(self) -> str:
        return waits_for(
            DraftState(self.state),
            author=str(self.recorded_by),
            signed_by=[str(one.recorded_by) for one in self.signed],
            sent_back=bool(self.sent_back_because),
        )


@tracked
class RegimenSignature(Recorded):
    """One person's name under one rehearsal, known by its digest."""

    draft = models.ForeignKey(RegimenDraft, on_delete=models.PROTECT, related_name="signatures")
    review = models.PositiveSmallIntegerField()
    rehearsal = models.CharField(max_length=64)
    statement = models.TextField()

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "review", "recorded_by"], name="scheduling_signature_once_per_person"
            ),
            models.CheckConstraint(condition=~Q(statement=""), name="scheduling_signature_has_statement"),
        ]

    def __str__(self) -> str:
        return f"{self.draft} signed by {self.recorded_by}"
