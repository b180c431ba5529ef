"""Published regimens with the source of every figure, and what the sources name for a tumour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded
from her2tracker.api.shapes import Cited
from her2tracker.api.views import Operations, PagedOperations, operation
from her2tracker.lib.catalog import documents
from her2tracker.lib.refusals import Refusal
from her2tracker.lib.sources import Confidence, Document
from scheduling import catalog, clearance, lookups
from scheduling.actions import regimens
from scheduling.core.choosing import Question, Suggestion, suggest
from scheduling.core.governance import Standing, VersionState
from scheduling.core.regimen import Regimen, Route
from scheduling.models import Patient, RegimenSignOff, RegimenVersion, TumourProfile
from scheduling.models.library import orderable_at, standings_at
from scheduling.models.standing import regimen_of, tumour_of
from scheduling.words import Setting


class DocumentOut(serializers.Serializer[Any]):
    """A label, guideline or trial report that figures are cited from."""

    id = serializers.CharField()
    title = serializers.CharField()
    publisher = serializers.CharField()
    version = serializers.CharField()
    dated = serializers.CharField()
    address = serializers.CharField()
    confidence = Coded(Confidence)


class CitedOut(Cited):
    """One figure, and where it is from: `document#section`."""

    words = serializers.CharField()


class DoseOut(Cited):
    words = serializers.CharField(source="in_words")
    minutes = serializers.IntegerField(allow_null=True)
    observe_minutes = serializers.IntegerField(allow_null=True)


class AgentOut(serializers.Serializer[Any]):
    """One agent as it stands in one phase."""

    name = serializers.CharField()
    title = serializers.CharField()
    route = Coded(Route)
    days = serializers.ListField(child=serializers.IntegerField())
    loading = DoseOut(allow_null=True)
    first = DoseOut(allow_null=True, help_text="Without a loading dose, a first infusion that takes longer.")
    maintenance = DoseOut()
    reload_when = serializers.CharField(source="reload.in_words")
    reload = DoseOut(source="reload.dose", allow_null=True)


class PhaseOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    cycle_length_days = serializers.IntegerField()
    cycles = serializers.IntegerField()
    agents = AgentOut(many=True)


@dataclass(frozen=True, slots=True)
class Shown:
    """A published row, what it says, and whether this site signed it off."""

    row: RegimenVersion
    core: Regimen
    sign_off: RegimenSignOff | None
    standing: Standing

    @property
    def own(self) -> bool:
        return self.row.site_id is not None

    @property
    def signed_off(self) -> bool:
        return self.sign_off is not None

    @property
    def documents(self) -> list[Document]:
        cited = dict.fromkeys(citation.document for citation in self.core.citations)
        return [documents()[key] for key in cited]


class RegimenLine(serializers.Serializer[Any]):
    """A published version in the library. `confidence` is the weakest of all its figures."""

    key = serializers.CharField(source="row.key")
    version = serializers.IntegerField(source="row.version")
    name = serializers.CharField(source="row.name")
    digest = serializers.CharField(source="row.digest")
    published_at = serializers.DateTimeField(source="row.published_at")
    settings = serializers.ListField(source="core.settings", child=Coded(Setting))
    agents = serializers.ListField(source="core.agents", child=serializers.CharField())
    doses = serializers.IntegerField(source="core.cap.doses", allow_null=True)
    confidence = Coded(Confidence, source="core.confidence")
    own = serializers.BooleanField(help_text="Whether your site wrote it; else it ships with the product.")
    state = Coded(VersionState, source="standing.state", help_text="Only a published version can be ordered.")
    instead = serializers.CharField(source="standing.instead", help_text="What to order in its place, where said.")
    signed_off = serializers.BooleanField(
        help_text="Whether an oncologist of your site answers for what is unverified."
    )


class SignOffOut(serializers.Serializer[Any]):
    statement = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class RegimenDetail(RegimenLine):
    """Everything the version says, with the source and confidence of every figure."""

    indication = serializers.CharField(source="core.indication.text")
    phases = PhaseOut(source="core.phases", many=True)
    figures = CitedOut(source="core.cited_facts", many=True)
    unverified = serializers.ListField(
        source="core.unverified", child=serializers.CharField(), help_text="What a clinician must sign off, in words."
    )
    documents = DocumentOut(many=True)
    sign_off = SignOffOut(allow_null=True)


class SignOffIn(serializers.Serializer[Any]):
    statement = serializers.CharField(max_length=2000, help_text="What the unverified figures were checked against.")


class Regimens(PagedOperations):
    permissions = {"GET": Permission.VIEW_REGIMENS}

    @operation("regimens_list", returns=RegimenLine(many=True))
    def get(self, _: Any) -> Response:
        """The library: every published version, the newest of each first."""
        pages = self.pagination_class()
        found = pages.paginate_queryset(RegimenVersion.objects.at(self.by.site_id), self.request, view=self) or []
        return pages.get_paginated_response(RegimenLine(_shown(self.by, found), many=True).data)


class OneRegimen(Operations):
    permissions = {"GET": Permission.VIEW_REGIMENS}

    @operation("regimens_retrieve", returns=RegimenDetail)
    def get(self, _: Any, key: str, version: int) -> Response:
        """One published version, figure by figure."""
        return self.shown(RegimenDetail, _shown(self.by, [lookups.regimen_for(self.by.site_id, key, version)])[0])


class SignOff(Operations):
    permissions = {"POST": Permission.SIGN_OFF_REGIMENS}

    @operation("regimens_sign_off", takes=SignOffIn, returns=SignOffOut, status=201)
    def post(self, _: Any, key: str, version: int) -> Response:
        """Take responsibility, for your site, for the figures that no primary text confirmed."""
        found = lookups.regimen_for(self.by.site_id, key, version)
        made = regimens.sign_off(by=self.by, regimen=found, statement=self.body(SignOffIn)["statement"])
        return self.shown(SignOffOut, made, status=201)


class ReasonOut(Cited):
    text = serializers.CharField()
    would_change = serializers.CharField(help_text="What would change this suggestion.")


class PreconditionOut(serializers.Serializer[Any]):
    """What a source asks for before the start, and does not find on record."""

    key = serializers.CharField()
    sentence = serializers.CharField()
    source = serializers.CharField(source="source.key")  # type: ignore[assignment]


class StatementOut(Cited):
    name = serializers.CharField()
    text = serializers.CharField()


class SuggestionOut(serializers.Serializer[Any]):
    regimen = serializers.CharField(help_text="The regimen's key.")
    reasons = ReasonOut(many=True)
    preconditions = PreconditionOut(many=True, help_text="What stands before a start today.")
    alongside = StatementOut(many=True, help_text="What runs beside it and moves nothing.")


class QuestionOut(serializers.Serializer[Any]):
    """A fact that nobody has said and that would decide."""

    field = serializers.CharField()
    text = serializers.CharField()


class RefusalOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField()


class SuggestionsOut(serializers.Serializer[Any]):
    suggestions = SuggestionOut(many=True)
    questions = QuestionOut(many=True)
    refusals = RefusalOut(many=True)


class Suggestions(Operations):
    permissions = {"GET": Permission.START_PLANS}

    @operation("patients_suggestions", returns=SuggestionsOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """The regimens the sources name for this patient's tumour, and what is still to be asked."""
        patient = lookups.patient_for(self.by, uuid)
        profile = TumourProfile.objects.filter(patient=patient).first()
        found = suggest(tumour_of(profile), catalog.choices())
        kinds = {"questions": Question, "refusals": Refusal}
        sorted_out = {name: [one for one in found if isinstance(one, kind)] for name, kind in kinds.items()}
        versions = orderable_at(patient.site)
        suggestions = [
            _suggested(patient, versions.get(one.regimen), profile, one) for one in found if isinstance(one, Suggestion)
        ]
        return self.shown(SuggestionsOut, {"suggestions": suggestions} | sorted_out)


def _suggested(
    patient: Patient, version: RegimenVersion | None, profile: TumourProfile | None, one: Suggestion
) -> dict[str, Any]:
    """A regimen that cannot be ordered here is named with its reasons alone."""
    return {
        "regimen": one.regimen,
        "reasons": one.reasons,
        "preconditions": clearance.before_the_start(patient, version, profile) if version else (),
        "alongside": regimen_of(version).alongside if version else (),
    }


def _shown(by: User, rows: Sequence[RegimenVersion]) -> list[Shown]:
    signed = RegimenSignOff.objects.filter(site=by.site, regimen__in=rows).select_related("recorded_by")
    by_row = {sign_off.regimen_id: sign_off for sign_off in signed}
    standings = standings_at(by.site)
    return [Shown(row, regimen_of(row), by_row.get(row.pk), standings[row.pk]) for row in rows]
