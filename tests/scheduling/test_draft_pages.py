"""A site's own regimen on pages: written, read with its difference and rehearsal, signed, published, retired."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheduling import catalog
from scheduling.actions import drafts
from scheduling.models import RegimenDraft, RegimenRetirement, RegimenVersion
from tests import make
from tests.scheduling.pages import signed_in, words

pytestmark = pytest.mark.django_db
FIVE = make.file().replace("mg_per_kg = 6\n", "mg_per_kg = 5\n")


def page(name: str, draft: RegimenDraft) -> str:
    return reverse(f"regimen-draft{name}", args=[draft.uuid])


def upload(text: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("regimen.toml", text if isinstance(text, bytes) else text.encode())


def created(**data: Any) -> RegimenDraft:
    response = signed_in("pia").post(reverse("regimen-draft-new"), data)
    assert response.status_code == 302, words(response)
    return RegimenDraft.objects.get()


def test_a_pharmacist_uploads_a_file_and_two_oncologists_sign_its_rehearsal():
    draft, pia = created(file=upload(make.file())), signed_in("pia")
    assert "Waits for Pia Palmer, to submit it" in words(pia.get(page("", draft)))
    pia.post(page("", draft), {"change_note": "As our unit gives it.", "revision": draft.revision})
    assert "neither of them Pia Palmer’s" in words(pia.get(page("", draft)))
    for who in ("omar", "olivia"):
        client = signed_in(who)
        shown = words(client.get(page("-rehearsal", draft)))
        assert "8 mg/kg × 40 kg = 320 mg" in shown
        signature = {"statement": "The label.", "rehearsal": drafts.read(draft).digest}
        assert client.post(page("-rehearsal", draft), signature).status_code == 302
    version = RegimenVersion.objects.get()
    shown = words(pia.get(reverse("regimen", args=[version.key, version.version])))
    assert "Olivia Osei and Omar Ortega" in shown or "Omar Ortega and Olivia Osei" in shown
    assert "As our unit gives it." in shown
    assert "Test clinic’s own" in words(pia.get(reverse("regimens")))
    assert "Published as" in words(pia.get(page("", draft)))


def test_a_regimen_written_into_the_field_is_a_draft_too():
    assert created(text=make.file()).key == "own-trastuzumab"


def test_a_new_version_begins_with_the_published_file_under_its_new_id_and_shows_what_differs():
    make.published()
    address = reverse("regimen-draft-new") + "?of=trastuzumab-q3w-18/1"
    shown = signed_in("pia").get(address).context["form"]["text"].value()
    assert shown.startswith('id = "own-trastuzumab-q3w-18"\nversion = 1\n')
    draft = created(text=shown.replace("mg_per_kg = 6\n", "mg_per_kg = 5\n"), of="trastuzumab-q3w-18/1")
    found = words(signed_in("omar").get(page("", draft)))
    assert "1 fact differs" in found
    assert "6 mg/kg over 30 to 90 min" in found
    assert "5 mg/kg over 30 to 90 min" in found


def test_the_second_version_of_an_own_regimen_is_compared_with_the_first():
    first = make.own_regimen()
    address = reverse("regimen-draft-new") + f"?of={first.key}/1"
    shown = signed_in("pia").get(address).context["form"]["text"].value()
    assert shown == make.file(version=2)
    signed_in("pia").post(reverse("regimen-draft-new"), {"text": shown})
    draft = RegimenDraft.objects.get(version=2)
    assert draft.based_on == first
    assert "No fact differs" in words(signed_in("omar").get(page("", draft)))


def test_a_wholly_new_regimen_shows_every_fact_with_its_source():
    draft = make.draft()
    found = words(signed_in("omar").get(page("", draft)))
    assert "a wholly new regimen" in found
    for fact in catalog.read_upload(draft.text).regimen.cited_facts:
        assert fact.words in found


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Choose a file, or write the regimen into the field."),
        ({"text": "   "}, "Choose a file, or write the regimen into the field."),
        ({"text": "not toml"}, "This is not TOML"),
        ({"text": make.file().replace("mg_per_kg = 6\n", 'mg_per_kg = "6(8) mg/kg"\n')}, "“6(8) mg/kg”"),
        ({"text": make.file().replace("mg_per_kg = 6\n", 'dose = "8 mg/kg loading, then 6"\n')}, "is not a figure"),
        ({"text": make.file(own="trastuzumab")}, "is not the id of a regimen of your own"),
        ({"text": make.file(version=3)}, "write version = 1"),
        ({"text": make.file() + "\x00"}, "Null characters are not allowed"),
    ],
)
def test_what_cannot_be_a_draft_is_told_and_nothing_is_saved(data, said):
    response = signed_in("pia").post(reverse("regimen-draft-new"), data)
    assert response.status_code == 422
    assert said in words(response)
    assert not RegimenDraft.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choose a file, or write the regimen into the field."),
        (b"\xff\xfe\x00", "not UTF-8 text"),
        (b"#" * 70_000, "fits into 64 kB"),
        (b"\x89PNG\r\n\x1a\n", "not UTF-8 text"),
        (b"a = " + b"[" * 30_000, "This is not a regimen"),
        (b"\x00", "This is not TOML"),
    ],
)
def test_an_uploaded_file_that_is_no_regimen_is_told_in_words(content, said):
    response = signed_in("pia").post(reverse("regimen-draft-new"), {"file": upload(content)})
    assert response.status_code == 422
    assert said in words(response)


@pytest.mark.parametrize("of", ["nonsense", "no-such/1", "trastuzumab-q3w-18/x", "trastuzumab-q3w-18/99999999999"])
def test_a_new_version_of_what_is_not_there_is_not_there(of):
    make.published()
    assert signed_in("pia").get(reverse("regimen-draft-new") + f"?of={of}").status_code == 404


def test_a_draft_changed_meanwhile_is_refused_with_the_difference_and_saving_again_is_a_choice():
    draft, client = make.draft(), signed_in("pia")
    seen = draft.revision
    drafts.edit(by=make.person("pia"), draft=draft, text=FIVE)
    response = client.post(page("-edit", draft), {"text": make.file(), "revision": seen})
    assert response.status_code == 422
    shown = words(response)
    assert "Somebody changed this draft" in shown
    assert "5 mg/kg over 30 to 90 min" in shown
    again = {"text": response.context["form"]["text"].value(), "revision": response.context["form"]["revision"].value()}
    assert client.post(page("-edit", draft), again).status_code == 302
    draft.refresh_from_db()
    assert draft.text == make.file()


def test_the_change_note_is_asked_for():
    draft = make.draft()
    response = signed_in("pia").post(page("", draft), {"change_note": " ", "revision": draft.revision})
    assert response.status_code == 422
    assert "nothing is published without it" in words(response)


def test_the_author_reads_the_rehearsal_and_has_no_form_to_sign_it():
    draft = make.draft(submitted=True)
    found = words(signed_in("pia").get(page("-rehearsal", draft)))
    assert "You wrote this draft: two others sign it." in found
    assert "Sign this rehearsal" not in found
    response = signed_in("pia").post(
        page("-rehearsal", draft), {"statement": "x", "rehearsal": drafts.read(draft).digest}
    )
    assert response.status_code == 422
    assert "two others sign it" in words(response)


def test_the_rehearsal_shows_each_delay_with_what_loads_again_and_whose_rule_that_is():
    draft = make.draft(submitted=True)
    found = words(signed_in("omar").get(page("-rehearsal", draft)))
    for said in (
        "Cycle 3 day 1 delayed by 7 days", "28 days since the last dose, 7 late: trastuzumab continues at 6 mg/kg",
        "Cycle 3 day 1 delayed by 8 days", "29 days since the last dose, 8 late: trastuzumab re-loads at 8 mg/kg",
        "Cycle 3 day 1 delayed by 42 days", "The last dose is on day 358, 51 weeks after the first.",
        "8 mg/kg × 120 kg = 960 mg", "section “missed dose”", "Sign this rehearsal",
    ):  # fmt: skip
        assert said in found, said


def test_a_signature_without_words_or_under_another_rehearsal_is_refused():
    draft, client = make.draft(submitted=True), signed_in("omar")
    empty = client.post(page("-rehearsal", draft), {"statement": "", "rehearsal": drafts.read(draft).digest})
    assert empty.status_code == 422
    other = client.post(page("-rehearsal", draft), {"statement": "The label.", "rehearsal": "0" * 64})
    assert other.status_code == 422
    assert "no longer the one you were shown" in words(other)
    assert other.context["form"]["rehearsal"].value() == drafts.read(draft).digest


def test_a_reviewer_sends_a_draft_back_and_the_author_reads_why():
    draft = make.signed(make.draft(submitted=True), "omar")
    assert signed_in("olivia").post(page("-send-back", draft), {"reason": ""}).status_code == 422
    assert signed_in("olivia").post(page("-send-back", draft), {"reason": "Name the label."}).status_code == 302
    found = words(signed_in("pia").get(page("", draft)))
    assert "Sent back: “Name the label.”" in found
    assert "nobody yet" in found
    assert "Name the label." in words(signed_in("pia").get(reverse("regimen-drafts")))
    again = signed_in("olivia").post(page("-send-back", draft), {"reason": "Again."})
    assert "not under review" in words(again)


def test_a_draft_is_given_up_with_a_reason():
    draft = make.draft()
    assert signed_in("pia").post(page("-withdraw", draft), {"reason": "Not needed."}).status_code == 302
    assert "is never published" in words(signed_in("pia").get(page("", draft)))
    assert "Withdrawn" in words(signed_in("pia").get(reverse("regimen-drafts")))


def test_a_draft_of_another_site_does_not_exist():
    draft = make.draft(at=make.site(name="Another clinic"), submitted=True)
    for name in ("", "-edit", "-file", "-rehearsal", "-send-back", "-withdraw"):
        assert signed_in("omar").get(page(name, draft)).status_code == 404
    assert draft.name not in words(signed_in("omar").get(reverse("regimen-drafts")))


def test_an_own_regimen_of_another_site_does_not_exist():
    version = make.own_regimen(at=make.site(name="Another clinic"))
    for name in ("regimen", "regimen-file", "regimen-retire"):
        assert signed_in("omar").get(reverse(name, args=[version.key, 1])).status_code == 404
    assert "own-trastuzumab" not in words(signed_in("omar").get(reverse("regimens")))


@pytest.mark.parametrize("who", ["nora", "cora", "ada"])
def test_who_writes_no_regimens_sees_no_drafts_and_no_buttons(who):
    make.published()
    client = signed_in(who)
    assert "Drafts" not in words(client.get(reverse("regimens")))
    shown = words(client.get(reverse("regimen", args=["t-dm1", 1])))
    assert "New version of it" not in shown
    assert "Retire" not in shown
    assert "Download file" in shown


def test_a_file_that_is_downloaded_and_uploaded_under_an_own_id_says_the_same():
    make.published()
    response = signed_in("nora").get(reverse("regimen-file", args=["t-dm1", 1]))
    assert response["Content-Disposition"] == 'attachment; filename="t-dm1-v1.toml"'
    text = response.content.decode()
    assert text == (catalog.REGIMENS / "t-dm1-v1.toml").read_text()
    draft = created(file=upload(text.replace('id = "t-dm1"', 'id = "own-t-dm1"')))
    assert catalog.read_upload(draft.text).regimen.phases == catalog.regimen("t-dm1").phases
    assert signed_in("omar").get(page("-file", draft)).content.decode() == draft.text


def test_a_retired_version_leaves_the_choices_and_says_what_to_order_instead():
    make.published()
    client, address = signed_in("pia"), reverse("regimen-retire", args=["phesgo", 1])
    assert "0 plans run on it" in words(client.get(address))
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "x", "replaced_by": "no-such"}).status_code == 422
    data = {"reason": "Not on our formulary.", "replaced_by": "trastuzumab-pertuzumab"}
    assert client.post(address, data).status_code == 302
    shown = words(client.get(reverse("regimen", args=["phesgo", 1])))
    assert "Retired at Test clinic" in shown
    assert "Order Trastuzumab and pertuzumab every three weeks, one year (18 cycles) v1 instead." in shown
    assert "Retired" in words(client.get(reverse("regimens")))
    new_plan = signed_in("omar").get(reverse("plan-new", args=[make.patient().uuid]))
    assert "phesgo" not in [key for key, _ in new_plan.context["forms"].plan.fields["regimen"].choices]
    again = client.post(address, {"reason": "x"})
    assert "It is retired already" in words(again)
    assert RegimenRetirement.objects.count() == 1


def test_a_retired_regimen_that_the_tumour_suggests_is_named_with_its_state():
    make.published()
    anna = make.patient()
    make.ready(anna, anna.site.today(), size_mm=30, nodes_positive=2, neoadjuvant_therapy=True)
    client = signed_in("omar")
    before = client.get(reverse("patient-suggestions", args=[anna.uuid])).context["advice"].suggestions
    assert before
    version = before[0][0]
    signed_in("pia").post(reverse("regimen-retire", args=[version.key, version.version]), {"reason": "Not used."})
    shown = words(client.get(reverse("patient-suggestions", args=[anna.uuid])))
    assert f"{version.name} is suggested too, and cannot be ordered here: retired" in shown


def test_the_list_of_drafts_asks_a_constant_number_of_queries():
    client, address = signed_in("pia"), reverse("regimen-drafts")
    make.draft(submitted=True)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(address)
    for number in range(4):
        make.signed(make.draft(make.file(own=f"own-{number}x"), submitted=True), "omar")
    with CaptureQueriesContext(connection) as five:
        client.get(address)
    assert len(five) <= len(one) + 1  # the signatures' people, whom the first list had none of


def test_the_library_asks_a_constant_number_of_queries():
    make.published()
    client, address = signed_in("pia"), reverse("regimens")
    with CaptureQueriesContext(connection) as before:
        client.get(address)
    make.own_regimen()
    signed_in("pia").post(reverse("regimen-retire", args=["phesgo", 1]), {"reason": "Not used."})
    with CaptureQueriesContext(connection) as after:
        client.get(address)
    assert len(after) == len(before)
