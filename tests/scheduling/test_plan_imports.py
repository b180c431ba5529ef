"""Patients and plans from a file: every line answered before anything is written, and then all of it or nothing."""

from __future__ import annotations

import threading
import time
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from her2tracker.accounts.roles import Role
from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.refusals import Refused
from scheduling.actions import closed_days, file_imports, intake, patients, plan_imports, plans
from scheduling.models import Administration, BodyMeasurement, Patient, PlanImport, PriorTreatment, TreatmentPlan
from scheduling.tasks import import_plans
from scheduling.words import CeaseReason, ImportState
from tests import make
from tests.scheduling.sheets import ANNA, person, sheet

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)
WRITTEN = (Patient, BodyMeasurement, TreatmentPlan, PriorTreatment, Administration)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-01-05 09:00", tick=False)
    make.signed_off("trastuzumab-q3w-17", make.site())


def received(*rows: dict[str, object]) -> PlanImport:
    return plan_imports.receive(by=make.person("omar"), text=sheet(*rows), file_name="plans.csv")


def confirmed(*rows: dict[str, object]) -> PlanImport:
    return plan_imports.confirm(by=make.person("omar"), plan_import=received(*rows))


def written() -> list[int]:
    return [model.objects.count() for model in WRITTEN]


def refusals(*rows: dict[str, object]) -> list[str]:
    """What the check says against the last line."""
    return received(*rows).lines[-1]["refusals"]


def test_a_check_says_what_each_line_would_do_and_writes_none_of_it():
    before = written()
    found = received(ANNA, person(2, prior_agent="trastuzumab", prior_doses=6, prior_last_on="2025-12-15"))
    assert found.state == ImportState.CHECKED
    assert found.counts == {"rows": 2, "start": 2, "there": 0, "refused": 0, "new": 2, "warned": 2}
    anna, other = found.lines
    assert (anna["line"], anna["mrn"], anna["name"], anna["is_new"]) == (2, "I-1", "Arnold, Anna", True)
    assert (anna["start_on"], anna["last_on"], anna["cycle_days"]) == ("2026-01-05", "2026-12-07", 17)
    assert (other["line"], other["cycle_days"]) == (3, 11)
    assert written() == before


def test_confirmed_and_carried_out_it_is_the_plan_that_a_person_would_have_started():
    confirmed(ANNA | {"phone": "+34 600 1", "language": "es", "sex": "female"})
    assert import_plans() == 1
    anna = Patient.objects.get(mrn="I-1")
    assert (str(anna), anna.born_on, anna.phone, anna.language) == (
        "ARNOLD, Anna",
        date(1970, 5, 17),
        "+34 600 1",
        "es",
    )
    assert [(row.weight_kg, row.measured_on) for row in anna.measurements.all()] == [(70, date(2026, 1, 2))]
    plan = anna.plans.get()
    assert (plan.setting, plan.recorded_by, plan.dosing_weight_kg) == ("adjuvant", make.person("omar"), 70)
    alone = plans.preview(by=make.person("omar"), patient=make.patient(), regimen=plan.regimen, start_on=TODAY)
    days = [(day.cycle, day.planned_on) for day in plan.cycle_days.all()]
    assert days == [(entry.cycle, entry.on) for entry in alone.projection.entries]
    first = Administration.objects.filter(cycle_day__plan=plan).order_by("cycle_day__cycle")[0]
    assert first.planned_mg == 560  # 8 mg/kg x 70 kg
    row = PlanImport.objects.get()
    assert (row.state, row.lines[0]["plan"], row.done_rows) == (ImportState.DONE, str(plan.uuid), 1)
    assert (row.counts["start"], row.counts["new"], row.counts["warned"]) == (1, 1, 1)


def test_what_is_not_said_about_a_new_patient_is_unknown_and_not_guessed():
    confirmed(ANNA)
    import_plans()
    anna = Patient.objects.get(mrn="I-1")
    assert (anna.sex, anna.language, anna.phone) == ("unknown", "en", "")


def test_a_patient_on_record_gets_the_plan_and_stays_as_she_is():
    anna = make.patient(mrn="I-1", family_name="ARNOLD", given_name="Anna", phone="1")
    found = received(ANNA | {"phone": "2"})
    assert (found.lines[0]["is_new"], found.counts["new"]) == (False, 0)
    assert "phone: the record says 1 and stays as it is." in found.lines[0]["warnings"]
    plan_imports.confirm(by=make.person("omar"), plan_import=found)
    import_plans()
    anna.refresh_from_db()
    assert (anna.phone, anna.plans.count(), Patient.objects.filter(mrn="I-1").count()) == ("1", 1, 1)


