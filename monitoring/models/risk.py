"""How likely a patient's heart is to suffer, as somebody answered it; and the interval a clinician set for a plan."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from her2tracker.audit.history import tracked
from her2tracker.lib.sources import Citation, Confidence
from monitoring.catalog.risk import proforma
from monitoring.core.intervals import Interval
from monitoring.core.lvef import Lvef
from monitoring.core.protocol import OnTreatment
from monitoring.core.risk import Answers, Level, Measure, Score, score
from scheduling.models import Patient, TreatmentPlan
from scheduling.models.base import Recorded, choices, one_of, together


@tracked
class RiskAssessment(Recorded):
    """One answered proforma. The level is a snapshot: a newer version of the proforma does not change it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="risk_assessments")
    proforma = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField()
    answers = models.JSONField()  # {"said": {factor: true}, "measured": {measure: "figure"}}; left out is unknown
    points = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=10, choices=choices(Level))
    could_be = models.CharField(max_length=10, choices=choices(Level))  # if every open question were a yes
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-recorded_at", "-id"]
        indexes = [models.Index(fields=["patient", "-recorded_at"])]
        constraints = [
            one_of("level", Level, "monitoring_risk_level_known"),
            one_of("could_be", Level, "monitoring_risk_could_be_known"),
        ]

    def __str__(self) -> str:
        return f"{Level(self.level).label} ({self.patient})"

    @property
    def is_final(self) -> bool:
        return self.level == self.could_be

    @property
    def words(self) -> str:
        """`High risk`, or `Medium risk at least` while open questions could raise it."""
        label = Level(self.level).label
        return label if self.is_final else f"{label} at least"

    @property
    def mark(self) -> str:
        """The state whose shape the level is shown with."""
        return {Level.LOW: "ready", Level.MEDIUM: "planned"}.get(Level(self.level), "needs")

    def score(self) -> Score:
        """Computed again by the version it was answered with."""
        return score(proforma(self.proforma, self.version), answers_from(self.answers))


@tracked
class SurveillanceInterval(Recorded):
    """A shorter interval than the sources ask for, for one plan. One at a time; it ends by an act, or is used up."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="surveillance_intervals")
    name = models.CharField(max_length=80)
    every_days = models.PositiveSmallIntegerField()
    opens_after_days = models.PositiveSmallIntegerField()
    overdue_after_days = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=120)
    confidence = models.CharField(max_length=12, choices=choices(Confidence))
    begun_on = models.DateField()
    until = models.DateField(null=True, blank=True)
    results = models.PositiveSmallIntegerField(null=True, blank=True)  # assessments until it is used up
    reason = models.TextField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_because = models.TextField(blank=True)

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            one_of("confidence", Confidence, "monitoring_interval_confidence_known"),
            together("monitoring_interval_ended", "ended_at", "ended_by"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(ended_at=None), name="monitoring_one_open_interval_per_plan"
            ),
            models.CheckConstraint(
                condition=Q(every_days__gt=0, opens_after_days__lte=F("every_days"))
                & Q(overdue_after_days__gte=F("every_days")),
                name="monitoring_interval_in_order",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("begun_on")), name="monitoring_interval_until_later"
            ),
            models.CheckConstraint(
                condition=Q(results=None) | Q(results__gt=0), name="monitoring_interval_results_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.plan})"

    @property
    def citation(self) -> Citation:
        return Citation.parse(self.source, Confidence(self.confidence))

    def to_core(self) -> Interval:
        rule = OnTreatment(self.every_days, self.opens_after_days, self.overdue_after_days, self.citation)
        return Interval(self.name, rule, self.until, self.begun_on, self.results)


def answers_from(stored: dict[str, Any]) -> Answers:
    """The answers as they were stored."""
    measured = {Measure(name): _figure(Measure(name), text) for name, text in stored.get("measured", {}).items()}
    return Answers(dict(stored.get("said", {})), measured)


def answers_to_store(answers: Answers) -> dict[str, Any]:
    """As JSON; figures as text, so that 7.0 stays 7.0."""
    return {
        "said": dict(answers.said),
        "measured": {measure.value: str(figure) for measure, figure in answers.measured.items()},
    }


def _figure(measure: Measure, text: str) -> Decimal | Lvef:
    return Lvef.parse(text) if measure is Measure.LVEF else Decimal(text)
