"""What runs beside the infusions: lanes with their sources, dates only where somebody recorded them, nothing moved."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from her2tracker.accounts.access import Denied
from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.refusals import Refused
from scheduling import catalog
from scheduling.actions import alongside
from scheduling.core.alongside import AlongsideKind, Recorded, lanes
from scheduling.core.at_home import courses
from scheduling.models import AlongsideTreatment
from tests import api, make
from tests.scheduling.pages import START, signed_in, url, words

ENDOCRINE, RADIO, CHEMO = AlongsideKind.ENDOCRINE_THERAPY, AlongsideKind.RADIOTHERAPY, AlongsideKind.CHEMOTHERAPY
JUNE = date(2026, 6, 1)


def spans(key: str, recorded=None, **fields) -> dict[str, str]:
    regimen = catalog.regimen(key)
    taken = courses(regimen, START)
    found = lanes(regimen, [START, date(2026, 1, 26)], recorded or {}, courses=taken, **fields)
    return {lane.title: lane.span for lane in found}


def test_no_date_is_made_up():
    found = lanes(catalog.regimen("trastuzumab-q3w-17"), [START], {})
    assert [(lane.title, lane.since) for lane in found] == [("Endocrine therapy", None), ("Radiotherapy", None)]
    assert all(lane.span == "no date recorded" and lane.citation for lane in found)
    assert "after chemotherapy" in found[1].words


def test_recorded_dates_are_shown_and_chemotherapy_is_that_of_the_regimen():
    recorded = {RADIO: Recorded(JUNE, date(2026, 6, 19)), CHEMO: Recorded(START, None)}
    found = spans("apt", recorded)
    assert found == {
        "Paclitaxel": "from Mon 5 Jan 2026 on",
        "Endocrine therapy": "no date recorded",
        "Radiotherapy": "Mon 1 Jun 2026 to Fri 19 Jun 2026",
    }


def test_endocrine_therapy_goes_with_negative_receptors_unless_it_was_recorded():
    assert "Endocrine therapy" not in spans("apt", hormone_receptor_positive=False)
    assert "Endocrine therapy" in spans("apt", hormone_receptor_positive=None)
    assert "Endocrine therapy" in spans("apt", {ENDOCRINE: Recorded(JUNE, None)}, hormone_receptor_positive=False)


def test_companions_stand_on_the_infusion_days_and_oral_agents_on_their_own():
    assert spans("thp")["Docetaxel"] == "Mon 5 Jan 2026 to Mon 26 Jan 2026"
    oral = spans("tucatinib-capecitabine-trastuzumab")
    assert oral["Tucatinib"] == oral["Capecitabine"] == "from Mon 5 Jan 2026 on"
    assert spans("neratinib")["Neratinib"] == "Mon 5 Jan 2026 to Sun 3 Jan 2027"


def test_what_no_regimen_names_is_shown_when_it_was_recorded():
    assert spans("neratinib", {RADIO: Recorded(JUNE, None)})["Radiotherapy"] == "from Mon 1 Jun 2026 on"


@pytest.fixture
def plan(db):
    with time_machine.travel("2026-03-25T09:00:00Z", tick=False):
        yield make.plan(start=START, given=4)


def dates(plan):
    return list(plan.cycle_days.values_list("cycle", "planned_on", "state"))


def test_the_page_records_corrects_and_takes_back_and_moves_nothing(plan):
    before, cora, address = dates(plan), signed_in("cora"), url("plan-alongside", plan)
    said = {"kind": "radiotherapy", "from_on": "2026-03-02", "until_on": "", "note": "Breast, left", "seen": ""}
    assert cora.post(address, said | {"act": "record"}).status_code == 302
    page = words(cora.get(url("plan", plan)))
    assert "From Mon 2 Mar 2026 on" in page
    assert "Breast, left" in page
    assert "Radiotherapy: from Mon 2 Mar 2026 on" in page  # in the drawing
    again = said | {"until_on": "2026-03-20", "seen": "radiotherapy=1", "act": "record"}
    assert cora.post(address, again).status_code == 302
    row = AlongsideTreatment.objects.get()
    assert (row.until_on, row.revision) == (date(2026, 3, 20), 2)
    told = [sentence(one) for one in Act.objects.filter(verb="alongside.recorded").order_by("at", "id")]
    assert told[-1] == "recorded radiotherapy alongside the plan from Mon 2 Mar 2026 until Fri 20 Mar 2026"
    history = words(cora.get(reverse("patient-history", args=[plan.patient.uuid])))
    assert "recorded radiotherapy alongside the plan" in history
    gone = {"kind": "radiotherapy", "note": "Other patient.", "seen": "radiotherapy=2", "act": "remove"}
    assert cora.post(address, gone).status_code == 302
    assert not AlongsideTreatment.objects.exists()
    assert dates(plan) == before


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"from_on": ""}, "Say from which day on."),
        ({"from_on": "2026-03-20", "until_on": "2026-03-02"}, "The last day cannot lie before the first."),
        ({"from_on": "2029-03-20"}, "Check the year."),
        ({"act": "remove", "note": ""}, "Say why."),
        ({"act": "remove", "note": "x"}, "Radiotherapy is not on record"),
        ({"seen": "radiotherapy=9"}, "changed while you were looking: now not on record"),
    ],
)
def test_bad_input_is_refused_in_a_sentence_and_kept(plan, said, told):
    typed = {"kind": "radiotherapy", "from_on": "2026-03-02", "until_on": "", "note": "", "seen": "", "act": "record"}
    answer = signed_in("omar").post(url("plan-alongside", plan), typed | said)
    assert answer.status_code == 422
    assert told in words(answer)
    assert not AlongsideTreatment.objects.exists()


def test_the_second_of_two_is_refused_with_what_the_first_wrote(plan):
    omar, cora = make.person("omar"), make.person("cora")
    alongside.record(by=omar, plan=plan, kind=ENDOCRINE, from_on=JUNE, seen=0)
    with pytest.raises(Refused) as caught:
        alongside.record(by=cora, plan=plan, kind=ENDOCRINE, from_on=date(2026, 6, 8), seen=0)
    assert "now 2026-06-01 to no end, by Omar Ortega" in str(caught.value)
    plan.refresh_from_db()
    assert AlongsideTreatment.objects.get().from_on == JUNE


def test_the_api_does_what_the_page_does(plan):
    address = f"plans/{plan.uuid}/alongside/"
    made = api.post("omar", address, 201, kind="endocrine-therapy", from_on="2026-03-02", seen=0)
    assert (made["until_on"], made["revision"]) == (None, 1)
    assert [one["kind"] for one in api.get("nora", address)] == ["endocrine-therapy"]
    code, _ = api.error(api.post("omar", address, 409, kind="endocrine-therapy", from_on="2026-03-03", seen=0))
    assert code == "changed-meanwhile"
    api.post("omar", address, 400, kind="homeopathy", from_on="2026-03-03")
    assert api.post("omar", f"{address}take-back/", 200, kind="endocrine-therapy", reason="Error.") == []


def test_who_may_not_edit_patients_may_not(plan):
    with pytest.raises(Denied):
        alongside.record(by=make.person("pia"), plan=plan, kind=RADIO, from_on=JUNE)
    with pytest.raises(Denied):
        alongside.remove(by=make.person("pia"), plan=plan, kind=RADIO, reason="x")
