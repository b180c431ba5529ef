"""A plan leaves one hospital on a card, and goes on at another exactly where it stood."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.clinic.handover import taking
from her2tracker.clinic.handover.card import Card, write
from her2tracker.clinic.handover.making import card_of
from her2tracker.clinic.handover.reading import read
from her2tracker.clinic.handover.taking import Choice, Outcome
from her2tracker.lib import strict_json
from her2tracker.lib.refusals import Refused
from monitoring.core.result import Modality
from monitoring.models import CardiacFlag, LvefAssessment
from monitoring.models.standing import standing_of
from scheduling.actions import cycles, holds, plans, switches
from scheduling.actions.plans import Prior
from scheduling.models import Patient, ReceivedCard, TreatmentPlan
from scheduling.models.facts import read_plan
from scheduling.words import CardState, CeaseReason, DelayReason, DelayScope, HoldReason, OmissionReason, SwitchReason
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)
TODAY = date(2026, 4, 30)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-04-30 09:00", tick=False)


def other():
    return make.site(name="Second hospital")


def card(plan: TreatmentPlan) -> Card:
    return card_of(read_plan(plan.pk), by=make.person("omar", plan.patient.site), now=timezone.now())


def received(text: str) -> ReceivedCard:
    return taking.receive(by=make.person("omar", other()), text=text)


def taken(plan: TreatmentPlan, **choice) -> Outcome:
    """The plan's card, taken over at the second hospital for a new patient."""
    make.signed_off(plan.regimen.key, other())
    row = received(write(card(plan)))
    return taking.take_over(by=make.person("omar", other()), row=row, choice=Choice(**({"mrn": "S-1"} | choice)))


def a_plan(**fields) -> TreatmentPlan:
    return make.plan(**({"key": "trastuzumab-pertuzumab", "start": START, "given": 5} | fields))


def test_what_is_left_and_every_lvef_are_the_same_at_the_second_hospital():
    plan = a_plan()
    make.lvef(
        plan.patient, "50-55", date(2026, 3, 2), modality=Modality.MUGA, gls_percent=Decimal("-18.5"), note="window"
    )
    made = taken(plan)
    assert made.apart == ()
    assert [day.cycle for day in made.days] == list(range(6, 19))
    there, here = standing_of(read_plan(plan.pk)), standing_of(made.plan)
    assert [_figures(row) for row in here.assessments] == [_figures(row) for row in there.assessments]
    assert _figures(here.baseline) == _figures(there.baseline)
    assert {row.reported_by for row in here.assessments} == {"Test clinic"}
    assert made.patient.site == other()
    assert (str(made.patient), made.patient.mrn) == (str(plan.patient), "S-1")
    assert (made.plan.dosing_weight_kg, made.plan.dosing_weight_on) == (plan.dosing_weight_kg, START)


def _figures(row: LvefAssessment) -> tuple[object, ...]:
    return row.performed_on, row.lvef, row.modality, row.lab, row.symptoms, row.gls_percent, row.note


ACTS = st.lists(
    st.tuples(st.sampled_from(["give", "give", "late", "omit", "make up", "delay", "alone"]), st.integers(1, 45)),
    min_size=1, max_size=7,
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["trastuzumab-q3w-17", "trastuzumab-pertuzumab", "apt", "t-dm1"]), ACTS)
def test_whatever_happened_to_a_plan_it_goes_on_as_it_stood(key, acts):
    """Delays, omissions, late doses and the re-loads that follow; dates, kinds and milligrams to the dose."""
    plan = make.plan(key, start=START)
    make.give(make.cycle(plan, 1))
    for act, days in acts:
        _do(plan, act, days)
    made = taken(plan, mrn=f"S-{plan.pk}")
    assert made.apart == ()
    assert len(made.days) == len(card(plan).left)


def _do(plan: TreatmentPlan, act: str, days: int) -> None:
    row = plan.cycle_days.planned().first()
    if row is None or row.planned_on + timedelta(days) > TODAY:
        return
    nora = make.person("nora", plan.patient.site)
    omar = make.person("omar", plan.patient.site)
    try:
        if act in ("give", "late"):
            make.give(row, row.planned_on + timedelta(days if act == "late" else 0))
        elif act in ("omit", "make up"):
            cycles.omit(by=omar, cycle_day=row, reason=OmissionReason.PATIENT_CHOICE, made_up=act == "make up")
        else:
            scope = DelayScope.ONLY if act == "alone" else DelayScope.LATER
            to = row.planned_on + timedelta(days)
            cycles.delay(by=nora, cycle_day=row, to_on=to, reason=DelayReason.PATIENT_CHOICE, scope=scope)
    except Refused:
        pass  # what a clinic may not do is no history to hand over


