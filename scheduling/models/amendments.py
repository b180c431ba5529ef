"""What was corrected in a completed record: old beside new, who, and why."""

from __future__ import annotations

from django.db import models

from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded
from scheduling.models.plans import TreatmentPlan


@tracked
class Amendment(Recorded):
    """A correction of what was recorded about one agent of one cycle day. A fact about the plan, as a delay is.

    `before` and `after` hold the changed fields only, each as it was written.
    """

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="amendments")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    agent = models.CharField(max_length=60)
    before = models.JSONField()
    after = models.JSONField()
    reason = models.TextField()

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="scheduling_amendment_has_a_reason"),
            models.CheckConstraint(
                condition=~models.Q(before=models.F("after")), name="scheduling_amendment_changes_something"
            ),
        ]
        indexes = [models.Index(fields=["plan", "cycle", "day"], name="scheduling_amendment_of_a_day")]

    def __str__(self) -> str:
        return f"Amendment of {self.agent}, C{self.cycle}D{self.day}, by {self.recorded_by}"
