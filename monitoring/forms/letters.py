"""Letters to patients: when, in which words, for whom not, and what a patient presses."""

from __future__ import annotations

from typing import Any

from django import forms

from her2tracker.accounts.models import Site
from monitoring.core.patient_letters import LONGEST_SMS, LONGEST_SUBJECT, LONGEST_TEXT, Wording
from monitoring.models import PatientLetterSettings


class LeadDaysField(forms.CharField):
    """`7, 1`: whole days before the appointment, one to four of them."""

    def clean(self, value: Any) -> list[int]:
        text = super().clean(value)
        parts = [part for part in text.replace(";", ",").replace(" ", ",").split(",") if part]
        if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= 60 for part in parts):
            raise forms.ValidationError("Whole days from 1 to 60, such as 7, 1.")
        if not 1 <= len(set(parts)) <= 4:
            raise forms.ValidationError("One to four days.")
        return sorted({int(part) for part in parts}, reverse=True)


class LetterSettingsForm(forms.Form):
    is_on = forms.BooleanField(required=False, label="Write to patients about their appointments")
    infusion_lead_days = LeadDaysField(
        max_length=20, label="Before an infusion (days)", help_text="Such as 7, 1: a week before and the day before."
    )
    examination_lead_days = LeadDaysField(max_length=20, label="Before a booked examination (days)")
    send_from = forms.TimeField(
        label="Not before",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="The site's clock.",
    )
    tells_moved = forms.BooleanField(
        required=False,
        label="Write too when a day that was announced no longer stands",
        help_text="Moved, omitted, on hold or ceased: the patient is asked not to come on that day.",
    )
    by_sms = forms.BooleanField(
        required=False, label="Also by text message", help_text="Needs a sender on this server; off by default."
    )

    def __init__(self, data: Any = None, *, chosen: PatientLetterSettings) -> None:
        initial = {name: getattr(chosen, name) for name in ("is_on", "send_from", "tells_moved", "by_sms")}
        for name in ("infusion_lead_days", "examination_lead_days"):
            initial[name] = ", ".join(map(str, getattr(chosen, name)))
        super().__init__(data, initial=initial)


class PauseForm(forms.Form):
    reason = forms.CharField(max_length=200, label="Why they pause")


class WordingForm(forms.Form):
    subject = forms.CharField(max_length=LONGEST_SUBJECT, label="Subject", help_text="Read on locked screens: plain.")
    text = forms.CharField(
        max_length=LONGEST_TEXT,
        label="Mail",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="{when}, {place}, {phone} and {answer} are filled in.",
    )
    sms = forms.CharField(
        max_length=LONGEST_SMS, required=False, label="Text message", widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any = None, *, wording: Wording) -> None:
        super().__init__(data, initial={"subject": wording.subject, "text": wording.text, "sms": wording.sms})

    def wording(self) -> Wording:
        said = self.cleaned_data
        return Wording(said["subject"], said["text"].replace("\r\n", "\n"), said["sms"].replace("\r\n", " ").strip())


class SettleForm(forms.Form):
    settlement = forms.CharField(max_length=300, label="What was agreed")


class PatientAnswerForm(forms.Form):
    """The patient's own page; its labels are in her language, so they come with the page."""

    said = forms.ChoiceField(choices=[(one, one) for one in ("coming", "other-day", "stop")])
    words = forms.CharField(max_length=300, required=False)


def example_values(site: Site, when: str) -> dict[str, str]:
    """What a preview fills in."""
    return {"when": when, "place": site.name, "phone": site.phone or "…", "answer": "https://…"}
