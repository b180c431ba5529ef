"""Letters to patients: once for each appointment, never when it no longer stands or is not wanted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from monitoring import tasks
from monitoring.actions import assessments, letter_settings, patient_answers, patient_letters, sweeps
from monitoring.core.patient_letters import LetterKind, Wording
from monitoring.models import PatientAnswer, Reminder
from monitoring.words import ReminderChannel, ReminderKind, ReminderState
from scheduling.actions import cycles, holds, plans
from scheduling.models import TreatmentPlan
from scheduling.words import CeaseReason, DelayReason, HoldReason
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SignIn = Callable[[str], Client]
ILL = re.compile(r"trastuzumab|cancer|lvef|heart|herz|onco", re.IGNORECASE)


@pytest.fixture
def plan(clock: Any) -> TreatmentPlan:
    """Trastuzumab from Mon 5 Jan 2026, four given; the fifth is planned for Mon 30 March. It is Mon 23 March, 10:00."""
    clock.move_to("2026-03-23T10:00:00Z")
    site = make.site()
    site.phone = "555 0100"
    site.save()
    patient = make.patient(email="petra@patient.example", phone="555 0199")
    make.lvef(patient, 62, date(2025, 12, 29))
    found = make.plan(start=date(2026, 1, 5), given=4, of=patient, baseline=None)
    letter_settings.choose(by=make.person("cora"), is_on=True)
    return found


def run() -> None:
    sweeps.send_reminders(now=timezone.now())
    tasks.deliver_reminders()


def letters(**fields: Any) -> list[Reminder]:
    return list(Reminder.objects.filter(kind=ReminderKind.PATIENT, **fields).order_by("pk"))


def link() -> str:
    """The address in the last letter, as the patient's browser asks for it."""
    return re.search(r"https?://[^/]+(/answer/\S+)", letters()[-1].text)[1]  # type: ignore[index]


def test_nothing_is_written_before_a_site_switches_it_on(plan: TreatmentPlan):
    letter_settings.choose(by=make.person("cora"), is_on=False)
    run()
    assert letters() == []


def test_a_week_before_and_the_day_before_the_patient_is_written_to_once_each(plan: TreatmentPlan, clock: Any):
    for moment in ("2026-03-23T10:00", "2026-03-23T18:00", "2026-03-26T10:00", "2026-03-29T10:00", "2026-03-29T11:00"):
        clock.move_to(f"{moment}:00Z")
        run()
    assert [(row.due_on, row.about[-2:], row.state) for row in letters()] == [
        (date(2026, 3, 30), ":7", "sent"),
        (date(2026, 3, 30), ":1", "sent"),
    ]
    to_her = [one for one in mail.outbox if one.to == ["petra@patient.example"]]
    assert len(to_her) == 2
    assert "Monday 30 March 2026 at Test clinic" in to_her[0].body
    assert not ILL.search(to_her[0].subject + to_her[0].body)


def test_days_without_a_worker_are_caught_up_by_the_nearest_lead_alone(plan: TreatmentPlan, clock: Any):
    clock.move_to("2026-03-29T10:00:00Z")
    run()
    assert [row.about[-2:] for row in letters()] == [":1"]


def test_nothing_goes_out_before_the_hour_the_site_chose(plan: TreatmentPlan, clock: Any):
    clock.move_to("2026-03-23T08:59:00Z")
    run()
    assert letters() == []
    clock.move_to("2026-03-23T09:00:00Z")
    run()
    assert len(letters()) == 1


def test_a_letter_is_in_the_patients_language_with_the_hour_agreed(plan: TreatmentPlan):
    plan.patient.language = "de-at"
    plan.patient.save()
    row = make.cycle(plan, 5)
    cycles.set_time(by=make.person("nora"), cycle_day=row, starts_at=timezone.now().replace(hour=9, minute=30).time())
    run()
    assert letters()[0].subject == "Ihr Termin"
    assert "Montag, 30. März 2026, 09:30 Uhr" in letters()[0].text


