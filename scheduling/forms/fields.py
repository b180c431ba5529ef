"""Fields as clinics type them: a date from the browser's picker, a figure with point or comma."""

from __future__ import annotations

from typing import Any

from django import forms


class DayField(forms.DateField):
    """A calendar day; the browser's own picker, ISO on the wire."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        options.setdefault("error_messages", {"invalid": "Enter a date such as 2026-01-05."})
        super().__init__(**options)


class FigureField(forms.DecimalField):
    """A measured figure: `68.4` and `68,4` are the same; a thousands separator is nobody's habit here."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)
