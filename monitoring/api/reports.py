"""The reports over HTTP: the counts that the pages show, and the lines behind them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Day
from her2tracker.api.views import Operations, operation
from monitoring.actions.adherence import all_reports
from monitoring.catalog.adherence import definitions
from monitoring.core.adherence import Counts, Definition, Verdict, count
from monitoring.models.adherence import PlanReport
from monitoring.models.burden import burdens


class TallyOut(serializers.Serializer[Any]):
    """Plans by verdict. `percent` is of those judged; null while there is none."""

    met = serializers.IntegerField()
    missed = serializers.IntegerField()
    pending = serializers.IntegerField()
    not_asked = serializers.IntegerField()
    percent = serializers.FloatField(allow_null=True)


class MilestoneOut(serializers.Serializer[Any]):
    months = serializers.IntegerField()
    tally = TallyOut()


class DefinitionOut(serializers.Serializer[Any]):
    """One way to count, and what it counts."""

    definition = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    plans = serializers.IntegerField()
    baseline = TallyOut()
    milestones = MilestoneOut(many=True)
    gaps = TallyOut()
    full = TallyOut()


class VerdictOut(serializers.Serializer[Any]):
    definition = serializers.CharField(source="definition_id")
    version = serializers.IntegerField()
    baseline = Coded(Verdict)
    baseline_on = serializers.DateField(allow_null=True)
    longest_gap_days = serializers.IntegerField()
    gaps = Coded(Verdict)
    full = Coded(Verdict)


class OvertakenOut(serializers.Serializer[Any]):
    """A finding that advised to stop, and the doses given before anybody had decided."""

    flag = serializers.UUIDField(source="finding.key")
    found_on = serializers.DateField(source="finding.found_on")
    given_on = serializers.ListField(child=serializers.DateField())
    sentence = serializers.CharField()


class PlanAdherence(serializers.Serializer[Any]):
    plan = serializers.UUIDField(source="plan.uuid")
    mrn = serializers.CharField(source="plan.patient.mrn")
    regimen = serializers.CharField(source="plan.regimen.name")
    first_given_on = serializers.DateField()
    ended_on = serializers.DateField(allow_null=True)
    verdicts = VerdictOut(source="found", many=True)
    qualifying = serializers.IntegerField(help_text="Findings that advised to withhold or discontinue.")
    treated_past = OvertakenOut(source="overtaken", many=True)


class AdherenceOut(serializers.Serializer[Any]):
    """Every plan whose treatment has begun, by each definition, and holds that should have been."""

    on = serializers.DateField()
    definitions = DefinitionOut(many=True)
    qualifying = serializers.IntegerField()
    treated_past = serializers.IntegerField(help_text="Of these, followed by a dose before any decision.")
    plans = PlanAdherence(many=True)


class BurdenOut(serializers.Serializer[Any]):
    """Flags of one rule and month. Each is decided, resolved by facts, or open."""

    month = serializers.DateField(help_text="The first day of the month in which they were raised.")
    rule = serializers.CharField()
    raised = serializers.IntegerField()
    held = serializers.IntegerField()
    continued = serializers.IntegerField()
    repeated = serializers.IntegerField()
    not_valid = serializers.IntegerField()
    by_facts = serializers.IntegerField()
    open = serializers.IntegerField()
    overridden = serializers.IntegerField()
    beyond_ladder = serializers.IntegerField()
    median_hours = serializers.FloatField(allow_null=True)


class SinceQuery(serializers.Serializer[Any]):
    since = Day(required=False, help_text="Flags raised from this day on; all when left out.")


class AdherenceReport(Operations):
    permissions = {"GET": Permission.VIEW_REPORTS}

    @operation("reports_adherence", returns=AdherenceOut)
    def get(self, _: Any) -> Response:
        """Whether hearts were watched as they should have been, and holds that should have been."""
        found = list(all_reports(self.by.site))
        shown = {
            "on": self.by.site.today(),
            "definitions": [_counted(one, index, found) for index, one in enumerate(definitions().values())],
            "qualifying": sum(one.qualifying for one in found),
            "treated_past": sum(len(one.overtaken) for one in found),
            "plans": found,
        }
        return self.shown(AdherenceOut, shown)


class FlagReport(Operations):
    permissions = {"GET": Permission.VIEW_REPORTS}

    @operation("reports_flags", query=SinceQuery, returns=BurdenOut(many=True))
    def get(self, _: Any) -> Response:
        """How many flags each rule raised by month, what was decided, and how soon."""
        asked = self.query(SinceQuery)
        return self.listed(BurdenOut, burdens(self.by.site, now=timezone.now(), since=asked.get("since")))


def _counted(definition: Definition, index: int, found: list[PlanReport]) -> dict[str, Any]:
    counts: Counts = count(one.found[index] for one in found)
    return {
        "definition": definition.id,
        "version": definition.version,
        "title": definition.title,
        "plans": counts.plans,
        "baseline": counts.baseline,
        "milestones": [{"months": months, "tally": tally} for months, tally in counts.milestones],
        "gaps": counts.gaps,
        "full": counts.full,
    }
