"""How a patient's calendar is to be written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from her2tracker.clinic.paper.pdf import SIZES
from her2tracker.clinic.paper.words import languages, words_for


class LetterForm(forms.Form):
    """What is left out has an answer: the patient's language, else English, in normal print, with words."""

    language = forms.ChoiceField()
    size = forms.ChoiceField(choices=[(size, f"{size.capitalize()} print") for size in SIZES])
    discreet = forms.BooleanField(
        required=False,
        label="Without what the dates are for",
        help_text="Only that she is expected: no infusion, no heart, no place.",
    )

    def __init__(self, said: QueryDict, *, preferred: str) -> None:
        answers: dict[str, Any] = {"language": words_for(preferred)[0], "size": "normal"} | said.dict()
        super().__init__(answers)
        self.fields["language"].choices = [(code, words.language) for code, words in languages().items()]  # type: ignore[attr-defined]
