"""What the tests of pages about an infusion or a running plan share."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from scheduling.models import CycleDay, TreatmentPlan
from tests import make

START = date(2026, 1, 5)  # four given until 9 Mar, the fifth planned for 30 Mar: CLINICAL.md section 2's worked table
FIFTH = date(2026, 3, 30)


def signed_in(who: str) -> Client:
    client = Client()
    client.force_login(make.person(who))
    return client


def words(response: HttpResponse) -> str:
    """The page as it is read: no tags, thin spaces and line ends as spaces."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", text)


def url(name: str, of: CycleDay | TreatmentPlan, query: str = "") -> str:
    return reverse(name, args=[of.uuid]) + query


def record_data(row: CycleDay, on: date, **amounts: str) -> dict[str, Any]:
    """A record form as a nurse leaves it: agents by name with dashes as underscores, amounts as shown."""
    row.plan.refresh_from_db()
    data: dict[str, Any] = {"given_on": on.isoformat(), "revision": row.plan.revision, "note": ""}
    for agent, amount in amounts.items():
        name = agent.replace("_", "-")
        data |= {f"{name}-amount": amount, f"{name}-product": make.product(name)}
    return data
