"""A handover card's file, and what a person answers before it is taken over."""

from __future__ import annotations

from typing import Any

from django import forms

from her2tracker.clinic.handover.reading import LARGEST_BYTES
from her2tracker.clinic.handover.taking import Choice, Found

NEW = "new"


class CardFileForm(forms.Form):
    """One JSON file. What it says is looked at by the action."""

    file = forms.FileField(
        label="Card’s file",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        error_messages={"required": "Choose a file."},
    )

    def clean_file(self) -> str:
        """The file's text. One that is too large is refused unread."""
        uploaded = self.cleaned_data["file"]
        if uploaded.size > LARGEST_BYTES:
            raise forms.ValidationError(f"The file has more than {LARGEST_BYTES // 1024 // 1024} MB: it is no card.")
        try:
            text: str = uploaded.read(LARGEST_BYTES + 1).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError("The file is not UTF-8 text, so it is no handover card.") from error
        if "\0" in text:
            raise forms.ValidationError("The file holds a NUL byte, so it is no handover card.")
        return text


class CardChoiceForm(forms.Form):
    """Whose card it is here, and by which regimen the plan goes on."""

    patient = forms.ChoiceField(label="Whose card is it?", widget=forms.RadioSelect)
    mrn = forms.CharField(
        label="MRN of the new patient here", max_length=40, required=False,
        help_text="For a new patient alone. The number of this hospital; the card’s own is another hospital’s.",
    )  # fmt: skip
    regimen = forms.ChoiceField(
        label="Regimen to go on by", error_messages={"required": "Choose the regimen to go on by: it is not guessed."}
    )

    def __init__(self, data: Any = None, *, found: Found) -> None:
        super().__init__(data, initial={"regimen": str(found.regimen.pk) if found.regimen else ""})
        self.found = found
        self.known = {str(one.patient.uuid): one.patient for one in found.matches}
        offered = {str(one.pk): one for one in (*([found.regimen] if found.regimen else []), *found.equivalents)}
        self.regimens = offered
        people = [
            (uuid, f"{one}, born {one.born_on:%-d %b %Y}, MRN {one.mrn}: on record here")
            for uuid, one in self.known.items()
        ]
        self.fields["patient"].choices = [*people, (NEW, "A new patient")]  # type: ignore[attr-defined]
        self.fields["patient"].error_messages["required"] = "Say whose card it is: nobody is matched by a guess."
        choices = [(pk, f"{one.name}, version {one.version}") for pk, one in offered.items()]
        self.fields["regimen"].choices = [("", "Choose …"), *choices]  # type: ignore[attr-defined]
        if not found.card.goes_on:
            del self.fields["regimen"]

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        if clean.get("patient") == NEW and not clean.get("mrn", "").strip():
            self.add_error("mrn", "Write the MRN under which the patient is registered here.")
        return clean

    def choice(self) -> Choice:
        """What `taking` asks for."""
        clean = self.cleaned_data
        patient = self.known.get(clean["patient"])
        return Choice(patient, "" if patient else clean["mrn"], self.regimens.get(clean.get("regimen", "")))
