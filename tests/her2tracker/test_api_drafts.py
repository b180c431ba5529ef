"""A site's own regimen over the API: the same acts, the same refusals, the same publication."""

from __future__ import annotations

from typing import Any

import pytest

from scheduling import catalog
from scheduling.models import RegimenDraft, RegimenVersion
from tests import api, make

pytestmark = pytest.mark.django_db
STRINGS = ("6(8) mg/kg", "8 mg/kg loading, then 6")


def created(text: str = "", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = api.post("pia", "regimen-drafts/", 201, text=text or make.file(), **more)
    return made


def act(who: str, draft: dict[str, Any], name: str, status: int = 200, **body: Any) -> Any:
    return api.post(who, f"regimen-drafts/{draft['uuid']}/{name}/", status, **body)


def sign(who: str, draft: dict[str, Any], status: int = 200) -> Any:
    digest = api.get(who, f"regimen-drafts/{draft['uuid']}/rehearsal/")["digest"]
    return act(who, draft, "sign", status, statement="The label.", rehearsal=digest)


def test_a_program_drafts_submits_and_two_sign():
    draft = created()
    assert (draft["state"], draft["waits_for"]) == ("draft", "Pia Palmer, to submit it")
    shown = act("pia", draft, "submit", change_note="As our unit gives it.", revision=draft["revision"])
    assert (shown["state"], shown["signed"]) == ("under-review", [])
    assert shown["text"] == make.file()
    assert sign("omar", draft)["signed"][0]["recorded_by"] == "Omar Ortega"
    done = sign("olivia", draft)
    assert (done["state"], done["published"]) == ("approved", {"key": "own-trastuzumab", "version": 1})
    line = api.get("nora", "regimens/own-trastuzumab/1/")
    assert (line["own"], line["state"], line["instead"]) == (True, "published", "")
    assert api.get("omar", "regimen-drafts/")["results"][0]["published"]["key"] == "own-trastuzumab"


def test_the_rehearsal_holds_every_dose_of_every_dummy():
    draft = created()
    shown = api.get("omar", f"regimen-drafts/{draft['uuid']}/rehearsal/")
    assert [scene["days_late"] for scene in shown["scenes"]] == [0, 7, 8, 42]
    first = shown["scenes"][0]["lines"][0]
    assert [(one["weight_kg"], one["planned_mg"]) for one in first["amounts"]] == [
        ("40", "320"), ("68", "544"), ("120", "960"),
    ]  # fmt: skip
    assert shown["scenes"][2]["said"][0]["source"] == "herceptin-smpc-2011#missed-dose"
    assert shown["digest"] == api.get("omar", f"regimen-drafts/{draft['uuid']}/")["rehearsal"]


def test_the_difference_is_against_the_version_it_is_based_on():
    make.published()
    text = make.file().replace("mg_per_kg = 6\n", "mg_per_kg = 5\n")
    draft = created(text, based_on={"key": "trastuzumab-q3w-18", "version": 1})
    (one,) = api.get("omar", f"regimen-drafts/{draft['uuid']}/")["changes"]
    assert one["what"] == "every three weeks, trastuzumab: maintenance dose"
    assert one["was"].startswith("6 mg/kg")
    assert one["now"].startswith("5 mg/kg")


@pytest.mark.parametrize("string", STRINGS)
@pytest.mark.parametrize("key", ["mg_per_kg", "dose"])
def test_a_dose_in_a_string_is_refused_beside_its_field(string, key):
    text = make.file().replace("mg_per_kg = 6\n", f'{key} = "{string}"\n')
    answer = api.post("pia", "regimen-drafts/", 400, text=text)
    (sentence,) = answer["error"]["fields"]["text"]
    assert string in sentence
    assert "Write each dose as a figure in its own table" in sentence


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": 7}, "text"),
        ({"text": "not toml"}, "text"),
        ({"text": "#" * 70_000}, "text"),
        ({"text": make.file() + "\x00"}, "text"),
        ({"text": make.file(), "based_on": {"key": "t-dm1"}}, "based_on.version"),
        ({"text": make.file(), "based_on": {"key": "no-such", "version": 1}}, "based_on"),
        ({"text": make.file(), "based_on": "t-dm1"}, "based_on.non_field_errors"),
    ],
)
def test_a_body_that_is_no_draft_is_a_400_that_names_the_field(body, field):
    answer = api.post("pia", "regimen-drafts/", 400, **body)
    assert field in answer["error"]["fields"]
    assert not RegimenDraft.objects.exists()