def test_a_booked_examination_is_announced_without_saying_of_what(plan: TreatmentPlan):
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=date(2026, 3, 27), lab="House 4, room 12")
    run()
    row = next(one for one in letters() if one.due_on == date(2026, 3, 27))
    assert row.subject == "Your examination"
    assert "House 4, room 12" in row.text
    assert not ILL.search(row.text)


def test_a_day_that_moved_while_the_mail_server_was_down_is_not_announced(plan: TreatmentPlan, settings: Any):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    run()
    assert letters()[0].state == ReminderState.QUEUED
    delay(plan, date(2026, 4, 13))
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Reminder.objects.update(next_try_at=timezone.now())
    run()
    assert [row.state for row in letters()] == [ReminderState.CANCELLED]
    assert [one for one in mail.outbox if one.to == ["petra@patient.example"]] == []


def delay(plan: TreatmentPlan, to_on: date) -> None:
    row = make.cycle(plan, 5)
    cycles.delay(by=make.person("nora"), cycle_day=row, to_on=to_on, reason=DelayReason.PATIENT_CHOICE)


def test_a_day_that_was_announced_and_moved_is_taken_back_once(plan: TreatmentPlan):
    run()
    delay(plan, date(2026, 4, 13))
    run()
    run()
    back = [row for row in letters() if row.about.startswith("moved:")]
    assert [(row.subject, row.state) for row in back] == [("Your appointment has changed", "sent")]
    assert "Monday 30 March 2026" in back[0].text
    assert "do not come on that day" in back[0].text


def test_an_infusion_put_on_hold_is_taken_back_too(plan: TreatmentPlan):
    run()
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.LVEF_FALL)
    run()
    assert [row.state for row in letters() if row.about.startswith("moved:")] == [ReminderState.SENT]


def test_who_opted_out_stands_in_the_ledger_and_gets_nothing(plan: TreatmentPlan):
    patient_answers.opt_out(by=make.person("cora"), patient=plan.patient, channel=ReminderChannel.EMAIL)
    run()
    assert [row.state for row in letters()] == [ReminderState.OPTED_OUT]
    assert [one for one in mail.outbox if one.to == ["petra@patient.example"]] == []
    with pytest.raises(Refused, match="already"):
        patient_answers.opt_out(by=make.person("cora"), patient=plan.patient, channel=ReminderChannel.EMAIL)


def test_a_pause_stops_what_waits_and_writes_nothing_new(plan: TreatmentPlan, clock: Any):
    sweeps.send_reminders(now=timezone.now())
    letter_settings.pause(by=make.person("cora"), reason="The address list is wrong")
    tasks.deliver_reminders()
    assert [row.state for row in letters()] == [ReminderState.CANCELLED]
    clock.move_to("2026-03-29T10:00:00Z")
    run()
    assert len(letters()) == 1
    letter_settings.resume(by=make.person("cora"))
    run()
    assert [row.state for row in letters()] == [ReminderState.CANCELLED, ReminderState.SENT]


def test_a_refused_address_becomes_a_call_with_the_number(plan: TreatmentPlan, sign_in: SignIn):
    run()
    Reminder.objects.filter(kind=ReminderKind.PATIENT).update(state="failed", sent_at=None, last_error="550 unknown")
    page = sign_in("cora").get(reverse("queue"), {"show": "message"}).content.decode()
    assert "call 555 0199" in page


def test_text_messages_need_a_sender_and_then_go_to_the_telephone(plan: TreatmentPlan, settings: Any):
    with pytest.raises(Refused, match="No sender"):
        letter_settings.choose(by=make.person("cora"), by_sms=True)
    settings.SMS_SEND = "tests.monitoring.test_patient_letters.keep_sms"
    letter_settings.choose(by=make.person("cora"), by_sms=True)
    SENT.clear()
    run()
    assert [number for number, _ in SENT] == ["555 0199"]
    assert SENT[0][1].startswith("Appointment Monday 30 March 2026, Test clinic.")
    assert {row.channel for row in letters()} == {"email", "sms"}


