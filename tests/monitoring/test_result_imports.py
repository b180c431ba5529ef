"""LVEF results from a file: every line answered before anything is written, and then all of it or nothing."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.refusals import Refused
from monitoring.actions import checks, flags, result_imports, result_lines
from monitoring.models import CardiacFlag, LvefAssessment, Reminder, ResultImport
from monitoring.tasks import import_results
from scheduling.actions import file_imports, patients
from scheduling.models import Patient, TreatmentPlan
from scheduling.words import ImportState
from tests import make
from tests.monitoring.result_files import result, sheet

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-04-30 09:00", tick=False)


def received(*rows, text: str = "") -> ResultImport:
    return result_imports.receive(by=make.person("cora"), text=text or sheet(*rows), file_name="results.csv")


def confirmed(*rows, again=None) -> ResultImport:
    return result_imports.confirm(by=make.person("cora"), result_import=received(*rows), again=again)


def refusals(*rows) -> list[str]:
    return received(*rows).lines[-1]["refusals"]


def test_a_check_says_what_each_line_would_add_and_writes_none_of_it():
    anna = make.patient()
    make.lvef(anna, 60, date(2026, 1, 2))
    found = received(result(anna), result(anna, 60, performed_on="2026-01-02"), result("NOBODY"))
    assert found.state == ImportState.CHECKED
    assert found.counts == {"rows": 3, "new": 1, "there": 1, "refused": 1, "again": 0, "warned": 0}
    assert [line["outcome"] for line in found.lines] == ["new", "there", "refused"]
    assert (found.lines[0]["line"], found.lines[0]["name"], found.lines[0]["lvef"]) == (2, str(anna), "62 %")
    assert found.lines[2]["refusals"] == [f"mrn: {result_lines.NAMELESS}"]
    assert LvefAssessment.objects.count() == 1


def test_recorded_from_a_file_it_is_the_result_that_a_person_would_have_entered():
    by_file, by_hand = (make.plan(start=START, given=5) for _ in range(2))
    fallen = {"symptoms": "none", "lab": "Echo lab"}
    confirmed(result(by_file.patient, 45, **fallen), again={2: "45"})
    assert import_results() == 1
    make.lvef(by_hand.patient, 45, date(2026, 4, 2))
    assert _row(by_file.patient) == _row(by_hand.patient)
    assert _flags(by_file) == _flags(by_hand) != []
    mails = list(Reminder.objects.filter(kind="urgent-flag").values_list("recipient", flat=True))
    assert len(mails) == 2 * len(set(mails)) > 0


def _row(patient: Patient) -> tuple[object, ...]:
    row = LvefAssessment.objects.filter(patient=patient).latest("performed_on")
    return row.performed_on, row.lvef, row.modality, row.symptoms, row.lab, row.gls_percent, row.note, row.reported_by


def _flags(plan: TreatmentPlan) -> list[tuple[object, ...]]:
    return [(flag.kind, flag.advice, flag.state) for flag in CardiacFlag.objects.filter(plan=plan).order_by("fact")]


def test_a_result_ends_what_was_overdue_in_the_same_transaction():
    plan = make.plan(start=date(2025, 10, 6), given=8)
    flags.reconcile_patient(plan.patient, now=timezone.now())
    assert [flag.kind for flag in CardiacFlag.objects.filter(plan=plan)] == ["overdue"]
    confirmed(result(plan.patient))
    import_results()
    assert CardiacFlag.objects.get(plan=plan).state == "resolved"


def test_each_chart_tells_of_its_own_result_and_the_log_names_nobody():
    anna, other = make.patient(family_name="Arnold"), make.patient()
    confirmed(result(anna), result(other, 58))
    import_results()
    act = Act.objects.get(verb="assessment.recorded", patient_uuid=anna.uuid)
    assert sentence(act) == "recorded LVEF 62 % of Thu 2 Apr 2026 (echo 2d)"
    assert act.subject_uuid == LvefAssessment.objects.get(patient=anna).uuid
    said = {one.verb: sentence(one) for one in Act.objects.all()}
    assert said["result-import.received"] == "sent the file results.csv with 2 LVEF results to be imported"
    assert said["result-import.carried-out"] == "imported the file results.csv with 2 LVEF results: 2 recorded"
    assert said["assessments.recorded"] == "recorded 2 LVEF results at once"
    assert not Act.objects.filter(details__icontains="Arnold").exists()


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"lvef": "101"}, "cannot be an LVEF"),
        ({"performed_on": "2026-05-01"}, "lies in the future"),
        ({"modality": "tarot"}, "modality: “tarot” is not one of"),
        ({"born_on": "1970-05-18"}, "was born on another day by the record"),
    ],
)
def test_a_line_that_cannot_be_is_refused_in_a_sentence(cells, said):
    found = refusals(result(make.patient()) | cells)
    assert any(said in one for one in found), found


def test_a_name_matches_nobody_and_is_not_looked_at():
    anna = make.patient()
    assert "Names are not looked at" in refusals(result("X-1", name=str(anna)))[0]
    assert refusals(result(anna, name="Somebody Else")) == []


def test_an_mrn_that_was_merged_away_names_the_one_that_lives_on():
    old, new = make.patient(mrn="I-1"), make.patient(mrn="I-2")
    patients.merge(by=make.person("cora"), patient=old, into=new, reason="The same person.")
    assert refusals(result("I-1")) == ["mrn: I-1 is an earlier number of MRN I-2. Write that one."]


def test_another_sites_patient_is_nobody_here():
    stranger = make.patient(make.site(name="Other clinic"))
    assert f"mrn: {result_lines.NAMELESS}" in refusals(result(stranger))


def test_while_one_line_is_refused_nothing_can_be_recorded():
    found = received(result(make.patient()), result("NOBODY"))
    with pytest.raises(Refused, match="Nothing is imported while one line is refused"):
        result_imports.confirm(by=make.person("cora"), result_import=found)
    assert import_results() == 0
    assert not LvefAssessment.objects.exists()


def test_low_figures_and_falls_are_typed_again_before_anything_is_recorded():
    anna, other = make.patient(), make.patient()
    make.lvef(anna, 62, date(2026, 1, 2))
    found = received(result(anna, 52), result(other, 49), result(other, 51, performed_on="2026-04-03"))
    assert [bool(line["asks"]) for line in found.lines] == [True, True, False]
    cora = make.person("cora")
    for again in (None, {2: "52"}, {2: "52", 3: "94"}):
        with pytest.raises(Refused, match="Nothing was recorded") as refused:
            result_imports.confirm(by=cora, result_import=found, again=again)
        assert "line-3" in refused.value.fields
    result_imports.confirm(by=cora, result_import=found, again={2: "52", 3: "49 %"})
    assert import_results() == 1
    assert LvefAssessment.objects.count() == 4


def test_a_fall_that_shows_only_after_the_check_is_not_recorded_unseen():
    anna = make.patient()
    found = confirmed(result(anna, 55))
    make.lvef(anna, 70, date(2026, 3, 1))
    assert import_results() == 0
    found.refresh_from_db()
    assert found.outcome.startswith(f"Line 2, MRN {anna.mrn}: The file says 55 %: type the figure again")
    assert LvefAssessment.objects.count() == 1


def test_the_same_file_again_changes_nothing():
    anna = make.patient()
    confirmed(result(anna), result(anna, 60, performed_on="2026-01-02"))
    import_results()
    again = received(result(anna), result(anna, 60, performed_on="2026-01-02"))
    assert again.counts == {"rows": 2, "new": 0, "there": 2, "refused": 0, "again": 0, "warned": 0}
    with pytest.raises(Refused, match="Every result of this file is on record already"):
        result_imports.confirm(by=make.person("cora"), result_import=again)
    longer = confirmed(result(anna), result(anna, 61, performed_on="2026-03-02"))
    assert import_results() == 1
    longer.refresh_from_db()
    assert (longer.counts["new"], longer.counts["there"]) == (1, 1)
    assert LvefAssessment.objects.count() == 3


def test_another_figure_of_the_same_day_is_a_warning():
    anna = make.patient()
    make.lvef(anna, 60, date(2026, 4, 2))
    assert received(result(anna)).lines[0]["warnings"] == [
        "Another LVEF of Thu 2 Apr 2026 by 2D echo is there already: 60 %."
    ]


@pytest.mark.parametrize("who", ["pia", "ada", "xavier"])
def test_only_who_may_record_results_may_import_them(who):
    found = received(result(make.patient()))
    for act in (
        lambda by: result_imports.receive(by=by, text=sheet(result("I-1"))),
        lambda by: result_imports.confirm(by=by, result_import=found),
        lambda by: result_imports.withdraw(by=by, result_import=found),
    ):
        with pytest.raises(PermissionDenied):
            act(make.person(who))
    assert ResultImport.objects.get().state == ImportState.CHECKED


def test_one_that_was_withdrawn_forgets_its_file():
    found = confirmed(result(make.patient()))
    result_imports.withdraw(by=make.person("cora"), result_import=found)
    assert import_results() == 0
    found.refresh_from_db()
    assert (found.state, found.text, found.lines) == (ImportState.WITHDRAWN, "", [])


def test_a_long_file_is_checked_by_the_worker_and_the_command_does_what_the_task_does(monkeypatch, capsys):
    monkeypatch.setattr(file_imports, "CHECKED_AT_ONCE", 1)
    anna = make.patient()
    found = received(result(anna), result(anna, 60, performed_on="2026-01-02"))
    assert (found.state, found.lines) == (ImportState.RECEIVED, [])
    assert import_results() == 0
    found.refresh_from_db()
    result_imports.confirm(by=make.person("cora"), result_import=found)
    call_command("import_results")
    assert "Files recorded: 1" in capsys.readouterr().out
    assert LvefAssessment.objects.count() == 2


class Killed(BaseException):
    """What no `except Exception` sees."""


def _killed(*_, **__):
    raise Killed


def test_a_worker_killed_half_way_leaves_nothing_and_the_next_run_takes_it_up(monkeypatch):
    found = confirmed(result(make.patient()), result(make.patient(), 58))
    monkeypatch.setattr(result_lines, "AT_A_TIME", 1)
    with monkeypatch.context() as patched:
        patched.setattr(checks, "judge", _killed)  # every row is written by then
        with pytest.raises(Killed):
            import_results()
    found.refresh_from_db()
    assert (found.state, found.tries) == (ImportState.RUNNING, 1)
    assert not LvefAssessment.objects.exists()
    assert import_results() == 1
    assert LvefAssessment.objects.count() == 2


def test_a_result_that_cannot_be_judged_is_not_recorded(monkeypatch):
    plan = make.plan(start=START, given=5)
    found = confirmed(result(plan.patient, 45), again={2: "45"})
    monkeypatch.setattr(flags, "reconcile", _breaks)
    assert import_results() == 0
    found.refresh_from_db()
    assert (found.state, "nothing was written" in found.outcome) == (ImportState.REFUSED, True)
    assert not LvefAssessment.objects.filter(performed_on=date(2026, 4, 2)).exists()


def _breaks(*_, **__):
    raise RuntimeError("a bug")


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_records_it_and_the_page_sees_how_far_it_is(monkeypatch):
    confirmed(result(make.patient()), result(make.patient(), 58))
    monkeypatch.setattr(result_lines, "AT_A_TIME", 1)
    inside, go_on, done = threading.Event(), threading.Event(), []
    judge = checks.judge

    def waits(*given, **named):
        inside.set()
        go_on.wait(20)
        return judge(*given, **named)

    monkeypatch.setattr(checks, "judge", waits)

    def work():
        done.append(import_results())
        connection.close()

    first = threading.Thread(target=work)
    first.start()
    assert inside.wait(20)
    row = ResultImport.objects.get()
    assert (row.state, row.done_rows) == (ImportState.RUNNING, 2)
    assert import_results() == 0
    go_on.set()
    first.join(20)
    assert (done, LvefAssessment.objects.count()) == ([1], 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mrn,lvef\n1,55\n", "Missing: born_on, performed_on, modality"),
        ("", "The file is empty"),
        ("a\0b", "NUL"),
        ("mrn,born_on,performed_on,lvef,modality\n", "no row below it"),
        ("mrn,born_on,performed_on,lvef,modality\n" + "x,,,,\n" * 10_001, "rows. Divide it"),
    ],
    ids=["columns missing", "empty", "nul", "no row", "too many rows"],
)
def test_a_file_that_is_no_table_is_refused_and_not_kept(text, said):
    with pytest.raises(Refused, match=said):
        result_imports.receive(by=make.person("cora"), text=text)
    assert not ResultImport.objects.exists()


def test_of_ten_thousand_rows_one_bad_one_refuses_all_of_them():
    anna = make.patient()
    days = [date.fromordinal(date(1998, 1, 1).toordinal() + number) for number in range(9_999)]
    rows = [result(anna, performed_on=str(day)) for day in days]
    found = received(*rows, result(anna, "sixty"))
    assert found.state == ImportState.RECEIVED
    import_results()
    found.refresh_from_db()
    assert (found.counts["new"], found.counts["refused"]) == (9_999, 1)
    assert "“sixty” is not an LVEF" in found.lines[-1]["refusals"][0]
    with pytest.raises(Refused, match="one line is refused"):
        result_imports.confirm(by=make.person("cora"), result_import=found)


def test_the_queries_do_not_grow_with_the_lines():
    plans = [make.plan(start=START, given=5) for _ in range(6)]
    assert _asked(plans[:2]) == _asked(plans[2:])


def _asked(plans: list[TreatmentPlan]) -> int:
    found = confirmed(*(result(plan.patient) for plan in plans))
    with CaptureQueriesContext(connection) as captured:
        import_results()
    found.refresh_from_db()
    assert found.state == ImportState.DONE
    return len(captured)
