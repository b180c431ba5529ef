"""A second person's independent check of one infusion, and the codes that were read beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from her2tracker.audit.history import tracked
from her2tracker.lib.bounds import plain
from scheduling.catalog import chairside_items
from scheduling.core.scanning import CodeKind
from scheduling.core.second_check import CheckState, First, differing
from scheduling.models.base import Recorded, choices, one_of, together
from scheduling.models.plans import TreatmentPlan

DECIDED = [state.value for state in CheckState if state.is_decided]


@tracked
class SecondCheck(Recorded):
    """Asked for by one person (`recorded_by`), done by another. Bound to what was ordered when it was asked for."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="second_checks")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    for_on = models.DateField()
    planned_on = models.DateField()
    doses = models.JSONField()  # by agent, in words, as they were planned
    first = models.JSONField()  # the first person's figures: agent, planned, exact, unit
    weight_kg = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    plan_revision = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=choices(CheckState), default=CheckState.ASKED)
    entered = models.JSONField(default=dict, blank=True)  # by agent, the second person's figures as decimals in text
    confirmed = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # items ticked at the chair
    not_right = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            one_of("state", CheckState, "scheduling_second_check_state_known"),
            together("scheduling_second_check_ended", "ended_at", "ended_by"),
            models.CheckConstraint(
                condition=Q(state=CheckState.ASKED) ^ Q(ended_at__isnull=False),
                name="scheduling_second_check_waits_or_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=DECIDED) | ~Q(ended_by=F("recorded_by")),
                name="scheduling_second_check_by_another",
            ),
            models.UniqueConstraint(
                fields=["plan", "cycle", "day"],
                condition=Q(state=CheckState.ASKED),
                name="scheduling_second_check_one_that_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"Second check of C{self.cycle}D{self.day} for {self.for_on}"

    @property
    def kind(self) -> CheckState:
        return CheckState(self.state)

    @property
    def figures(self) -> tuple[First, ...]:
        """The first person's figures as the core compares them."""
        return tuple(
            First(one["agent"], Decimal(one["planned"]), Decimal(one["exact"]), one["unit"]) for one in self.first
        )

    @property
    def both(self) -> list[dict[str, object]]:
        """Each agent's two figures in words, for showing them side by side."""
        apart = {one.agent for one in differing(self.figures, self.second)}
        return [
            {"agent": one.agent, "first": one.in_words, "second": self._second(one), "differs": one.agent in apart}
            for one in self.figures
        ]

    def _second(self, first: First) -> str:
        figure = self.second.get(first.agent)
        return f"{plain(figure)} {first.unit}" if figure is not None else "none"

    @property
    def unticked(self) -> list[str]:
        """Titles of the items that were not confirmed."""
        return [item.title.lower() for item in chairside_items() if item.id not in self.confirmed]

    @property
    def second(self) -> dict[str, Decimal]:
        return {agent: Decimal(figure) for agent, figure in self.entered.items()}


@tracked
class CodeRead(Recorded):
    """A code that was scanned beside an infusion: whose wristband, or which bag. The latest of each counts."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="codes_read")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=choices(CodeKind))
    read_on = models.DateField()
    text = models.CharField(max_length=400)
    is_right = models.BooleanField()  # false for another patient's wristband
    agent = models.CharField(max_length=60, blank=True)
    gtin = models.CharField(max_length=14, blank=True)
    product = models.CharField(max_length=80, blank=True)
    lot = models.CharField(max_length=40, blank=True)
    serial = models.CharField(max_length=40, blank=True)
    expires_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            one_of("kind", CodeKind, "scheduling_code_read_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=CodeKind.WRISTBAND, agent="") | (Q(kind=CodeKind.BAG, is_right=True) & ~Q(agent="")),
                name="scheduling_code_read_bag_of_an_agent",
            ),
        ]
        indexes = [models.Index(fields=["plan", "cycle", "day"], name="scheduling_code_read_of_a_day")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} read at {self.recorded_at:%H:%M}, C{self.cycle}D{self.day}"


@dataclass(frozen=True, slots=True)
class Codes:
    """What was last read beside one infusion: the wristband, and each agent's bag."""

    wristband: CodeRead | None
    bags: dict[str, CodeRead]

    @property
    def is_wrong(self) -> bool:
        """The last wristband that was read is somebody else's."""
        return self.wristband is not None and not self.wristband.is_right


def codes_of(read: Sequence[CodeRead], cycle: int, day: int, on: date) -> Codes:
    """Bags count on the day they were read; a wrong wristband until the right one is read."""
    here = [one for one in read if (one.cycle, one.day) == (cycle, day)]
    bands = [one for one in here if one.kind == CodeKind.WRISTBAND]
    last = bands[-1] if bands else None
    counts = last if last and (last.read_on == on or not last.is_right) else None
    return Codes(counts, {one.agent: one for one in here if one.kind == CodeKind.BAG and one.read_on == on})
