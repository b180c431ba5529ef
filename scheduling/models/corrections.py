"""What was corrected in what was seen at the chair: old beside new, who, and why."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded
from scheduling.models.chairside import Reaction, VitalSigns
from scheduling.models.plans import TreatmentPlan


@tracked
class ChairsideAmendment(Recorded):
    """A correction of one reaction or one set of vital signs. `before` and `after` hold the changed fields only."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="chairside_amendments")
    reaction = models.ForeignKey(Reaction, null=True, blank=True, on_delete=models.CASCADE, related_name="amendments")
    vitals = models.ForeignKey(VitalSigns, null=True, blank=True, on_delete=models.CASCADE, related_name="amendments")
    before = models.JSONField()
    after = models.JSONField()
    reason = models.TextField()

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reaction=None) ^ Q(vitals=None), name="scheduling_chairside_amendment_of_one"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="scheduling_chairside_amendment_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(before=F("after")), name="scheduling_chairside_amendment_changes_something"
            ),
        ]

    def __str__(self) -> str:
        return f"Amendment by {self.recorded_by} of {self.reaction or self.vitals}"
