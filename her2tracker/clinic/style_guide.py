"""What the style guide shows: every component in every state, with an invented patient.

The page is the place to look before making a new part, and what a change of look is checked on.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator

from her2tracker.clinic.marks import KINDS, STATES
from monitoring.catalog import protocol
from monitoring.core import trend
from monitoring.core.lvef import Lvef
from monitoring.core.result import Assessment, Modality
from monitoring.core.thresholds import thresholds_of

_MODALITIES = [("echo-2d", "2D echo"), ("echo-3d", "3D echo"), ("muga", "MUGA"), ("cmr", "CMR")]


class SampleForm(forms.Form):
    """One control of each sort that the product uses."""

    performed_on = forms.DateField(label="Performed on", widget=forms.DateInput(attrs={"type": "date"}))
    lvef = forms.CharField(
        label="LVEF",
        help_text="As the report says it: 47, 50-55 or >55.",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    modality = forms.ChoiceField(label="Modality", choices=_MODALITIES)
    symptoms = forms.ChoiceField(
        label="Symptoms",
        choices=[("none", "None"), ("symptomatic", "Heart failure symptoms"), ("unknown", "Not asked")],
        widget=forms.RadioSelect,
    )
    same_laboratory = forms.BooleanField(label="Same laboratory as the baseline", required=False)
    remark = forms.CharField(label="Remark", required=False, widget=forms.Textarea(attrs={"rows": 3}))


def context() -> dict[str, Any]:
    """Everything `clinic/style_guide.html` needs; no database, no person."""
    return {
        "states": [(state.removeprefix("window-"), _of(state)) for state in STATES],
        "kinds": list(KINDS),
        "patient": {
            "family_name": "Martin",
            "given_name": "Alice",
            "mrn": "004-1187",
            "born_on": date(1972, 3, 12),
            "sex": "female",
        },
        "allergic": {
            "family_name": "Okafor",
            "given_name": "Ngozi",
            "mrn": "004-0932",
            "born_on": date(1961, 11, 2),
            "sex": "female",
            "allergies": "Penicillin (rash)",
        },
        "banner": _banner(),
        "trend": _trend(),
        "moves": _moves(),
        "facts": [("Last dose", "Wed 16 Sep 2026 (was Mon 7 Sep)"), ("Given", "6 of 17"), ("Chemotherapy", "")],
        "tabs": _links("Plan", "LVEF", "Measurements", "History"),
        "choices": [
            {"label": label, "url": "#toolbar", "current": not index, "count": count}
            for index, (label, count) in enumerate([("All", 38), ("Not ready", 5), ("Mine", 6)])
        ],
        "crumbs": [("Patients", "#top"), ("MARTIN, Alice", "#top")],
        "page_of_many": Paginator(range(500), 50).page(4),
        "empty_form": SampleForm(prefix="new"),
        "refused_form": _refused_form(),
    }


def _of(state: str) -> str:
    return "window" if state.startswith("window-") else ""


def _links(*labels: str) -> list[dict[str, Any]]:
    return [{"label": label, "url": "#tabs", "current": not index} for index, label in enumerate(labels)]


def _banner() -> dict[str, Any]:
    return {
        "url": "#banner",
        "age": 53,
        "plan_text": "Trastuzumab + pertuzumab, adjuvant",
        "cycle_text": "cycle 7 of 18",
        "next_on": date(2026, 1, 5),
        "state": "hold",
        "state_words": "On hold since 2 Jan",
        "lvef_text": "47\u2009%",
        "modality": "2D echo",
        "lvef_on": date(2025, 12, 29),
        "baseline_text": "62\u2009%",
        "fall_text": "15 points",
        "weight_kg": Decimal("68.4"),
        "weight_on": date(2026, 1, 3),
    }


def _trend() -> trend.Trend:
    baseline = Assessment(date(2025, 10, 3), Lvef.exactly(62), lab="Northbridge")
    later = [
        Assessment(date(2025, 11, 20), Lvef.parse("55-60"), Modality.MUGA, lab="Southgate"),
        Assessment(date(2025, 12, 29), Lvef.exactly(47), lab="Northbridge"),
    ]
    return trend.draw(
        [baseline, *later],
        baseline=baseline,
        thresholds=thresholds_of([protocol("trastuzumab-us")], baseline, Decimal(50)),
        infusions=[date(2025, 10, 6) + timedelta(days=21 * cycle) for cycle in range(4)],
        holds=[trend.Span(date(2026, 1, 2), None)],
        decisions=[trend.Mark(date(2026, 1, 2), "Hold")],
        today=date(2026, 1, 4),
    )


def _moves() -> list[dict[str, Any]]:
    return [
        {"name": "Cycle 6", "old": "Mon 15 Dec 2025", "new": "Mon 15 Dec 2025", "moved": False},
        {
            "name": "Cycle 7",
            "old": "Mon 5 Jan 2026",
            "new": "Tue 13 Jan 2026",
            "moved": True,
            "consequence": "29 days since the last dose, 8 late: trastuzumab re-loads",
        },
        {"name": "Cycle 8", "old": "Mon 26 Jan 2026", "new": "Tue 3 Feb 2026", "moved": True},
    ]


def _refused_form() -> SampleForm:
    form = SampleForm({"refused-lvef": "0.55", "refused-modality": "echo-2d"}, prefix="refused")
    form.add_error("lvef", "0.55 is a fraction. Write the percentage: 55.")
    return form
