"""The worked table of CLINICAL.md section 2, row by row, both policies, through the page and through the API."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from scheduling.actions import changes
from scheduling.actions.changes import Chosen
from scheduling.core.policy import Anchor, CapPolicy, ReloadPolicy
from tests import api, make
from tests.scheduling.pages import START, signed_in, url, words

pytestmark = pytest.mark.django_db

# 70 kg: 6 mg/kg are 420 mg, 8 mg/kg are 560 mg. Day given, days late and since, next date, trastuzumab by the label,
# trastuzumab by the EU's pertuzumab table, pertuzumab.
ROWS = [
    ("2026-03-31", 1, 22, "2026-04-21", 420, 420, 420),
    ("2026-04-06", 7, 28, "2026-04-27", 420, 420, 420),
    ("2026-04-07", 8, 29, "2026-04-28", 560, 420, 420),
    ("2026-04-19", 20, 41, "2026-05-10", 560, 420, 420),
    ("2026-04-20", 21, 42, "2026-05-11", 560, 560, 840),
]
BY_POLICY = [
    pytest.param(policy, on, late, since, following, eu if policy is ReloadPolicy.EU_HP else label, pertuzumab)
    for on, late, since, following, label, eu, pertuzumab in ROWS
    for policy in ReloadPolicy
]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-25T09:00:00Z", tick=False):
        yield


def fifth_by(policy: ReloadPolicy):
    """Dose 4 on 9 March, dose 5 planned on 30 March."""
    plan = make.plan("trastuzumab-pertuzumab", start=START, given=4)
    if policy is not ReloadPolicy.LABEL:
        chosen = Chosen(policy, Anchor.ACTUAL, CapPolicy.REGIMEN)
        changes.choose_policy(by=make.person("omar"), plan=plan, chosen=chosen, reason="The site's choice.")
    return make.cycle(plan, 5)


@pytest.mark.parametrize(("policy", "on", "late", "since", "following", "trastuzumab", "pertuzumab"), BY_POLICY)
def test_the_row_holds_on_the_page_and_through_the_api(policy, on, late, since, following, trastuzumab, pertuzumab):
    fifth = fifth_by(policy)
    page = words(signed_in("nora").get(url("cycle-delay", fifth, f"?to_on={on}")))
    gap = f"{since} days since the last dose, {late} late"
    told = "re-loads at 8 mg/kg" if trastuzumab == 560 else "continues at 6 mg/kg"
    assert f"{gap}: trastuzumab {told}" in page
    told = "re-loads at 840 mg" if pertuzumab == 840 else "continues at 420 mg"
    assert f"{gap}: pertuzumab {told}" in page

    api.post("nora", f"cycle-days/{fifth.uuid}/delay/", 200, to_on=on, reason="patient-choice")
    plan = api.get("nora", f"plans/{fifth.plan.uuid}/")
    days = {day["cycle"]: day for day in plan["cycle_days"]}
    assert (days[5]["planned_on"], days[6]["planned_on"]) == (on, following)
    doses = {one["agent"]: Decimal(str(one["planned_mg"])) for one in days[5]["administrations"]}
    assert doses == {"trastuzumab": trastuzumab, "pertuzumab": pertuzumab}
    after = {one["agent"]: Decimal(str(one["planned_mg"])) for one in days[6]["administrations"]}
    assert after == {"trastuzumab": 420, "pertuzumab": 420}


@pytest.mark.parametrize(
    ("regimen", "on", "following", "dose", "told"),
    [
        ("trastuzumab-sc", "2026-04-20", "2026-05-11", "600 mg", "continues at 600 mg"),
        ("phesgo", "2026-04-19", "2026-05-10", "600 mg pertuzumab", "continues"),
        ("phesgo", "2026-04-20", "2026-05-11", "1200 mg pertuzumab", "re-loads"),
    ],
)
def test_what_goes_under_the_skin_never_re_loads_or_at_six_weeks(regimen, on, following, dose, told):
    fifth = make.cycle(make.plan(regimen, start=START, given=4), 5)
    page = words(signed_in("nora").get(url("cycle-delay", fifth, f"?to_on={on}")))
    since = (date.fromisoformat(on) - date(2026, 3, 9)).days
    sentence = page.split(f"{since} days since the last dose, ")[1]
    assert told in sentence[:120]
    api.post("nora", f"cycle-days/{fifth.uuid}/delay/", 200, to_on=on, reason="patient-choice")
    days = {day["cycle"]: day for day in api.get("nora", f"plans/{fifth.plan.uuid}/")["cycle_days"]}
    assert (days[5]["planned_on"], days[6]["planned_on"]) == (on, following)
    assert days[5]["administrations"][0]["dose"].startswith(dose)