def test_doses_before_the_plan_count_there_too():
    plan = a_plan(
        key="trastuzumab-q3w-18", given=2, prior=[Prior("trastuzumab", 6, START - timedelta(20), place="Elsewhere")]
    )
    made = taken(plan)
    prior = made.plan.prior_treatments.get()
    assert (prior.doses, made.days[0].cycle, len(made.days), made.apart) == (8, 9, 10, ())


def test_a_plan_that_was_switched_to_goes_on_and_its_doses_count():
    before = a_plan(key="trastuzumab-q3w-17", given=3)
    dual = make.signed_off("trastuzumab-pertuzumab", before.patient.site)
    to = switches.To(dual, date(2026, 5, 4), "adjuvant")
    plan = switches.make(by=make.person("omar"), plan=before, to=to, reason=SwitchReason.OTHER, note="Decided today")
    made = taken(plan)
    assert made.apart == ()
    assert [day.cycle for day in made.days] == [day.cycle for day in card(plan).left]
    assert (made.days[0].cycle, made.days[0].on) == (4, date(2026, 5, 4))


def test_a_hold_goes_with_the_plan_and_its_clock_goes_on():
    plan = a_plan()
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.LVEF_FALL, repeat_assessment_by=date(2026, 5, 20))
    made = taken(plan)
    hold = made.plan.holds.get()
    assert (hold.begun_on, hold.reason, hold.repeat_assessment_by) == (TODAY, "lvef-fall", date(2026, 5, 20))
    assert (hold.ended_on, hold.note) == (None, "Held at Test clinic")


def test_a_finding_at_the_first_hospital_is_a_flag_at_the_second():
    plan = a_plan()
    make.lvef(plan.patient, 45, date(2026, 4, 20))
    made = taken(plan)
    assert _kinds(made.plan) == _kinds(plan) != []


def _kinds(plan: TreatmentPlan) -> list[tuple[str, str]]:
    return sorted(CardiacFlag.objects.filter(plan=plan).values_list("kind", "advice"))


def test_taken_over_twice_is_refused_and_nothing_is_doubled():
    plan = a_plan()
    text = write(card(plan))
    taken(plan)
    before = [model.objects.count() for model in (Patient, TreatmentPlan, LvefAssessment)]
    for again in (text, write(card(plan))):
        with pytest.raises(Refused, match="This card was taken over on Thu 30 Apr 2026 by Omar Ortega"):
            received(again)
    assert [model.objects.count() for model in (Patient, TreatmentPlan, LvefAssessment)] == before


def test_of_two_that_wait_the_second_is_refused():
    plan = a_plan()
    make.signed_off(plan.regimen.key, other())
    rows = [received(write(card(plan))) for _ in range(2)]
    omar = make.person("omar", other())
    taking.take_over(by=omar, row=rows[0], choice=Choice(mrn="S-1"))
    with pytest.raises(Refused, match="was taken over on"):
        taking.take_over(by=omar, row=rows[1], choice=Choice(mrn="S-2"))


def test_a_preview_says_what_taking_over_does_and_writes_none_of_it():
    plan = a_plan()
    make.signed_off(plan.regimen.key, other())
    row, omar = received(write(card(plan))), make.person("omar", other())
    before = [model.objects.count() for model in (Patient, TreatmentPlan, LvefAssessment, Act)]
    shown = taking.preview(by=omar, row=row, choice=Choice(mrn="S-1"))
    assert [model.objects.count() for model in (Patient, TreatmentPlan, LvefAssessment, Act)] == before
    done = taking.take_over(by=omar, row=row, choice=Choice(mrn="S-1"))
    assert (shown.days, shown.apart) == (done.days, done.apart)


def test_nobody_is_merged_by_a_guess():
    plan = a_plan()
    make.signed_off(plan.regimen.key, other())
    known = make.patient(
        other(), family_name=plan.patient.family_name.upper(), given_name=plan.patient.given_name, mrn="S-7"
    )
    row, omar = received(write(card(plan))), make.person("omar", other())
    found = taking.found(by=omar, row=row)
    assert [(one.patient, one.because) for one in found.matches] == [(known, "same name, date of birth; another MRN")]
    with pytest.raises(Refused, match="Choose the patient"):
        taking.take_over(by=omar, row=row, choice=Choice())
    made = taking.take_over(by=omar, row=row, choice=Choice(patient=known))
    assert made.plan.patient == known


