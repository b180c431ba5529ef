"""Letters to patients over HTTP: the site's choices and wordings, a patient's letters, requests for another day."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Clock, Coded
from her2tracker.api.views import Operations, operation
from monitoring.actions import letter_settings, patient_answers
from monitoring.actions.patient_letters import words_of
from monitoring.catalog.patient_letters import languages
from monitoring.core.patient_letters import LONGEST_SMS, LONGEST_SUBJECT, LONGEST_TEXT, Answer, LetterKind, Wording
from monitoring.models import LetterWording, PatientAnswer
from monitoring.words import ReminderChannel, ReminderState
from scheduling.lookups import patient_for


class LetterSettingsShape(serializers.Serializer[Any]):
    """Lead days are counted back from the appointment. Off and e-mail alone before anybody chose."""

    is_on = serializers.BooleanField()
    infusion_lead_days = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=60), min_length=1, max_length=4
    )
    examination_lead_days = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=60), min_length=1, max_length=4
    )
    send_from = Clock()
    by_sms = serializers.BooleanField()
    tells_moved = serializers.BooleanField()


class LetterSettingsOut(LetterSettingsShape):
    paused_at = serializers.DateTimeField(allow_null=True)
    paused_by = serializers.CharField(allow_null=True)
    pause_reason = serializers.CharField()


class PauseIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class WordingShape(serializers.Serializer[Any]):
    subject = serializers.CharField(max_length=LONGEST_SUBJECT)
    text = serializers.CharField(max_length=LONGEST_TEXT, trim_whitespace=False)
    sms = serializers.CharField(max_length=LONGEST_SMS, required=False, allow_blank=True)


class WordingOut(WordingShape):
    kind = Coded(LetterKind)
    language = serializers.CharField()
    is_own = serializers.BooleanField(help_text="False: the words as shipped.")


class LetterAnswerOut(serializers.Serializer[Any]):
    """By a letter's link, without sign-in. Nothing moves by it."""

    uuid = serializers.UUIDField()
    answer = Coded(Answer)
    words = serializers.CharField()
    answered_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    settlement = serializers.CharField()


class LetterOut(serializers.Serializer[Any]):
    due_on = serializers.DateField(help_text="The day of the appointment.")
    channel = Coded(ReminderChannel)
    subject = serializers.CharField()
    state = Coded(ReminderState)
    sent_at = serializers.DateTimeField(allow_null=True)
    answers = LetterAnswerOut(many=True, source="answers.all")


class PatientLettersOut(serializers.Serializer[Any]):
    opted_out = serializers.ListField(child=Coded(ReminderChannel))
    letters = LetterOut(many=True)


class OptOutIn(serializers.Serializer[Any]):
    channel = Coded(ReminderChannel)
    wants_letters = serializers.BooleanField()


class RequestOut(LetterAnswerOut):
    patient = serializers.UUIDField(source="patient.uuid")
    phone = serializers.CharField(source="patient.phone")
    due_on = serializers.DateField(source="reminder.due_on")


class SettleIn(serializers.Serializer[Any]):
    settlement = serializers.CharField(max_length=300)


class LetterSettings(Operations):
    permissions = {"GET": Permission.MANAGE_LETTERS, "PATCH": Permission.MANAGE_LETTERS}

    @operation("letters_settings", returns=LetterSettingsOut)
    def get(self, _: Any) -> Response:
        """Whether and when your site writes to its patients."""
        return self.shown(LetterSettingsOut, letter_settings.settings_of(self.by.site))

    @operation("letters_settings_update", takes=LetterSettingsShape, returns=LetterSettingsOut)
    def patch(self, _: Any) -> Response:
        """Change some of it; what is left out stays."""
        return self.shown(
            LetterSettingsOut, letter_settings.choose(by=self.by, **self.body(LetterSettingsShape, partial=True))
        )


class PauseLetters(Operations):
    permissions = {"POST": Permission.MANAGE_LETTERS}

    @operation("letters_pause", takes=PauseIn, returns=LetterSettingsOut)
    def post(self, _: Any) -> Response:
        """Write and send nothing to patients until it is resumed."""
        return self.shown(LetterSettingsOut, letter_settings.pause(by=self.by, **self.body(PauseIn)))