def test_warnings_say_what_today_will_say():
    closed_days.close(by=make.person("ada"), on=TODAY, name="Move")
    new = {name: value for name, value in ANNA.items() if not name.startswith("weigh")}
    said = received(new).lines[0]["warnings"]
    assert "No baseline LVEF." in said
    assert "Weight missing." in said
    assert "The start falls on a closed day: Move." in said
    make.lvef(make.patient(mrn="I-2", family_name="Testcase2", given_name="Anna"), 62, TODAY)
    assert "No baseline LVEF." not in received(person(2)).lines[0]["warnings"]


def test_a_start_that_has_passed_is_told():
    passed = "The start has passed: infusions until today stand as missed until they are recorded."
    assert passed in received(person(2, start_on="2026-01-04")).lines[0]["warnings"]
    assert passed not in received(ANNA).lines[0]["warnings"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"born_on": "17.05.1970"}, "born_on: “17.05.1970” is no date"),
        ({"regimen": "trastuzumab-q3w"}, "is not in the library. Do you mean “trastuzumab-q3w-1"),
        ({"regimen": "xyz"}, "regimen: “xyz” is not in the library. The library shows each regimen’s id."),
        ({"regimen": "t-dm1"}, "must sign them off"),
        ({"setting": "metastatic"}, "is for the adjuvant setting."),
        ({"start_on": "2029-01-05"}, "more than two years away"),
        ({"start_on": "1969-01-05"}, "cannot start before the patient was born"),
        ({"email": "anna(at)example.org"}, "email: Enter a valid email address."),
        ({"mrn": "9" * 41}, "mrn: Ensure this value has at most 40 characters"),
        (
            {"prior_agent": "trastuzumab", "prior_doses": 1, "prior_last_on": "2026-01-05"},
            "the last earlier dose of trastuzumab must be before the start.",
        ),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_is_refused_in_a_sentence(cells, said):
    found = refusals(person(2), ANNA | cells)
    assert any(said in one for one in found), found


def test_an_mrn_of_somebody_else_is_refused_and_no_name_is_guessed():
    make.patient(mrn="I-1", family_name="Other", given_name="Anna")
    assert "MRN I-1 is on record as Other, and the file says Arnold." in refusals(ANNA)[0]


def test_an_mrn_that_was_merged_away_names_the_one_that_lives_on():
    cora, old, new = make.person("cora"), make.patient(mrn="I-1"), make.patient(mrn="I-2")
    patients.merge(by=cora, patient=old, into=new, reason="The same person.")
    assert refusals(ANNA) == ["mrn: I-1 is an earlier number of MRN I-2. Write that one."]


def test_a_patient_under_treatment_is_refused():
    make.plan(start=date(2025, 12, 1), of=make.patient(mrn="I-1", family_name="Arnold", given_name="Anna"))
    assert "This patient has an active plan." in refusals(ANNA)[0]


def test_another_sites_patient_is_nobody_here():
    make.patient(make.site(name="Other clinic"), mrn="I-1", family_name="Other")
    assert received(ANNA).lines[0]["is_new"]


def test_while_one_line_is_refused_nothing_can_be_confirmed():
    found = received(ANNA, person(2, start_on="soon"))
    assert (found.counts["start"], found.counts["refused"]) == (1, 1)
    with pytest.raises(Refused, match="Nothing is imported while one line is refused"):
        plan_imports.confirm(by=make.person("omar"), plan_import=found)
    assert import_plans() == 0
    assert not Patient.objects.exists()


def test_a_file_that_is_no_table_is_refused_and_not_kept():
    with pytest.raises(Refused, match="Missing: mrn") as refused:
        plan_imports.receive(by=make.person("omar"), text="name\nAnna\n")
    assert len(refused.value.fields["text"]) == 2
    assert not PlanImport.objects.exists()


def test_what_changed_since_the_check_refuses_the_whole_file_and_names_the_line():
    found = confirmed(person(2), ANNA)
    make.patient(mrn="I-1", family_name="Other")
    before = written()
    assert import_plans() == 0
    found.refresh_from_db()
    assert found.state == ImportState.REFUSED
    assert found.outcome.startswith("Line 3, MRN I-1: MRN I-1 is on record as Other")
    assert written() == before


def test_a_plan_started_meanwhile_refuses_the_whole_file_and_names_the_line():
    anna = make.patient(mrn="I-1", family_name="Arnold", given_name="Anna")
    found = confirmed(person(2), ANNA)
    make.plan(start=date(2025, 12, 1), of=anna)
    before = written()
    import_plans()
    found.refresh_from_db()
    assert found.outcome.startswith("Line 3, MRN I-1: This patient has an active plan.")
    assert written() == before


