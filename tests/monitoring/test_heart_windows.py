"""Which due dates dysfunction and setting change, grades on the pages, baselines, and what follows the last dose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from monitoring.core.biomarkers import Biomarker, Marker, MarkerUnit
from monitoring.core.result import Dysfunction, Symptoms
from monitoring.models import CardiacFlag, LvefAssessment
from monitoring.models.standing import standing_of, standings
from scheduling.actions import plans
from scheduling.clearance import objections
from scheduling.models import Patient, TreatmentPlan
from scheduling.words import CeaseReason
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
START = date(2026, 1, 5)
TODAY = date(2026, 4, 30)
SignIn = Callable[[str], Client]
RULED_OUT = {"gls_percent": Decimal("-20"), "biomarker_rise": False, "symptoms": Symptoms.NONE}


def european() -> Patient:
    return make.patient(make.site(name="European clinic", jurisdiction="EU"))


def window(plan: TreatmentPlan, today: date = TODAY) -> Any:
    return standing_of(plan).window(today)


# Windows ---------------------------------------------------------------------------------------------


def test_the_european_label_asks_after_six_weeks_once_there_is_dysfunction():
    plan = make.plan(start=START, given=3, of=european(), baseline=62)
    make.lvef(plan.patient, 58, date(2026, 3, 2))
    assert window(plan).due_on == date(2026, 5, 25)  # 84 days
    make.lvef(plan.patient, 49, date(2026, 3, 9))  # 13 points to 40-49: moderate
    found = window(plan)
    assert (found.due_on, found.overdue_on) == (date(2026, 4, 20), date(2026, 5, 5))  # 6 to 8 weeks
    assert "with cardiac dysfunction" in found.because
    assert found.protocol_id == "trastuzumab-eu"


def test_the_american_label_asks_the_same_whatever_the_grade():
    plan = make.plan(start=START, given=3, baseline=62)
    make.lvef(plan.patient, 49, date(2026, 3, 9))
    assert standing_of(plan).dysfunction is Dysfunction.MODERATE
    assert window(plan).due_on == date(2026, 6, 1)  # 84 days


def test_what_gls_alone_shows_counts_as_dysfunction():
    """-21 to -17 is 19 % of the baseline: over 15."""
    patient = european()
    make.lvef(patient, 62, START, gls_percent=Decimal("-21"))
    plan = make.plan(start=START, given=3, of=patient, baseline=None)
    make.lvef(patient, 60, date(2026, 3, 9), gls_percent=Decimal("-17"))
    assert standing_of(plan).dysfunction is Dysfunction.MILD
    assert window(plan).due_on == date(2026, 4, 20)


@pytest.mark.parametrize(
    ("measured", "due_on"),
    [
        (RULED_OUT, date(2026, 8, 17)),  # 168 days after 2 Mar 2026
        (RULED_OUT | {"gls_percent": None}, date(2026, 5, 25)),  # 84: nobody ruled it out
        (RULED_OUT | {"symptoms": Symptoms.UNKNOWN}, date(2026, 5, 25)),
        (RULED_OUT | {"biomarker_rise": True}, date(2026, 5, 25)),
    ],
)
def test_esc_asks_every_six_months_of_a_metastatic_patient_after_a_year_without_dysfunction(
    measured: dict[str, Any], due_on: date
):
    patient = european()
    with time_machine.travel("2025-03-02T09:00:00Z", tick=False):
        make.lvef(patient, 62, date(2025, 2, 24), gls_percent=Decimal("-21"))
        plan = make.plan("t-dxd-metastatic", start=date(2025, 3, 1), given=1, of=patient, baseline=None)
    make.lvef(patient, 61, date(2026, 3, 2), **measured)
    asked = {one.protocol_id: one for one in (window(plan), *window(plan).others)}
    assert asked["esc-2022"].due_on == due_on


def test_windows_grades_and_intervals_cost_the_same_for_one_plan_as_for_three(django_assert_num_queries):
    made = []
    for _ in range(3):
        plan = make.plan(start=START, given=1)
        make.lvef(plan.patient, 49, date(2026, 3, 9))
        api.post("omar", f"plans/{plan.uuid}/interval/", 201, weeks=6, reason="Closer.")
        made.append(TreatmentPlan.objects.select_related("patient__site", "regimen").get(pk=plan.pk))
    standings(made[:1])  # what is kept per process is read
    with django_assert_num_queries(2):
        [one.window(TODAY) for one in standings(made[:1])]
    with django_assert_num_queries(2):
        [one.window(TODAY) for one in standings(made)]


# Grades ----------------------------------------------------------------------------------------------


def send(client: Client, patient: Patient, **fields: str) -> Any:
    typed = {"lvef": "60", "performed_on": "2026-04-28", "modality": "echo-2d", "symptoms": "none"} | fields
    return client.post(reverse("assessment-new", args=[patient.uuid]), typed, follow=True)


def test_the_result_shows_its_grade_what_it_is_computed_from_and_what_is_missing(sign_in: SignIn):
    patient = make.patient()
    make.lvef(patient, 64, date(2026, 1, 2), gls_percent=Decimal("-21"))
    make.plan(start=START, given=3, of=patient, baseline=None)
    page = send(sign_in("nora"), patient, lvef="59", gls_percent="-18").content.decode()
    # CLINICAL.md 5.2: -21 to -18 is 14.3 %, and no dysfunction
    for words in (
        "No cardiac dysfunction",
        "64 % → 59 %",
        "relative fall 14.3 %",
        "could make it graver",
        "biomarkers",
    ):
        assert words in page
    row = LvefAssessment.objects.get(performed_on=date(2026, 4, 28))
    grading = api.get("nora", f"lvef/{row.uuid}/")["grading"]
    assert (grading["grade"], grading["asked"]) == ("none", ["biomarkers"])


@pytest.mark.parametrize(
    ("lvef", "fields", "grade"),
    [
        ("49", {}, "Asymptomatic, moderate"),
        ("39", {}, "Asymptomatic, severe"),
        ("58", {"biomarker_rise": "yes"}, "Asymptomatic, mild"),
        ("58", {"symptoms": "moderate"}, "Symptomatic, moderate"),
    ],
)
def test_grades_stand_on_the_chart_and_in_the_table(sign_in: SignIn, lvef: str, fields: dict[str, str], grade: str):
    plan = make.plan(start=START, given=3, baseline=62)
    nora = sign_in("nora")
    send(nora, plan.patient, lvef=lvef, lvef_again=lvef, **fields)
    for name in ("patient", "lvef-trend"):
        assert grade in nora.get(reverse(name, args=[plan.patient.uuid])).content.decode()


def test_the_flag_card_shows_the_grade(sign_in: SignIn):
    plan = make.plan(start=START, given=3, baseline=62)
    make.lvef(plan.patient, 49, date(2026, 4, 28))
    page = sign_in("omar").get(reverse("flag", args=[CardiacFlag.objects.get().uuid])).content.decode()
    assert "Asymptomatic, moderate (ESC 2022): 62 % → 49 %" in page


def test_biomarkers_are_kept_with_unit_and_the_laboratorys_limit(sign_in: SignIn):
    plan = make.plan(start=START, given=3, baseline=62)
    figures = {"troponin": "22", "troponin_limit": "14", "troponin_unit": "ng/L", "peptide": "125",
               "peptide_limit": "125", "peptide_unit": "pg/mL", "biomarker_rise": "yes"}  # fmt: skip
    page = send(sign_in("nora"), plan.patient, **figures).content.decode()
    assert "22 ng/L, above the laboratory’s limit of 14 ng/L".replace("’", "&#x27;") in page
    assert "125 pg/mL, not above" in page
    row = LvefAssessment.objects.latest("pk")
    assert row.biomarkers == (
        Biomarker(Marker.TROPONIN, Decimal(22), Decimal(14), MarkerUnit.NG_PER_L),
        Biomarker(Marker.NATRIURETIC_PEPTIDE, Decimal(125), Decimal(125), MarkerUnit.PG_PER_ML),
    )
    shown = api.get("nora", f"lvef/{row.uuid}/")["biomarkers"]
    assert [(one["marker"], one["is_above"]) for one in shown] == [("troponin", True), ("natriuretic-peptide", False)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"troponin": "22"}, "troponin"),  # no limit, no unit
        ({"troponin": "22", "troponin_limit": "14", "troponin_unit": "ng/L"}, "biomarker_rise"),
        ({"troponin": "22", "troponin_limit": "0", "troponin_unit": "ng/L", "biomarker_rise": "no"}, "troponin"),
        ({"troponin": "-2", "troponin_limit": "14", "troponin_unit": "ng/L", "biomarker_rise": "no"}, "troponin"),
        ({"troponin": "22", "troponin_limit": "14", "troponin_unit": "mmol", "biomarker_rise": "no"}, "troponin_unit"),
        ({"peptide": "high", "peptide_limit": "125", "peptide_unit": "pg/mL", "biomarker_rise": "no"}, "peptide"),
    ],
)
def test_half_a_biomarker_is_refused_beside_its_field(sign_in: SignIn, fields: dict[str, str], field: str):
    plan = make.plan(start=START, given=1)
    answer = send(sign_in("nora"), plan.patient, **fields)
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert LvefAssessment.objects.count() == 1


def test_a_program_says_whether_figures_are_a_rise():
    plan = make.plan(start=START, given=1)
    echo = {"performed_on": "2026-04-28", "modality": "echo-2d", "symptoms": "none", "lvef": "60"}
    troponin = {"marker": "troponin", "value": "22", "limit": "14", "unit": "ng/L"}
    address = f"patients/{plan.patient.uuid}/lvef/"
    refused = api.post("nora", address, 409, **echo, biomarkers=[troponin])
    assert api.error(refused)[0] == "rise-not-said"
    api.post("nora", address, 400, **echo, biomarkers=[troponin, troponin], biomarker_rise=True)
    api.post("nora", address, 400, **echo, biomarkers=[troponin | {"unit": "mmol"}], biomarker_rise=True)
    made = api.post("nora", address, 201, **echo, biomarkers=[troponin], biomarker_rise=True)
    assert made["grading"]["grade"] == "mild"


# Baseline --------------------------------------------------------------------------------------------


def before_the_first(plan: TreatmentPlan, on: date) -> list[str]:
    day = make.cycle(plan, 1)
    return [one.sentence for one in objections([day], on=on)[day.pk] if "aseline" in one.sentence]


@pytest.mark.parametrize(("days", "is_old"), [(119, False), (120, False), (121, True)])
def test_a_baseline_of_more_than_120_days_is_too_old_to_start_on(days: int, is_old: bool):
    patient = make.patient()
    make.lvef(patient, 62, TODAY - timedelta(days=days))
    plan = make.plan(start=TODAY, of=patient, baseline=None)
    said = before_the_first(plan, TODAY)
    assert bool(said) is is_old
    assert not is_old or f"is {days} days old at the first dose: over 120 days" in said[0]


def test_a_clinician_who_pins_an_old_baseline_says_why_and_may_start(sign_in: SignIn):
    patient = make.patient()
    old = make.lvef(patient, 62, date(2025, 12, 1))
    plan = make.plan(start=TODAY, of=patient, baseline=None)
    omar, address = sign_in("omar"), reverse("baseline", args=[plan.uuid])
    page = omar.get(address).content.decode()
    assert "150 days old at the first dose" in page
    assert omar.post(address, {"assessment": str(old.uuid), "reason": ""}).status_code == 422
    assert before_the_first(plan, TODAY)
    sent = {"assessment": str(old.uuid), "reason": "No treatment since; the next echo is booked."}
    assert omar.post(address, sent).status_code == 302
    assert before_the_first(plan, TODAY) == []


def test_missing_and_too_low_baselines_object_to_the_first_cycle():
    nobody = make.plan(start=TODAY, baseline=None)
    assert any("No baseline" in one or "no baseline" in one for one in before_the_first(nobody, TODAY))
    low = make.plan("trastuzumab-pertuzumab", start=TODAY, baseline=52)
    assert any("52 % is below 55 %" in one for one in before_the_first(low, TODAY))


def test_where_the_guideline_judges_the_plan_its_words_on_the_baseline_are_shown(sign_in: SignIn):
    note = "Transthoracic echocardiography is the baseline recommended for every patient (class I)"
    us, eu = make.plan(start=START), make.plan(start=START, of=european())
    assert note not in sign_in("omar").get(reverse("baseline", args=[us.uuid])).content.decode()
    client = Client()
    client.force_login(make.person("omar", eu.patient.site))
    assert note in client.get(reverse("baseline", args=[eu.uuid])).content.decode()


# After the last dose ---------------------------------------------------------------------------------


def ceased(of: Patient | None = None, reason: CeaseReason = CeaseReason.PATIENT_CHOICE) -> TreatmentPlan:
    """Five infusions, the last on Mon 30 Mar 2026; ended on Thu 30 Apr 2026."""
    plan = make.plan(start=START, given=5, of=of)
    omar = make.person("omar", plan.patient.site)
    return plans.cease(by=omar, plan=plan, reason=reason, note="Enough.")


def tasks(plan: TreatmentPlan, today: date) -> list[tuple[str, str]]:
    found = standing_of(TreatmentPlan.objects.get(pk=plan.pk)).follow_up(today)
    return [(str(one.due_on), one.progress.value) for one in found]


def test_a_finished_plan_leaves_completion_and_four_half_years():
    plan = ceased()
    assert tasks(plan, TODAY) == [
        ("2026-04-30", "due"), ("2026-09-30", "not-yet"), ("2027-03-30", "not-yet"), ("2027-09-30", "not-yet"),
        ("2028-03-30", "not-yet"),
    ]  # fmt: skip


def test_one_result_answers_every_source_that_asks_for_it():
    """ESC's within 12 months and the label's twelfth month fall on one day: one task, two sources."""
    plan = ceased(european())
    found = {one.due_on: one for one in standing_of(plan).follow_up(TODAY)}
    both = found[date(2027, 3, 30)]
    assert {one.document for one in both.citations} == {"herceptin-smpc-2011", "esc-2022"}
    with time_machine.travel("2027-03-25T09:00:00Z", tick=False):
        make.lvef(plan.patient, 61, date(2027, 3, 20))
        assert tasks(plan, date(2027, 3, 25)) == [
            ("2026-09-30", "answered"), ("2027-03-30", "answered"),
            ("2027-09-30", "not-yet"), ("2028-03-30", "not-yet"),
        ]  # fmt: skip


def test_an_early_result_answers_the_guideline_and_not_the_labels_twelfth_month():
    plan = ceased(european())
    with time_machine.travel("2026-10-01T09:00:00Z", tick=False):
        make.lvef(plan.patient, 61, date(2026, 10, 1))
        assert dict(tasks(plan, date(2026, 10, 1)))["2027-03-30"] == "not-yet"


def test_the_coordinator_has_a_list_of_patients_in_follow_up(sign_in: SignIn):
    plan, going_on = ceased(), make.plan(start=START, given=1)
    cora = sign_in("cora")
    page = cora.get(reverse("follow-up")).content.decode()
    for words in (
        str(plan.patient),
        "Thu 30 Apr 2026",
        "0 of 5 done",
        "Book echo",
        "6 months after the last administration",
    ):
        assert words in page
    assert str(going_on.patient) not in page
    assert reverse("follow-up") in cora.get(reverse("queue")).content.decode()
    shown = api.get("cora", "follow-up/")
    assert [(one["patient"], one["next"]["due_on"], len(one["tasks"])) for one in shown] == [
        (str(plan.patient.uuid), "2026-04-30", 5)
    ]
    assert sign_in("omar").get(reverse("follow-up")).status_code == 403


@pytest.mark.parametrize("reason", [CeaseReason.DIED, CeaseReason.TRANSFERRED])
def test_nobody_is_asked_to_call_a_patient_who_is_no_longer_here(sign_in: SignIn, reason: CeaseReason):
    plan = ceased(reason=reason)
    assert window(TreatmentPlan.objects.get(pk=plan.pk)).due_on is None
    cora = sign_in("cora")
    for name in ("follow-up", "queue"):
        assert str(plan.patient) not in cora.get(reverse(name)).content.decode()


def test_who_was_watched_for_two_years_leaves_the_list(sign_in: SignIn):
    plan = ceased()
    with time_machine.travel("2028-04-01T09:00:00Z", tick=False):
        make.lvef(plan.patient, 61, date(2028, 3, 28))
        page = sign_in("cora").get(reverse("follow-up")).content.decode()
    assert "Nobody is in follow-up" in page


def test_the_list_costs_the_same_queries_for_one_patient_as_for_three(sign_in: SignIn, django_assert_max_num_queries):
    cora = sign_in("cora")
    ceased()
    with django_assert_max_num_queries(30) as few:
        cora.get(reverse("follow-up"))
    ceased(), ceased()
    with django_assert_max_num_queries(30) as many:
        cora.get(reverse("follow-up"))
    assert len(many) == len(few)


# Too early -------------------------------------------------------------------------------------------


def test_an_echo_asked_for_too_early_is_told_so_and_booked_all_the_same(sign_in: SignIn):
    plan = make.plan(start=START, given=5)
    make.lvef(plan.patient, 61, date(2026, 4, 20))
    cora, address = sign_in("cora"), reverse("echo-book", args=[plan.uuid])
    early = "The last LVEF was 61 % (2D echo) on Mon 20 Apr 2026"
    assert early in cora.get(address).content.decode()
    soon = {"booked_for": "2026-06-14", "lab": "Echo lab"}  # 55 days after it
    assert early in cora.post(address, soon, follow=True).content.decode()
    assert early in api.post("cora", f"plans/{plan.uuid}/echoes/", 201, **soon)["too_early"]
    later = soon | {"booked_for": "2026-06-15"}  # 56 days: the window opens
    assert api.post("cora", f"plans/{plan.uuid}/echoes/", 201, **later)["too_early"] is None


def test_nobody_is_called_early_after_a_fall(sign_in: SignIn):
    plan = make.plan(start=START, given=5, baseline=62)
    make.lvef(plan.patient, 52, date(2026, 4, 20))  # 10 points
    page = sign_in("cora").get(reverse("echo-book", args=[plan.uuid])).content.decode()
    assert "would be early" not in page
