"""The handover card on its pages, on paper and over the API: what leaves is on record, what comes is asked about."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.clinic.handover.card import write
from her2tracker.clinic.handover.making import card_of
from her2tracker.clinic.handover.pdf import pdf, told
from scheduling.models import Patient, ReceivedCard, TreatmentPlan
from scheduling.models.facts import read_plan
from tests import api, make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-04-30 09:00", tick=False)


@pytest.fixture
def plan() -> TreatmentPlan:
    return make.plan("trastuzumab-pertuzumab", start=START, given=5)


def other():
    return make.site(name="Second hospital")


def signed_in(who: str, at=None) -> Client:
    client = Client()
    client.force_login(make.person(who, at))
    return client


def text_of(plan: TreatmentPlan) -> str:
    make.signed_off(plan.regimen.key, other())
    return write(card_of(read_plan(plan.pk), by=make.person("omar"), now=timezone.now()))


def test_the_page_says_what_the_card_holds(plan):
    shown = signed_in("cora").get(f"/plans/{plan.uuid}/card/").content.decode()
    for said in ("C5", "trastuzumab 420 mg", "pertuzumab 840 mg, loading", "baseline", "LVEF due: ", "Handover card"):
        assert said in shown, said


def test_paper_and_file_are_one_card_and_each_is_on_record(plan):
    client = signed_in("cora")
    paper, file = (client.get(f"/plans/{plan.uuid}/card/{kind}/") for kind in ("pdf", "file"))
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert file["Content-Disposition"] == 'attachment; filename="handover-card.json"'
    body = json.loads(file.content)
    assert (body["format"], body["version"]) == ("her2tracker-handover-card", 1)
    acts = list(Act.objects.filter(verb="card.exported", patient_uuid=plan.patient.uuid).order_by("pk"))
    number = body["card"]["id"]
    assert [sentence(act) for act in acts] == [
        f"printed the handover card {number}: it holds the plan, the doses and the LVEFs",
        f"downloaded the handover card {number}: it holds the plan, the doses and the LVEFs",
    ]


def test_a_whole_year_fits_on_one_page():
    plan = make.plan("trastuzumab-q3w-18", start=date(2025, 4, 7), given=18)
    for number in range(1, 6):
        make.lvef(plan.patient, 60 + number, date(2025, 4 + number, 1))
    card = card_of(read_plan(plan.pk), by=make.person("omar"), now=timezone.now())
    assert pdf(card).count(b"/Type /Page\n") + pdf(card).count(b"/Type /Page ") + pdf(card).count(b"/Type/Page/") <= 1
    assert len(told(card)["doses"]) == 18


def test_the_code_on_paper_names_nobody(plan):
    card = card_of(read_plan(plan.pk), by=make.person("omar"), now=timezone.now())
    assert plan.patient.mrn not in told(card)["code"]
    assert told(card)["code"].startswith("<")


@pytest.mark.parametrize("who", ["nora", "pia", "ada", "xavier"])
def test_only_an_oncologist_or_a_coordinator_gives_a_card_away(plan, who):
    for address in ("card/", "card/pdf/", "card/file/"):
        assert signed_in(who).get(f"/plans/{plan.uuid}/{address}").status_code == 403
    assert not Act.objects.filter(verb="card.exported").exists()


def test_another_sites_plan_has_no_card_here(plan):
    assert signed_in("cora", other()).get(f"/plans/{plan.uuid}/card/file/").status_code == 404


def upload(client: Client, text: str | bytes):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post("/cards/", {"file": SimpleUploadedFile("card.json", content)}, follow=True)


def test_a_card_is_read_looked_at_and_taken_over(plan):
    client = signed_in("omar", other())
    shown = upload(client, text_of(plan))
    row = ReceivedCard.objects.get()
    assert shown.redirect_chain == [(f"/cards/{row.uuid}/", 302)]
    assert "Nobody on record here has this name" in shown.content.decode()
    asked = {"patient": "new", "mrn": "S-1", "regimen": str(plan.regimen.pk)}
    preview = client.get(f"/cards/{row.uuid}/", asked).content.decode()
    assert "Every dose still to give is the same as on the card" in preview
    assert not Patient.objects.filter(site=other()).exists()
    done = client.post(f"/cards/{row.uuid}/", asked, follow=True)
    made = TreatmentPlan.objects.get(patient__site=other())
    assert done.redirect_chain == [(f"/plans/{made.uuid}/", 302)]
    again = upload(client, text_of(plan)).content.decode()
    assert "This card was taken over on Thu 30 Apr 2026 by Omar Ortega" in again
    assert "Taken over by" in client.get(f"/cards/{row.uuid}/").content.decode()


def test_what_was_not_answered_is_said_beside_its_field(plan):
    client = signed_in("omar", other())
    upload(client, text_of(plan))
    row = ReceivedCard.objects.get()
    for asked, said in (
        ({"regimen": str(plan.regimen.pk)}, "nobody is matched by a guess"),
        ({"patient": "new", "regimen": str(plan.regimen.pk)}, "Write the MRN"),
        ({"patient": "new", "mrn": "S-1"}, "it is not guessed"),
        ({"patient": "someone"}, "Select a valid choice"),
    ):
        answer = client.post(f"/cards/{row.uuid}/", asked)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert not Patient.objects.filter(site=other()).exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "not UTF-8"), (b"{}", "no handover card"), (b"", "no JSON"), (b"a\0b", "NUL"),
        (b" " * (1024 * 1024 + 1), "more than 1 MB"),
    ],
    ids=["not utf-8", "no card", "empty", "nul", "large"],
)  # fmt: skip
def test_a_file_that_is_no_card_is_refused_beside_its_field(content, said):
    answer = upload(signed_in("omar", other()), content)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not ReceivedCard.objects.exists()


def test_one_can_be_put_aside(plan):
    client = signed_in("omar", other())
    upload(client, text_of(plan))
    row = ReceivedCard.objects.get()
    assert client.post(f"/cards/{row.uuid}/put-aside/", follow=True).status_code == 200
    assert "Put aside" in client.get(f"/cards/{row.uuid}/").content.decode()


def test_the_same_over_the_api(plan):
    make.signed_off(plan.regimen.key, other())
    exported = api.get("cora", f"plans/{plan.uuid}/card/")
    assert Act.objects.filter(verb="card.exported").count() == 1
    read = _posted("handover-cards/", 201, text=exported["text"])
    assert (read["received"]["hospital"], read["goes_on"], read["matches"]) == ("Test clinic", True, [])
    assert read["regimen"]["key"] == "trastuzumab-pertuzumab"
    uuid = read["received"]["uuid"]
    assert _posted(f"handover-cards/{uuid}/take-over/", 409)["error"]["code"] == "whose"
    shown = _posted(f"handover-cards/{uuid}/preview/", 200, mrn="S-1")
    assert (shown["days"][0]["cycle"], shown["apart"]) == (6, [])
    assert not Patient.objects.filter(site=other()).exists()
    done = _posted(f"handover-cards/{uuid}/take-over/", 200, mrn="S-1")
    assert done["plan"] == str(TreatmentPlan.objects.get(patient__site=other()).uuid)
    assert ReceivedCard.objects.get().state == "taken-over"
    assert _posted("handover-cards/", 409, text=exported["text"])["error"]["code"] == "taken-over-already"
    assert "text" in _posted("handover-cards/", 409, text="{}")["error"]["fields"]


def _posted(address: str, status: int, **body):
    answer = api.client("omar", other()).post(f"/api/v1/{address}", body, format="json")
    assert answer.status_code == status, answer.content
    return answer.json()
