"""What runs alongside a plan, with its dates. A fact that moves no cycle."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from her2tracker.audit.history import tracked
from scheduling.core.alongside import AlongsideKind
from scheduling.models.base import Recorded, choices, one_of
from scheduling.models.plans import TreatmentPlan


@tracked
class AlongsideTreatment(Recorded):
    """Endocrine therapy, radiotherapy or chemotherapy beside one plan, each once. No `until_on`: it lasts."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="alongside")
    kind = models.CharField(max_length=20, choices=choices(AlongsideKind))
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=1)  # refuses lost updates; the plan's own stays, for nothing moves

    class Meta:
        ordering = ["from_on", "id"]
        constraints = [
            one_of("kind", AlongsideKind, "scheduling_alongside_kind_known"),
            models.UniqueConstraint(fields=["plan", "kind"], name="scheduling_alongside_kind_once"),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=models.F("from_on")), name="scheduling_alongside_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} from {self.from_on}"