def test_somebody_born_on_another_day_is_refused():
    plan = a_plan()
    stranger = make.patient(other(), born_on=date(1971, 5, 17))
    row = received(write(card(plan)))
    with pytest.raises(Refused, match="and the card is of somebody born on"):
        taking.take_over(by=make.person("omar", other()), row=row, choice=Choice(patient=stranger))


def test_a_regimen_that_is_not_the_same_here_is_asked_about_and_never_guessed():
    plan = a_plan(key="trastuzumab-q3w-17")
    own = replace(card(plan), regimen=replace(card(plan).regimen, key="own-thing", name="Own thing"))
    row, omar = received(write(own)), make.person("omar", other())
    make.signed_off("trastuzumab-q3w-17", other())
    found = taking.found(by=omar, row=row)
    assert found.regimen is None
    assert plan.regimen in found.equivalents
    with pytest.raises(Refused, match="Choose the regimen to go on by"):
        taking.take_over(by=omar, row=row, choice=Choice(mrn="S-1"))
    made = taking.take_over(by=omar, row=row, choice=Choice(mrn="S-1", regimen=plan.regimen))
    assert (made.days[0].cycle, made.apart) == (6, ())


def test_what_differs_here_is_told_dose_by_dose():
    plan = a_plan(key="trastuzumab-q3w-17")
    make.signed_off("trastuzumab-q3w-18", other())
    row = received(write(card(plan)))
    shown = taking.preview(
        by=make.person("omar", other()), row=row, choice=Choice(mrn="S-1", regimen=make.regimen("trastuzumab-q3w-18"))
    )
    assert [(one.cycle, one.there) for one in shown.apart] == [(18, "not planned")]


def test_a_patient_under_treatment_here_is_refused():
    plan = a_plan()
    busy = make.plan("trastuzumab-pertuzumab", start=START, of=make.patient(other()))
    row = received(write(card(plan)))
    with pytest.raises(Refused, match="has an active plan"):
        taking.take_over(by=make.person("omar", other()), row=row, choice=Choice(patient=busy.patient))
    assert row.state == CardState.RECEIVED


def test_a_plan_that_ended_by_leaving_goes_on_and_any_other_end_brings_the_results_alone():
    for reason, goes_on in ((CeaseReason.TRANSFERRED, True), (CeaseReason.CARDIAC, False)):
        plan = a_plan()
        plans.cease(by=make.person("omar"), plan=plan, reason=reason)
        made = taken(plan, mrn=f"S-{reason}")
        assert (made.plan is not None, len(made.results), made.apart) == (goes_on, 1, ())


