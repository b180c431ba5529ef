"""A site's own regimen: its file, the notes of its review, and the signature under its rehearsal."""

from __future__ import annotations

from typing import Any

from django import forms

from scheduling import catalog
from scheduling.models import RegimenVersion

_WRONG_FILE = "Choose a file, or write the regimen into the field."


class TextForm(forms.Form):
    """A regimen file, uploaded or written. What is uploaded goes before what is written."""

    file = forms.FileField(
        label="Upload a TOML file in place of the text below",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".toml,text/plain"}),
    )
    text = forms.CharField(
        label="Regimen file",
        error_messages={"required": _WRONG_FILE},
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "code", "wrap": "off"}),
        help_text="As the regimens that ship with her2tracker are written. Every figure names its source.",
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["text"].required = not self.files

    def clean_file(self) -> str:
        """The uploaded text; empty when nothing was uploaded."""
        uploaded = self.cleaned_data.get("file")
        if not uploaded:
            return ""
        try:
            return catalog.decode(uploaded.read(catalog.LARGEST_BYTES + 1))
        except catalog.Faulty as faulty:
            raise forms.ValidationError(faulty.sentences) from faulty

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.errors:
            return said
        text = said.get("file") or said.get("text", "")
        if not text.strip():
            raise forms.ValidationError({"text": _WRONG_FILE})
        try:
            said["text"] = catalog.read_upload(text).text
        except catalog.Faulty as faulty:
            raise forms.ValidationError({"text": faulty.sentences}) from faulty
        return said


class NewDraftForm(TextForm):
    of = forms.CharField(required=False, widget=forms.HiddenInput)


class EditDraftForm(TextForm):
    revision = forms.IntegerField(widget=forms.HiddenInput)


class SubmitForm(forms.Form):
    change_note = forms.CharField(
        label="What changes, and why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The approvers read this beside the difference, and it stays with the published version.",
        error_messages={"required": "Say what changes and why: nothing is published without it."},
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why in a sentence."},
    )


class SignForm(forms.Form):
    statement = forms.CharField(
        label="What you checked it against",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Name the label or guideline and its version. Your name and the date are kept with it.",
    )
    rehearsal = forms.CharField(max_length=64, widget=forms.HiddenInput)


class RetireForm(ReasonForm):
    replaced_by = forms.ChoiceField(label="Order instead", required=False, choices=[])

    field_order = ["replaced_by", "reason"]

    def __init__(self, data: Any, *, versions: dict[str, RegimenVersion]) -> None:
        super().__init__(data)
        self.versions = versions
        named = sorted((str(version), key) for key, version in versions.items())
        self.fields["replaced_by"].choices = [("", "Nothing in particular"), *((key, name) for name, key in named)]  # type: ignore[attr-defined]

    def clean_replaced_by(self) -> RegimenVersion | None:
        return self.versions.get(self.cleaned_data["replaced_by"])