class ResumeLetters(Operations):
    permissions = {"POST": Permission.MANAGE_LETTERS}

    @operation("letters_resume", returns=LetterSettingsOut)
    def post(self, _: Any) -> Response:
        """Write again what is still to come."""
        return self.shown(LetterSettingsOut, letter_settings.resume(by=self.by))


class Wordings(Operations):
    permissions = {"GET": Permission.MANAGE_LETTERS}

    @operation("letters_wordings", returns=WordingOut(many=True))
    def get(self, _: Any) -> Response:
        """Every letter in every language, as it reads at your site."""
        return self.listed(WordingOut, [_worded(self, kind, code) for kind in LetterKind for code in languages()])


class OneWording(Operations):
    permissions = dict.fromkeys(("GET", "PUT", "DELETE"), Permission.MANAGE_LETTERS)

    @operation("letters_wording", returns=WordingOut)
    def get(self, _: Any, kind: str, language: str) -> Response:
        """One letter in one language."""
        return self.shown(WordingOut, _worded(self, _kind(kind, language), language))

    @operation("letters_word", takes=WordingShape, returns=WordingOut)
    def put(self, _: Any, kind: str, language: str) -> Response:
        """Your site's own words; {when}, {place}, {phone} and {answer} are filled in."""
        known = _kind(kind, language)
        letter_settings.word(by=self.by, kind=known, language=language, wording=Wording(**self.body(WordingShape)))
        return self.shown(WordingOut, _worded(self, known, language))

    @operation("letters_unword", returns=WordingOut)
    def delete(self, _: Any, kind: str, language: str) -> Response:
        """Back to the words as shipped."""
        known = _kind(kind, language)
        letter_settings.unword(by=self.by, kind=known, language=language)
        return self.shown(WordingOut, _worded(self, known, language))


class PatientLetters(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.SHARE_CALENDAR}

    @operation("patients_letters", returns=PatientLettersOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """The patient's latest letters, what was answered, and which channels are not wanted."""
        return self._stands(uuid)

    @operation("patients_letters_wanted", takes=OptOutIn, returns=PatientLettersOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Record that letters over a channel are wanted, or that they are not."""
        patient, said = patient_for(self.by, uuid), self.body(OptOutIn)
        act = patient_answers.opt_in if said["wants_letters"] else patient_answers.opt_out
        act(by=self.by, patient=patient, channel=said["channel"])
        return self._stands(uuid)

    def _stands(self, uuid: UUID) -> Response:
        patient = patient_for(self.by, uuid)
        opted = [row.channel for row in patient.letter_opt_outs.in_force()]
        letters = patient.letters.defer("text", "html").prefetch_related("answers")[:100]
        return self.shown(PatientLettersOut, {"opted_out": opted, "letters": letters})


class PatientRequests(Operations):
    permissions = {"GET": Permission.VIEW_QUEUE}

    @operation("patient_requests_list", returns=RequestOut(many=True))
    def get(self, _: Any) -> Response:
        """Who asks for another day and was not rung up yet, the soonest appointment first."""
        return self.listed(RequestOut, patient_answers.waiting(self.by.site, self.by.site.today()))


class SettleRequest(Operations):
    permissions = {"POST": Permission.VIEW_QUEUE}

    @operation("patient_requests_settle", takes=SettleIn, returns=LetterAnswerOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Record what was agreed on the telephone. The day itself is moved by a delay."""
        patient_answers.settle(by=self.by, answer=self._row(uuid), **self.body(SettleIn))
        return self.shown(LetterAnswerOut, self._row(uuid))

    def _row(self, uuid: UUID) -> PatientAnswer:
        rows = PatientAnswer.objects.select_related("patient").filter(patient__site=self.by.site_id, uuid=uuid)
        found = rows.first()
        if found is None:
            raise Http404
        return found


def _kind(kind: str, language: str) -> LetterKind:
    if kind not in list(LetterKind) or language not in languages():
        raise Http404
    return LetterKind(kind)


def _worded(asked: Operations, kind: LetterKind, language: str) -> dict[str, Any]:
    site = asked.by.site
    said = words_of(site)(kind, languages()[language])
    own = LetterWording.objects.filter(site=site, kind=kind, language=language).exists()
    more = {"kind": kind, "language": language, "is_own": own}
    return {"subject": said.subject, "text": said.text, "sms": said.sms} | more