def test_every_refusal_is_a_409_with_its_code():
    draft = created()
    assert api.error(created_again())[0] == "second-draft"
    assert api.error(act("pia", draft, "sign", 409, statement="x", rehearsal="x"))[0] == "not-under-review"
    assert api.error(act("omar", draft, "submit", 409, change_note="x"))[0] == "not-the-author"
    assert api.error(act("omar", draft, "send-back", 409, reason="x"))[0] == "not-under-review"
    act("pia", draft, "submit", change_note="A note.")
    assert api.error(act("pia", draft, "submit", 409, change_note="x"))[0] == "under-review"
    assert api.error(sign("pia", draft, 409))[0] == "own-draft"
    assert api.error(act("omar", draft, "sign", 409, statement="x", rehearsal="0" * 64))[0] == "rehearsal-changed"
    act("omar", draft, "send-back", reason="Name the label.")
    act("omar", draft, "withdraw", reason="Not needed.")
    assert api.error(act("pia", draft, "submit", 409, change_note="x"))[0] == "already-withdrawn"


def created_again() -> Any:
    return api.post("omar", "regimen-drafts/", 409, text=make.file())


def test_a_lost_update_is_a_409_with_the_difference():
    draft, five = created(), make.file().replace("mg_per_kg = 6\n", "mg_per_kg = 5\n")
    address = f"/api/v1/regimen-drafts/{draft['uuid']}/"
    program = api.client("pia")
    body = {"text": five, "revision": draft["revision"]}
    assert program.put(address, body, format="json").status_code == 200
    answer = program.put(address, body | {"text": make.file()}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "changed-meanwhile")
    assert any("5 mg/kg" in line for line in answer.json()["error"]["fields"]["text"])


def test_a_version_is_retired_and_no_plan_is_started_on_it():
    make.published()
    answer = api.post(
        "pia", "regimens/phesgo/1/retire/", 201, reason="Not on our formulary.",
        replaced_by={"key": "trastuzumab-pertuzumab", "version": 1},
    )  # fmt: skip
    assert answer["replaced_by"] == {"key": "trastuzumab-pertuzumab", "version": 1}
    line = api.get("nora", "regimens/phesgo/1/")
    assert (line["state"], line["own"]) == ("retired", False)
    assert line["instead"].startswith("Trastuzumab and pertuzumab")
    api.post("omar", "regimens/phesgo/1/sign-off/", 201, statement="Checked.")
    body = {"regimen": "phesgo", "start_on": str(make.site().today()), "setting": "adjuvant"}
    refused = api.post("omar", f"patients/{make.patient().uuid}/plans/", 409, **body)
    assert api.error(refused)[0] == "retired-regimen"
    assert api.error(api.post("pia", "regimens/phesgo/1/retire/", 409, reason="x"))[0] == "already-retired"


def test_the_file_of_every_version_can_be_read():
    make.published()
    shown = api.get("nora", "regimens/t-dm1/1/file/")
    assert shown["name"] == "t-dm1-v1.toml"
    assert catalog.read_upload(shown["text"]).definition.digest == RegimenVersion.objects.get(key="t-dm1").digest


def test_another_sites_own_regimen_is_not_there():
    make.own_regimen(at=make.site(name="Another clinic"))
    client = api.client("omar")
    for address in ("", "file/"):
        assert client.get(f"/api/v1/regimens/own-trastuzumab/1/{address}").status_code == 404
    assert "own-trastuzumab" not in client.get("/api/v1/regimens/").content.decode()
    assert api.get("omar", "regimen-drafts/")["results"] == []
