"""Who hears in whose place, and from there who hears about a flag."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.history import tracked
from monitoring.core import escalation
from monitoring.models.policies import CardiacPolicy
from scheduling.models import TreatmentPlan
from scheduling.models.base import Recorded


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def at(self, site: Site | int) -> DelegationQuerySet:
        return self.filter(person__site=site)

    def not_over(self, at: datetime) -> DelegationQuerySet:
        """Those that hold, and those that begin later."""
        return self.filter(ended_at=None).filter(Q(until=None) | Q(until__gt=at))

    def holding(self, at: datetime) -> DelegationQuerySet:
        return self.not_over(at).filter(since__lte=at)


@tracked
class Delegation(Recorded):
    """While it lasts, mails, digests and escalations for `person` go to `to`. Their rights do not change."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="stands_in")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)  # null: until somebody ends it
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("to")), name="monitoring_delegation_to_another"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")), name="monitoring_delegation_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.to} stands in for {self.person}"

    @property
    def last_moment(self) -> datetime | None:
        """Within the last day, which is how people say it; `until` is the midnight after."""
        return self.until - timedelta(seconds=1) if self.until else None

    @property
    def core(self) -> escalation.Delegation:
        ends = min((moment for moment in (self.until, self.ended_at) if moment), default=None)
        return escalation.Delegation(str(self.person_id), str(self.to_id), self.since, ends)


@dataclass(frozen=True, slots=True)
class Hearers:
    """The oncologists of a site at a moment, and who hears for whom. One reading serves a whole sweep."""

    oncologists: dict[int, User]
    lead: int | None
    delegations: tuple[escalation.Delegation, ...]
    at: datetime

    @classmethod
    def of(cls, site: Site, at: datetime) -> Hearers:
        people = {user.pk: user for user in User.objects.filter(site=site, is_active=True).select_related("site")}
        oncologists = {pk: user for pk, user in people.items() if user.may(Permission.DECIDE_FLAGS)}
        rows = Delegation.objects.at(site).not_over(at)
        # Somebody who left, or changed role, hears for nobody.
        chain = tuple(row.core for row in rows if row.to_id in oncologists)
        return cls(oncologists, CardiacPolicy.of(site).lead_oncologist_id, chain, at)

    def of_plan(self, plan: TreatmentPlan) -> list[User]:
        """Its responsible oncologist, or who hears in their place; everybody when nobody here answers for it."""
        return self._for(plan.responsible_id_or_starter)

    def of_lead(self) -> list[User]:
        return self._for(self.lead)

    def _for(self, person: int | None) -> list[User]:
        if person is None:
            return list(self.oncologists.values())
        heard = int(escalation.recipient(str(person), self.delegations, self.at))
        return [self.oncologists[heard]] if heard in self.oncologists else list(self.oncologists.values())