SENT: list[tuple[str, str]] = []


def keep_sms(number: str, text: str) -> None:
    SENT.append((number, text))


def test_opening_the_link_decides_nothing_and_names_nobody(plan: TreatmentPlan, client: Client):
    run()
    page = client.get(link())
    assert page.status_code == 200
    said = page.content.decode()
    assert "Monday 30 March 2026" in said
    for secret in (plan.patient.family_name, plan.patient.given_name, plan.patient.mrn):
        assert secret not in said
    assert not ILL.search(said.replace("her2tracker", ""))
    assert PatientAnswer.objects.count() == 0


def test_asking_for_another_day_moves_nothing_and_is_a_task_with_the_words(
    plan: TreatmentPlan, client: Client, sign_in: SignIn
):
    run()
    answer = client.post(link(), {"said": "other-day", "words": "Thursdays are better"})
    assert "We will call you" in answer.content.decode()
    assert make.cycle(plan, 5).planned_on == date(2026, 3, 30)
    page = sign_in("cora").get(reverse("queue"), {"show": "request"}).content.decode()
    assert "Asks for another day" in page
    assert "Thursdays are better" in page
    assert "555 0199" in page


def test_the_last_answer_counts(plan: TreatmentPlan, client: Client):
    run()
    client.post(link(), {"said": "other-day"})
    client.post(link(), {"said": "coming"})
    assert api.get("cora", "patient-requests/") == []


def test_a_request_is_settled_once_or_by_the_day_moving(plan: TreatmentPlan, client: Client, sign_in: SignIn):
    run()
    client.post(link(), {"said": "other-day"})
    (row,) = api.get("cora", "patient-requests/")
    assert (row["due_on"], row["phone"]) == ("2026-03-30", "555 0199")
    cora = sign_in("cora")
    cora.post(reverse("request-settle", args=[row["uuid"]]), {"settlement": ""})
    assert len(api.get("cora", "patient-requests/")) == 1
    cora.post(reverse("request-settle", args=[row["uuid"]]), {"settlement": "Keeps the day"})
    assert api.get("cora", "patient-requests/") == []
    again = api.post("cora", f"patient-requests/{row['uuid']}/settle/", 409, settlement="Again")
    assert again["error"]["code"] == "settled-already"
    client.post(link(), {"said": "other-day"})
    assert len(api.get("cora", "patient-requests/")) == 1
    delay(plan, date(2026, 4, 2))
    assert api.get("cora", "patient-requests/") == []


def test_stopping_by_the_link_ends_the_letters_and_keeps_the_appointment(
    plan: TreatmentPlan, client: Client, clock: Any
):
    run()
    for _ in range(2):
        assert "no more messages" in client.post(link(), {"said": "stop"}).content.decode()
    clock.move_to("2026-03-29T10:00:00Z")
    run()
    assert [row.state for row in letters()] == [ReminderState.SENT, ReminderState.OPTED_OUT]
    assert make.cycle(plan, 5).planned_on == date(2026, 3, 30)
    assert Act.objects.get(verb="patient.letters-stopped").details["by_link"] is True


@pytest.mark.parametrize("key", ["", "none", "x" * 400, "Ij:1w:abc"])
def test_a_link_that_nobody_wrote_does_not_exist(plan: TreatmentPlan, client: Client, key: str):
    assert client.get("/answer/", {"key": key}).status_code == 404
    assert client.post(f"/answer/?key={key}", {"said": "coming"}).status_code == 404


def test_a_day_past_or_moved_is_not_answered_and_says_whom_to_call(plan: TreatmentPlan, client: Client, clock: Any):
    run()
    moved = link()
    delay(plan, date(2026, 4, 13))
    said = client.post(moved, {"said": "coming"}).content.decode()
    assert "Please call us: 555 0100" in said
    clock.move_to("2026-05-30T10:00:00Z")
    assert "Please call us: 555 0100" in client.get(moved).content.decode()
    assert PatientAnswer.objects.count() == 0


