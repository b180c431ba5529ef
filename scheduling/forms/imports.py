"""A file that is imported, read or refused before anything looks at its lines."""

from __future__ import annotations

from django import forms

from her2tracker.lib import sheets
from scheduling.actions import import_lines


class TableFileForm(forms.Form):
    """One CSV file. Subclasses say which table it must be."""

    file = forms.FileField(
        label="CSV file",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"}),
        error_messages={"required": "Choose a file."},
    )

    def refuse_unreadable(self, text: str) -> int:
        """Raises `sheets.Unreadable` for a text that is no such table."""
        raise NotImplementedError

    def clean_file(self) -> str:
        """The file's text. One that is too large is refused unread."""
        uploaded = self.cleaned_data["file"]
        try:
            if uploaded.size > sheets.LARGEST_BYTES:
                raise sheets.Unreadable(sheets.too_large(uploaded.size))
            text = sheets.decode(uploaded.read(sheets.LARGEST_BYTES + 1))
            self.refuse_unreadable(text)
        except sheets.Unreadable as unreadable:
            raise forms.ValidationError(unreadable.sentences) from unreadable
        self.file_name = str(uploaded.name or "")
        return text

    def arguments(self) -> dict[str, str]:
        """What the action's `receive` asks for."""
        return {"text": self.cleaned_data["file"], "file_name": self.file_name}


class PlanFileForm(TableFileForm):
    """Patients and plans."""

    def refuse_unreadable(self, text: str) -> int:
        return import_lines.refuse_unreadable(text)
