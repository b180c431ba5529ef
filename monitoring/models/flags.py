"""Stored records about facts: a finding or an overdue assessment, who decided, and bookings."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from monitoring.core.escalation import Recipient, Snooze
from monitoring.core.lifecycle import MISSING_BASELINE, waits_for_decision
from monitoring.core.protocol import Advice
from monitoring.models.assessments import LvefAssessment
from monitoring.words import DECISION_LABELS, FLAG_KIND_LABELS, Decision, DecisionReason, FlagKind, FlagState
from scheduling.models import Patient, TreatmentPlan
from scheduling.models.base import Recorded, choices, one_of


class FlagQuerySet(models.QuerySet["CardiacFlag"]):
    def open(self) -> FlagQuerySet:
        """Nobody has decided, those put off included: putting off decides nothing."""
        return self.filter(state=FlagState.OPEN)

    def put_off(self, at: datetime) -> FlagQuerySet:
        return self.open().filter(_snoozed(at))

    def awake(self, at: datetime) -> FlagQuerySet:
        """Open and not put off at that moment."""
        return self.open().exclude(_snoozed(at))

    def waiting_for_decision(self) -> FlagQuerySet:
        """The core's `waits_for_decision` as a query."""
        return self.filter(Q(kind=FlagKind.FINDING) | Q(fact=MISSING_BASELINE))

    def at(self, site: Site | int) -> FlagQuerySet:
        return self.filter(patient__site=site)


@tracked
class CardiacFlag(models.Model):
    """One fact that somebody must decide about. `fact` names the fact; it has one flag, ever.

    The evidence is a snapshot: figures, rules, versions and the site's inputs as they stood.
    """

    uuid = models.UUIDField(unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="flags")
    plan = models.ForeignKey(TreatmentPlan, on_delete=models.PROTECT, related_name="flags")
    assessment = models.ForeignKey(
        LvefAssessment, null=True, blank=True, on_delete=models.PROTECT, related_name="flags"
    )
    kind = models.CharField(max_length=10, choices=list(FLAG_KIND_LABELS.items()))
    fact = models.CharField(max_length=120)
    advice = models.CharField(max_length=12, choices=choices(Advice))
    sentence = models.TextField()
    evidence = models.JSONField()
    due_on = models.DateField(null=True, blank=True)  # an overdue assessment's due date
    state = models.CharField(max_length=10, choices=choices(FlagState), default=FlagState.OPEN)
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_because = models.TextField(blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "fact"], name="monitoring_flag_one_per_fact"),
            one_of("kind", FlagKind, "monitoring_flag_kind_known"),
            one_of("state", FlagState, "monitoring_flag_state_known"),
            one_of("advice", Advice, "monitoring_flag_advice_known"),
            models.CheckConstraint(
                condition=Q(state=FlagState.RESOLVED) ^ Q(resolved_at=None), name="monitoring_flag_resolved_when"
            ),
        ]
        indexes = [
            models.Index(fields=["plan"], condition=Q(state=FlagState.OPEN), name="monitoring_flag_open"),
            models.Index(fields=["state", "kind"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.patient}: {self.advice}"

    @property
    def waits_for_decision(self) -> bool:
        """What it waits for while it is open; a flag that waits for a result stays open whatever is decided."""
        return waits_for_decision(self.kind, self.fact)


@tracked
class FlagDecision(Recorded):
    """What an oncologist decided about a flag, and why. Decisions are added, never changed."""

    flag = models.ForeignKey(CardiacFlag, on_delete=models.CASCADE, related_name="decisions")
    decision = models.CharField(max_length=28, choices=list(DECISION_LABELS.items()))
    reason = models.CharField(max_length=28, choices=choices(DecisionReason))
    note = models.TextField(blank=True)
    repeat_by = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            one_of("decision", Decision, "monitoring_decision_known"),
            one_of("reason", DecisionReason, "monitoring_decision_reason_known"),
            models.CheckConstraint(
                condition=~Q(decision__in=[Decision.REPEAT, Decision.HOLD]) | Q(repeat_by__isnull=False),
                name="monitoring_decision_repeat_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.recorded_by}"


class SnoozeQuerySet(models.QuerySet["FlagSnooze"]):
    def holding(self, at: datetime) -> SnoozeQuerySet:
        return self.filter(since__lte=at, until__gt=at).filter(Q(ended_at=None) | Q(ended_at__gt=at))


@tracked
class FlagSnooze(Recorded):
    """A flag put off until a morning. It comes back by itself: whether it holds is computed when asked."""

    flag = models.ForeignKey(CardiacFlag, on_delete=models.CASCADE, related_name="snoozes")
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.TextField()
    # Before its time: by a person, a decision or a new result.
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.TextField(blank=True)

    objects = SnoozeQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="monitoring_snooze_in_order"),
            models.CheckConstraint(
                condition=Q(ended_at=None) ^ ~Q(ended_because=""), name="monitoring_snooze_ended_because"
            ),
        ]

    def __str__(self) -> str:
        return f"Put off until {self.until:%Y-%m-%d} by {self.recorded_by}"

    @property
    def core(self) -> Snooze:
        return Snooze(self.since, self.until, self.ended_at)


def _snoozed(at: datetime) -> models.Exists:
    return models.Exists(FlagSnooze.objects.holding(at).filter(flag=models.OuterRef("pk")))


@tracked
class FlagEscalation(models.Model):
    """A step of the ladder that an undecided flag has reached: once per step, whoever checks and however often."""

    flag = models.ForeignKey(CardiacFlag, on_delete=models.CASCADE, related_name="escalations")
    step = models.CharField(max_length=40)
    recipient = models.CharField(max_length=24, choices=[(one.value, one.label) for one in Recipient])
    after_hours = models.PositiveSmallIntegerField()  # as the ladder stood then
    owed_since = models.DateTimeField()
    told_at = models.DateTimeField()
    mails = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["owed_since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["flag", "step"], name="monitoring_escalation_once_per_step"),
            one_of("recipient", Recipient, "monitoring_escalation_recipient_known"),
        ]

    def __str__(self) -> str:
        return f"{self.after_hours} h undecided: {self.get_recipient_display()}"


@tracked
class EchoBooking(Recorded):
    """An ordered or booked echocardiogram. It is shown, with its owner, and never closes anything."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="echo_bookings")
    booked_for = models.DateField()
    lab = models.CharField(max_length=120)
    note = models.TextField(blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["booked_for", "id"]

    def __str__(self) -> str:
        return f"Echo on {self.booked_for} at {self.lab}"