def test_a_letter_answered_ten_times_takes_no_more(plan: TreatmentPlan, client: Client):
    run()
    for _ in range(12):
        client.post(link(), {"said": "coming"})
    assert PatientAnswer.objects.count() == 10
    assert "answered many times" in client.get(link()).content.decode()


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("text", "Come on {when}. {answer} {drug}", "There is no place {drug}"),
        ("text", "Come on {when}.", "It must say {answer}"),
        ("text", "Come. {answer}", "It must say {when}"),
        ("text", "Come on {when. {answer}", "A brace stands alone"),
        ("text", "{when.year} {answer}", "There is no place"),
        ("text", "{when!r} {answer}", "only its name"),
        ("text", "Your Trastuzumab is on {when}: {answer}", "tells others about the illness"),
        ("subject", "Your {when}", "One plain line"),
        ("subject", "Heart check", "tells others about the illness"),
        ("subject", "x" * 81, "At most 80 characters"),
    ],
)
def test_a_wording_that_would_tell_or_break_is_refused_beside_its_field(
    plan: TreatmentPlan, sign_in: SignIn, field: str, text: str, why: str
):
    good = {"subject": "Your day", "text": "Come on {when}. {answer}", "sms": ""}
    page = sign_in("cora").post(reverse("letter-wording", args=["infusion", "en"]), good | {field: text})
    assert page.status_code == 422
    wording = Wording(**(good | {field: text}))
    with pytest.raises(Refused) as refused:
        letter_settings.word(by=make.person("cora"), kind=LetterKind.INFUSION, language="en", wording=wording)
    assert why in refused.value.fields[field][0]


def test_a_sites_own_words_are_used_until_they_are_taken_back(plan: TreatmentPlan):
    own = {"subject": "See you soon", "text": "We expect you: {when}. {answer}", "sms": ""}
    program = api.client("cora")
    assert program.put("/api/v1/letters/wordings/infusion/en/", own, format="json").status_code == 200
    run()
    assert letters()[0].subject == "See you soon"
    assert program.delete("/api/v1/letters/wordings/infusion/en/").json()["is_own"] is False
    refused = program.put("/api/v1/letters/wordings/infusion/tlh/", own, format="json")
    assert refused.status_code == 404


def test_it_cannot_be_switched_on_without_a_number_to_call(plan: TreatmentPlan, sign_in: SignIn):
    site = make.site()
    site.phone = ""
    site.save()
    said = {"is_on": "on", "infusion_lead_days": "7, 1", "examination_lead_days": "3", "send_from": "09:00"}
    page = sign_in("cora").post(reverse("letters"), said)
    assert page.status_code == 422
    assert "telephone number first" in page.content.decode()


@pytest.mark.parametrize("leads", ["", "0", "7, x", "61", "1 2 3 4 5", "٧"])
def test_lead_days_are_whole_days_from_one_to_sixty(plan: TreatmentPlan, sign_in: SignIn, leads: str):
    said = {"is_on": "on", "infusion_lead_days": leads, "examination_lead_days": "3", "send_from": "09:00"}
    assert sign_in("cora").post(reverse("letters"), said).status_code == 422


def test_an_administrator_reads_the_ledger_without_learning_who_is_a_patient(plan: TreatmentPlan, sign_in: SignIn):
    run()
    row = letters()[0]
    for address in (reverse("reminders"), reverse("reminder", args=[row.uuid]), reverse("letters")):
        page = sign_in("ada").get(address).content.decode()
        for secret in (plan.patient.family_name.upper(), "petra@patient.example"):
            assert secret not in page, address
    shown = api.get("ada", f"reminders/{row.uuid}/")
    assert (shown["recipient"], shown["address"], shown["text"]) == ("", "", None)