@pytest.mark.parametrize("who", ["nora", "cora", "pia", "ada", "xavier"])
def test_only_who_may_start_plans_takes_over(who):
    plan = a_plan()
    text = write(card(plan))
    row = received(text)
    by = make.person(who, other())
    for act in (
        lambda: taking.receive(by=by, text=text),
        lambda: taking.found(by=by, row=row),
        lambda: taking.preview(by=by, row=row, choice=Choice(mrn="S-1")),
        lambda: taking.take_over(by=by, row=row, choice=Choice(mrn="S-1")),
        lambda: taking.withdraw(by=by, row=row),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_one_that_is_put_aside_is_forgotten():
    row = received(write(card(a_plan())))
    taking.withdraw(by=make.person("omar", other()), row=row)
    row.refresh_from_db()
    assert (row.state, row.text) == (CardState.WITHDRAWN, "")
    with pytest.raises(Refused, match="This card is withdrawn by now"):
        taking.take_over(by=make.person("omar", other()), row=row, choice=Choice(mrn="S-1"))


def test_the_history_tells_of_it_and_the_log_names_nobody():
    plan = a_plan()
    made = taken(plan)
    said = {act.verb: sentence(act) for act in Act.objects.filter(patient_uuid=made.patient.uuid)}
    assert said["card.taken-over"] == (
        "took over a handover card of Test clinic: 1 LVEFs and went on with "
        f"{made.plan.regimen} at cycle 6"
    )  # fmt: skip
    assert said["plan.taken-over"] == "took over the plan of Test clinic: 5 doses given, the next on Mon 20 Apr 2026"
    assert not Act.objects.filter(details__icontains=plan.patient.family_name).exists()


def changed(text: str, **values) -> str:
    """The card with other content and a checksum that fits it, as somebody who means ill would write it."""
    import hashlib

    body = json.loads(text)
    body["card"] |= values
    body["checksum"] = hashlib.sha256(strict_json.canonical(body["card"])).hexdigest()
    return json.dumps(body)


def test_a_card_that_was_changed_on_its_way_is_refused():
    text = write(card(a_plan()))
    with pytest.raises(Refused, match="The checksum does not fit"):
        received(text.replace('"560"', '"56"') if '"560"' in text else text.replace('"420"', '"42"'))
    with pytest.raises(Refused, match="cut off on its way"):
        received(text[: len(text) // 2])
    assert not ReceivedCard.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("[]", "no handover card"),
        ('{"format": "something"}', "no handover card"),
        ('{"format": "her2tracker-handover-card", "version": 2}', "written in version 2, and version 1 is read here"),
        ('{"format": "her2tracker-handover-card", "version": true}', "written in version True"),
        ("[" * 100_000, "no JSON"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": NaN}', "is no figure"),
        (
            '{"format": "her2tracker-handover-card", "version": 1, "checksum": "", "card": "\\ud800"}',
            "half a character",
        ),
        ("x" * (1024 * 1024 + 1), "more than 1 MB"),
    ],
    ids=["empty", "list", "format", "version 2", "version true", "deep", "doubled", "nan", "half", "large"],
)
def test_what_is_no_card_is_refused_in_a_sentence(text, said):
    with pytest.raises(Refused, match=said):
        received(text)


def test_doses_that_contradict_are_refused():
    text = write(card(a_plan(key="trastuzumab-q3w-17")))
    days = json.loads(text)["card"]["plan"]["cycle_days"]

    def with_day(number, **values):
        plan = json.loads(text)["card"]["plan"]
        plan["cycle_days"][number] |= values
        return changed(text, plan=plan)

    def with_dose(number, **values):
        dose = days[number]["doses"][0] | values
        return with_day(number, doses=[dose])

    for said, wrong in {
        "cannot have been given on": with_dose(2, given_on="2026-12-01"),
        "without an amount above nothing": with_dose(2, mg="-5"),
        "no later than the cycle day before": with_day(2, on="2026-01-05"),
        "not numbered upwards": with_day(2, cycle=1),
        "no dose of it is": with_dose(2, given_on=None),
        "is no day like": with_day(2, on="soon"),
        "is not one of given, omitted, planned": with_day(2, state="eaten"),
    }.items():
        with pytest.raises(Refused, match=said):
            received(wrong)


def test_a_value_that_no_column_takes_is_refused_in_a_sentence():
    plan = a_plan(key="trastuzumab-q3w-17")
    make.signed_off(plan.regimen.key, other())
    text, omar = write(card(plan)), make.person("omar", other())
    person, results = json.loads(text)["card"]["patient"], json.loads(text)["card"]["results"]
    levels = {"agent": "trastuzumab", "from_cycle": None, "from_on": "2026-01-05", "amount": "9999999999", "reason": ""}
    for values in (
        {"patient": person | {"family_name": "x" * 100}},
        {"results": [results[0] | {"lab": "x" * 200}]},
        {"plan": json.loads(text)["card"]["plan"] | {"levels": [levels]}},
    ):
        row = received(changed(text, id=str(uuid4()), **values))
        with pytest.raises(Refused, match=r"cannot be kept here|too large here"):
            taking.take_over(by=omar, row=row, choice=Choice(mrn="S-1"))
    assert not Patient.objects.filter(site=other()).exists()


def test_a_card_says_the_same_when_it_is_read_back():
    made = card(a_plan())
    assert read(write(made), today=TODAY) == made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_put_into_a_card_it_is_read_or_refused_in_a_sentence(data):
    if not hasattr(test_whatever_is_put_into_a_card_it_is_read_or_refused_in_a_sentence, "text"):
        test_whatever_is_put_into_a_card_it_is_read_or_refused_in_a_sentence.text = write(card(a_plan()))
    text = test_whatever_is_put_into_a_card_it_is_read_or_refused_in_a_sentence.text
    name = data.draw(st.sampled_from(sorted(json.loads(text)["card"])))
    junk = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
        max_leaves=4,
    )
    with suppress(strict_json.Unreadable):  # a sentence; whatever else is raised fails
        read(changed(text, **{name: data.draw(junk)}), today=TODAY)