def test_the_same_file_again_changes_nothing():
    confirmed(ANNA, person(2))
    import_plans()
    before = written()
    again = received(ANNA, person(2))
    assert again.counts == {"rows": 2, "start": 0, "there": 2, "refused": 0, "new": 0, "warned": 0}
    assert again.lines[0]["plan"] == str(TreatmentPlan.objects.get(patient__mrn="I-1").uuid)
    with pytest.raises(Refused, match="Every plan of this file is there already"):
        plan_imports.confirm(by=make.person("omar"), plan_import=again)
    longer = confirmed(ANNA, person(2), person(3))
    assert import_plans() == 1
    longer.refresh_from_db()
    assert (longer.counts["start"], longer.counts["there"]) == (1, 2)
    assert [after - was for after, was in zip(written(), before, strict=True)] == [1, 1, 1, 0, 17]


def test_a_plan_entered_in_error_can_be_imported_again():
    confirmed(ANNA)
    import_plans()
    plan = TreatmentPlan.objects.get()
    plans.cease(by=make.person("omar"), plan=plan, reason=CeaseReason.ENTERED_IN_ERROR)
    confirmed(ANNA)
    assert import_plans() == 1
    assert TreatmentPlan.objects.active().get().start_on == TODAY


def test_one_that_was_withdrawn_forgets_its_file_and_never_runs():
    found = confirmed(ANNA)
    plan_imports.withdraw(by=make.person("omar"), plan_import=found)
    assert import_plans() == 0
    found.refresh_from_db()
    assert (found.state, found.text, found.lines, found.counts["rows"]) == (ImportState.WITHDRAWN, "", [], 1)
    with pytest.raises(Refused, match="This import is withdrawn by now"):
        plan_imports.confirm(by=make.person("omar"), plan_import=found)


def test_one_that_is_done_cannot_be_withdrawn():
    found = confirmed(ANNA)
    import_plans()
    with pytest.raises(Refused, match="This import is imported by now"):
        plan_imports.withdraw(by=make.person("omar"), plan_import=found)


@pytest.mark.parametrize("who", ["nora", "cora", "pia", "ada", "xavier"])
def test_only_who_may_start_plans_may_import_them(who):
    found = received(ANNA)
    for act in (
        lambda by: plan_imports.receive(by=by, text=sheet(ANNA)),
        lambda by: plan_imports.confirm(by=by, plan_import=found),
        lambda by: plan_imports.withdraw(by=by, plan_import=found),
    ):
        with pytest.raises(PermissionDenied):
            act(make.person(who))
    assert PlanImport.objects.get().state == ImportState.CHECKED


def test_who_lost_the_role_since_confirming_starts_nothing():
    found, omar = confirmed(ANNA), make.person("omar")
    omar.role = Role.NURSE
    omar.save(update_fields=["role"])
    assert import_plans() == 0
    found.refresh_from_db()
    assert (found.state, found.outcome) == (ImportState.REFUSED, "Your role does not allow you to start plans.")


def test_each_step_is_an_act_and_each_chart_has_its_own():
    confirmed(ANNA, person(2))
    import_plans()
    said = {act.verb: sentence(act) for act in Act.objects.all()}
    assert said["import.received"] == "sent the file plans.csv with 2 lines to be imported"
    assert said["import.checked"] == "had the file plans.csv with 2 lines checked: 0 lines refused"
    assert said["import.confirmed"] == "confirmed the import of the file plans.csv with 2 lines"
    assert said["import.carried-out"] == "imported the file plans.csv with 2 lines: 2 plans started"
    anna = Patient.objects.get(mrn="I-1")
    charted = set(Act.objects.filter(patient_uuid=anna.uuid).values_list("verb", flat=True))
    assert charted == {"patient.registered", "measurement.recorded", "plan.started"}
    assert not Act.objects.filter(details__icontains="Arnold").exists()


def test_a_long_file_is_checked_by_the_worker(monkeypatch):
    monkeypatch.setattr(file_imports, "CHECKED_AT_ONCE", 1)
    found = received(ANNA, person(2))
    assert (found.state, found.lines) == (ImportState.RECEIVED, [])
    assert import_plans() == 0
    found.refresh_from_db()
    assert (found.state, found.counts["start"]) == (ImportState.CHECKED, 2)


def test_the_command_does_what_the_task_does(capsys):
    confirmed(ANNA)
    call_command("import_plans")
    assert "Files imported: 1" in capsys.readouterr().out
    assert TreatmentPlan.objects.count() == 1


