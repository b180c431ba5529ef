"""A patient's consent to the treatment of one plan: when it was signed, where the form is, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from her2tracker.audit.history import tracked
from scheduling.core.consent import Consent
from scheduling.models.base import Recorded, choices, one_of, together
from scheduling.models.plans import TreatmentPlan
from scheduling.words import ConsentEnd


@tracked
class TreatmentConsent(Recorded):
    """What was signed is never changed: it is withdrawn, or said to have been recorded in error."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="consents")
    signed_on = models.DateField()
    kept_in = models.CharField(max_length=200, blank=True)  # where the signed form is found
    end = models.CharField(max_length=12, choices=choices(ConsentEnd), blank=True)
    ended_on = models.DateField(null=True, blank=True)  # the day the patient said so, not of the entry
    end_note = models.CharField(max_length=1000, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            one_of("end", ConsentEnd, "scheduling_consent_end_known", blank=True),
            together("scheduling_consent_ended", "ended_on", "ended_at", "ended_by"),
            models.CheckConstraint(
                condition=Q(end="", ended_at=None) | (~Q(end="") & Q(ended_at__isnull=False)),
                name="scheduling_consent_end_said",
            ),
            models.CheckConstraint(
                condition=~Q(end=ConsentEnd.WITHDRAWN.value) | Q(ended_on__gte=F("signed_on")),
                name="scheduling_consent_withdrawn_after_signed",
            ),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(ended_at=None), name="scheduling_consent_one_that_stands"
            ),
        ]

    def __str__(self) -> str:
        return f"Consent signed on {self.signed_on}{f', {self.end}' if self.end else ''}"


def consents_of(rows: Sequence[TreatmentConsent]) -> list[Consent]:
    """Rows as the core reads them, in their order."""
    return [
        Consent(
            row.signed_on,
            row.ended_on if row.end == ConsentEnd.WITHDRAWN else None,
            in_error=row.end == ConsentEnd.IN_ERROR,
        )
        for row in rows
    ]