def test_the_patients_page_tells_letters_answers_and_wishes(plan: TreatmentPlan, client: Client, sign_in: SignIn):
    run()
    client.post(link(), {"said": "other-day", "words": "After Easter"})
    nora = sign_in("nora")
    address = reverse("patient-letters", args=[plan.patient.uuid])
    page = nora.get(address).content.decode()
    assert "After Easter" in page
    nora.post(address, {"channel": "email", "wants": "no"})
    assert "Wants none" in nora.get(address).content.decode()
    nora.post(address, {"channel": "email", "wants": "yes"})
    assert api.get("cora", f"patients/{plan.patient.uuid}/letters/")["opted_out"] == []
    assert nora.post(address, {"channel": "pigeon", "wants": "no"}).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_patients(plan: TreatmentPlan):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            patient_letters.compose(plan.patient.site, now=timezone.now())
        return len(queries)

    for_one = asked()
    for number in range(6):
        of = make.patient(mrn=f"L{number}", email=f"p{number}@patient.example")
        make.plan(start=date(2026, 3, 9), given=1, of=of)
    assert asked() <= for_one
    assert len(letters()) == 7


def test_the_preview_of_a_delay_says_which_letters_move_and_which_is_taken_back(plan: TreatmentPlan):
    row = make.cycle(plan, 5)

    def shown() -> dict[str, Any]:
        address = f"cycle-days/{row.uuid}/delay/preview/"
        found = api.post("nora", address, 200, to_on="2026-04-13", scope="later")["beside"]
        return next(one for one in found if one["what"] == "Letter to the patient")

    assert (shown()["old_on"], shown()["new_on"]) == ("2026-03-23", "2026-04-06")
    assert "no longer stands" not in shown()["sentence"]
    run()
    assert "One is sent already" in shown()["sentence"]


def test_nobody_writes_to_a_patient_who_died(plan: TreatmentPlan):
    run()
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=date(2026, 3, 28), lab="House 4")
    plans.cease(by=make.person("omar"), plan=plan, reason=CeaseReason.DIED)
    run()
    assert [row.about.partition(":")[0] for row in letters()] == ["infusion"]


def test_what_waits_when_a_patient_dies_does_not_leave(plan: TreatmentPlan):
    run()
    delay(plan, date(2026, 4, 13))
    sweeps.send_reminders(now=timezone.now())
    plans.cease(by=make.person("omar"), plan=plan, reason=CeaseReason.DIED)
    tasks.deliver_reminders()
    assert [(row.about.partition(":")[0], row.state) for row in letters()] == [
        ("infusion", "sent"),
        ("moved", "cancelled"),
    ]


def test_a_plan_ceased_for_another_reason_takes_its_day_back(plan: TreatmentPlan):
    run()
    plans.cease(by=make.person("omar"), plan=plan, reason=CeaseReason.TOXICITY)
    run()
    assert [row.state for row in letters() if row.about.startswith("moved:")] == [ReminderState.SENT]


def test_a_laboratory_whose_name_tells_of_what_is_not_named(plan: TreatmentPlan):
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=date(2026, 3, 27), lab="City echo lab")
    run()
    row = next(one for one in letters() if one.due_on == date(2026, 3, 27))
    assert "echo" not in row.text.lower()
    assert "Test clinic" in row.text


def test_on_the_day_itself_no_reminder_comes(plan: TreatmentPlan, clock: Any):
    clock.move_to("2026-03-30T10:00:00Z")
    run()
    assert letters() == []


def test_the_preview_of_an_end_promises_no_letter_to_whoever_died(plan: TreatmentPlan):
    def told() -> list[str]:
        beside = api.post("omar", f"plans/{plan.uuid}/cease/preview/", 200)["beside"]
        return [one["sentence"] for one in beside if one["what"] == "Letter to the patient"]

    run()
    (sentence,) = told()
    assert sentence.startswith("13 appointments: no letter announces them.")
    assert "unless death ends the plan" in sentence
    patient_answers.opt_out(by=make.person("cora"), patient=plan.patient, channel=ReminderChannel.EMAIL)
    assert told() == []