def test_an_error_of_the_program_leaves_nothing_and_is_told(monkeypatch):
    found, other = confirmed(ANNA), confirmed(person(2))
    monkeypatch.setattr(intake, "start_many", _fails_once(intake.start_many))
    assert import_plans() == 1
    found.refresh_from_db()
    other.refresh_from_db()
    assert (found.state, other.state) == (ImportState.REFUSED, ImportState.DONE)
    assert "nothing was written" in found.outcome
    assert not Patient.objects.filter(mrn="I-1").exists()


def _fails_once(work):
    calls = []

    def start_many(**given):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("a bug")
        return work(**given)

    return start_many


class Killed(BaseException):
    """What no `except Exception` sees."""


def test_a_killed_worker_leaves_nothing_and_the_next_run_takes_it_up(monkeypatch):
    found = confirmed(ANNA)
    with monkeypatch.context() as patched:
        patched.setattr(intake, "weigh_many", _killed)
        with pytest.raises(Killed):
            import_plans()
    found.refresh_from_db()
    assert (found.state, found.tries) == (ImportState.RUNNING, 1)
    assert not Patient.objects.exists()
    assert import_plans() == 1
    assert TreatmentPlan.objects.count() == 1


def test_a_file_that_kills_every_worker_is_given_up(monkeypatch):
    found = confirmed(ANNA)
    monkeypatch.setattr(intake, "weigh_many", _killed)
    for _ in range(plan_imports.MOST_TRIES):
        with pytest.raises(Killed):
            import_plans()
    assert import_plans() == 0
    found.refresh_from_db()
    assert (found.state, "stopped 3 times" in found.outcome) == (ImportState.REFUSED, True)


def _killed(**_):
    raise Killed


@pytest.mark.django_db(transaction=True)
def test_how_far_it_is_can_be_seen_while_it_runs(monkeypatch):
    found, seen = confirmed(ANNA, person(2), person(3)), []
    monkeypatch.setattr(intake, "AT_ONCE", 1)
    monkeypatch.setattr(intake, "_write", _watches(intake._write, seen))
    assert import_plans() == 1
    assert seen == [0, 1, 2]
    found.refresh_from_db()
    assert found.done_rows == 3


def _watches(work, seen):
    """Before each part is written, what another connection sees."""

    def write(*given):
        beside = connection.copy()
        with beside.cursor() as cursor:
            cursor.execute("SELECT done_rows FROM scheduling_planimport WHERE state = 'running'")
            seen.append(cursor.fetchone()[0])
        beside.close()
        work(*given)

    return write


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_carries_it_out(monkeypatch):
    confirmed(ANNA)
    inside, go_on, done = threading.Event(), threading.Event(), []
    monkeypatch.setattr(intake, "weigh_many", _waits(intake.weigh_many, inside, go_on))

    def work():
        done.append(import_plans())
        connection.close()

    first = threading.Thread(target=work)
    first.start()
    assert inside.wait(20)
    assert PlanImport.objects.get().state == ImportState.RUNNING  # seen while it runs
    assert import_plans() == 0
    go_on.set()
    first.join(20)
    assert done == [1]
    assert TreatmentPlan.objects.count() == 1
    assert PlanImport.objects.get().tries == 1


def _waits(work, inside, go_on):
    def weigh_many(**given):
        inside.set()
        go_on.wait(20)
        return work(**given)

    return weigh_many


def test_five_hundred_plans_start_within_five_seconds(time_machine):
    time_machine.move_to("2026-01-05 09:00", tick=True)
    found = received(*(person(number) for number in range(500)))
    assert found.state == ImportState.RECEIVED
    import_plans()
    found.refresh_from_db()
    plan_imports.confirm(by=make.person("omar"), plan_import=found)
    begun = time.process_time()  # ours alone: what else runs on the machine says nothing about the task
    assert import_plans() == 1
    assert time.process_time() - begun < 5
    assert (TreatmentPlan.objects.count(), Administration.objects.count()) == (500, 8500)


def test_the_queries_of_a_check_do_not_grow_with_the_lines():
    for number in (2, 4, 6):
        make.lvef(make.patient(mrn=f"I-{number}", family_name=f"Testcase{number}", given_name="Anna"), 62, TODAY)
    assert _asked(2) == _asked(12)


def _asked(count: int) -> int:
    text = sheet(
        *(
            person(number, prior_agent="trastuzumab", prior_doses=1, prior_last_on="2025-12-15")
            for number in range(1, count + 1)
        )
    )
    omar = make.person("omar")
    with CaptureQueriesContext(connection) as captured:
        plan_imports.receive(by=omar, text=text)
    return len(captured)


def test_a_weight_on_record_is_not_recorded_twice():
    anna = make.patient(mrn="I-1", family_name="Arnold", given_name="Anna")
    make.weight(anna, Decimal("70.0"), date(2026, 1, 2))
    confirmed(ANNA)
    import_plans()
    assert anna.measurements.count() == 1
