"""Handover cards over HTTP: made of a plan, and taken over from elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded
from her2tracker.api.views import Operations, PagedOperations, operation
from her2tracker.audit import acts
from her2tracker.clinic.handover import taking
from her2tracker.clinic.handover.card import write
from her2tracker.clinic.handover.making import card_of
from her2tracker.clinic.handover.reading import LARGEST_BYTES
from her2tracker.clinic.handover.taking import Choice, Outcome
from scheduling.lookups import card_for, patient_for, plan_for, regimen_for
from scheduling.models import ReceivedCard
from scheduling.words import CardState


class CardOut(serializers.Serializer[Any]):
    """A handover card. `text` is the file that another hospital takes over."""

    card = serializers.UUIDField(source="made.id")
    checksum = serializers.CharField(source="made.checksum", help_text="SHA-256 of the card's canonical form.")
    text = serializers.CharField(help_text="JSON, as docs/how-to/handover-card.md describes it.")


class CardIn(serializers.Serializer[Any]):
    text = serializers.CharField(trim_whitespace=False, max_length=LARGEST_BYTES, help_text="The card's file.")


class CardListed(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    card = serializers.UUIDField()
    checksum = serializers.CharField()
    hospital = serializers.CharField()
    state = Coded(CardState)
    sent_by = serializers.CharField(source="recorded_by")
    sent_at = serializers.DateTimeField(source="recorded_at")
    taken_over_by = serializers.CharField(source="decided_by", allow_null=True)
    taken_over_at = serializers.DateTimeField(source="decided_at", allow_null=True)
    patient = serializers.UUIDField(source="patient.uuid", allow_null=True, default=None)
    plan = serializers.UUIDField(source="plan.uuid", allow_null=True, default=None)


class CardMatch(serializers.Serializer[Any]):
    """Somebody on record here who may be the patient. Nobody is chosen for you."""

    patient = serializers.UUIDField(source="patient.uuid")
    name = serializers.CharField(source="patient")
    mrn = serializers.CharField(source="patient.mrn")
    born_on = serializers.DateField(source="patient.born_on")
    because = serializers.CharField()


class CardRegimen(serializers.Serializer[Any]):
    key = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()


class CardRead(serializers.Serializer[Any]):
    """A card beside what is on record here."""

    received = CardListed(source="row")
    matches = CardMatch(many=True)
    goes_on = serializers.BooleanField(source="card.goes_on", help_text="Whether there is treatment to go on with.")
    regimen = CardRegimen(allow_null=True, help_text="The very same regimen, when it can be ordered here.")
    equivalents = CardRegimen(many=True, help_text="What can be ordered here with the same agents.")


class CardChoice(serializers.Serializer[Any]):
    """Whose card it is: `patient`, or the `mrn` of a new one here. `regimen` and `version` where it must be chosen."""

    patient = serializers.UUIDField(required=False)
    mrn = serializers.CharField(max_length=40, required=False)
    regimen = serializers.SlugField(required=False)
    version = serializers.IntegerField(required=False, min_value=1, max_value=9999)


class DoseLeft(serializers.Serializer[Any]):
    agent = serializers.CharField()
    kind = serializers.CharField()
    mg = serializers.DecimalField(None, None, allow_null=True)
    ml = serializers.DecimalField(None, None, allow_null=True)


class DayLeft(serializers.Serializer[Any]):
    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    on = serializers.DateField()
    doses = DoseLeft(many=True)


class DoseApart(serializers.Serializer[Any]):
    """A dose that is not the same here as on the card, in words."""

    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    agent = serializers.CharField()
    there = serializers.CharField()
    here = serializers.CharField()


class TakenOver(serializers.Serializer[Any]):
    """What taking over does, or did."""

    patient = serializers.UUIDField(source="patient.uuid")
    plan = serializers.UUIDField(source="plan.uuid", allow_null=True, default=None)
    results = serializers.SerializerMethodField(help_text="LVEFs recorded.")
    days = DayLeft(many=True, help_text="What is left to give.")
    apart = DoseApart(many=True, help_text="Where that differs from the card.")

    def get_results(self, outcome: Outcome) -> int:
        return len(outcome.results)


class PlanCard(Operations):
    permissions = {"GET": Permission.HAND_OVER_PLANS}

    @operation("plans_card", returns=CardOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """The handover card of a plan. It leaves the house, so the history tells of it."""
        plan = plan_for(self.by, uuid)
        made = card_of(plan, by=self.by, now=timezone.now())
        acts.record(
            "card.exported", by=self.by, patient=plan.patient, subject=plan, card=str(made.id),
            checksum=made.checksum, **{"as": "json"},
        )  # fmt: skip
        return self.shown(CardOut, {"made": made, "text": write(made)})


class Cards(PagedOperations):
    permissions = {"GET": Permission.START_PLANS, "POST": Permission.START_PLANS}

    @operation("handover_cards", returns=CardListed(many=True))
    def get(self, _: Any) -> Response:
        """The cards that came to your site, the latest first."""
        rows = ReceivedCard.objects.filter(site=self.by.site_id).defer("text")
        return self.paged(CardListed, rows.select_related("recorded_by", "decided_by", "patient", "plan"))

    @operation("handover_cards_send", takes=CardIn, returns=CardRead, status=201)
    def post(self, _: Any) -> Response:
        """Read a card. Nobody is registered and nothing is planned by it."""
        row = taking.receive(by=self.by, **self.body(CardIn))
        return self.shown(CardRead, taking.found(by=self.by, row=row), status=201)


class OneCard(Operations):
    permissions = {"GET": Permission.START_PLANS}

    @operation("handover_cards_retrieve", returns=CardListed)
    def get(self, _: Any, uuid: UUID) -> Response:
        """What became of a card."""
        return self.shown(CardListed, card_for(self.by, uuid))


class _Chosen(Operations):
    """Operations that need to know whose card it is."""

    def choice(self) -> Choice:
        said = self.body(CardChoice)
        patient = patient_for(self.by, said["patient"]) if "patient" in said else None
        regimen = regimen_for(self.by.site_id, said["regimen"], said.get("version")) if "regimen" in said else None
        return Choice(patient, said.get("mrn", ""), regimen)


class PreviewCard(_Chosen):
    permissions = {"POST": Permission.START_PLANS}

    @operation("handover_cards_preview", takes=CardChoice, returns=TakenOver)
    def post(self, _: Any, uuid: UUID) -> Response:
        """What taking over would do. Nothing is written."""
        return self.shown(TakenOver, taking.preview(by=self.by, row=card_for(self.by, uuid), choice=self.choice()))


class TakeOver(_Chosen):
    permissions = {"POST": Permission.START_PLANS}

    @operation("handover_cards_take_over", takes=CardChoice, returns=TakenOver)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Register the patient where asked, record the LVEFs, and go on with the plan."""
        return self.shown(TakenOver, taking.take_over(by=self.by, row=card_for(self.by, uuid), choice=self.choice()))


class PutAside(Operations):
    permissions = {"POST": Permission.START_PLANS}

    @operation("handover_cards_put_aside", returns=CardListed)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Do not take it over. What it says is forgotten."""
        taking.withdraw(by=self.by, row=card_for(self.by, uuid))
        return self.shown(CardListed, card_for(self.by, uuid))
