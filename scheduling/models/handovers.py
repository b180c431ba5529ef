"""A handover card that came from another hospital: what was sent, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked_but
from scheduling.models.base import Recorded, choices, one_of, together
from scheduling.models.patients import Patient
from scheduling.models.plans import TreatmentPlan
from scheduling.words import CardState


@tracked_but("text")
class ReceivedCard(Recorded):
    """One card. `text` is emptied when it is withdrawn: whom it named may be no patient here."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    card = models.UUIDField()  # as its hospital named it
    checksum = models.CharField(max_length=64)
    hospital = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=choices(CardState), default=CardState.RECEIVED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.PROTECT, related_name="received_cards")
    plan = models.OneToOneField(
        TreatmentPlan, null=True, blank=True, on_delete=models.PROTECT, related_name="received_card"
    )

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            one_of("state", CardState, "scheduling_card_state_known"),
            together("scheduling_card_decided", "decided_by", "decided_at"),
            models.CheckConstraint(
                condition=~Q(state=CardState.TAKEN_OVER) | Q(patient__isnull=False, decided_by__isnull=False),
                name="scheduling_card_taken_over_by_somebody",
            ),
            # taken over once, however often it is sent
            models.UniqueConstraint(
                fields=["site", "card"], condition=Q(state=CardState.TAKEN_OVER), name="scheduling_card_once"
            ),
        ]
        indexes = [models.Index(fields=["site", "-recorded_at"], name="scheduling_card_of_site")]

    def __str__(self) -> str:
        return f"Card of {self.hospital}"
