"""A site's own regimen from its file to its plans: two others sign, one version is published, and it stays here."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction

from her2tracker.accounts.access import Denied
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling import catalog
from scheduling.actions import drafts, plans, regimens, switches
from scheduling.core.governance import DraftState
from scheduling.models import RegimenDraft, RegimenSignature, RegimenVersion
from scheduling.models.library import orderable_at, standing_at
from scheduling.models.standing import regimen_of
from scheduling.words import SwitchReason
from tests import make

pytestmark = pytest.mark.django_db
TODAY = make.date(2026, 4, 30)
SECOND = make.file(version=2).replace("mg_per_kg = 6\n", "mg_per_kg = 5\n")


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to("2026-04-30T09:00:00Z", tick=False)


def refused(code: str, act: Any, **said: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        act(**said)
    assert caught.value.code == code
    return caught.value


def order(version: RegimenVersion, at: Any = None) -> Any:
    omar, anna = make.person("omar", at), make.patient(at)
    if not version.sign_offs.filter(site=omar.site).exists():
        regimens.sign_off(by=omar, regimen=version, statement="Checked.")
    return plans.start(by=omar, patient=anna, regimen=version, start_on=omar.site.today(), setting="adjuvant")


def test_two_who_did_not_write_it_publish_it_and_the_row_keeps_the_file():
    version = make.own_regimen()
    draft = RegimenDraft.objects.get()
    assert draft.state == DraftState.APPROVED
    assert (version.key, version.version, version.site) == ("own-trastuzumab", 1, make.site())
    assert version.text == make.file()
    assert regimen_of(version).phases == catalog.regimen("trastuzumab-q3w-18").phases
    assert {one.recorded_by.full_name for one in draft.signed} == {"Omar Ortega", "Olivia Osei"}


def test_each_step_is_on_record_with_its_reason():
    make.own_regimen()
    verbs = list(Act.objects.filter(by_id__isnull=False).order_by("id").values_list("verb", "by_name"))
    assert verbs == [
        ("draft.created", "Pia Palmer"), ("draft.submitted", "Pia Palmer"), ("draft.signed", "Omar Ortega"),
        ("regimen.published", "Olivia Osei"), ("draft.signed", "Olivia Osei"),
    ]  # fmt: skip
    assert Act.objects.get(verb="draft.submitted").reason == "Written for this test."


def test_one_signature_publishes_nothing():
    draft = make.signed(make.draft(submitted=True), "omar")
    assert draft.state == DraftState.UNDER_REVIEW
    assert not RegimenVersion.objects.exists()
    refused("already-signed", make.signed, of=draft, who="omar")
    olivia = make.person("olivia")
    refused("not-signed", drafts.publish, by=olivia, draft=draft, found=drafts.read(draft))


def test_the_author_never_signs():
    draft = make.draft(submitted=True)
    refused("own-draft", make.signed, of=draft, who="pia")
    assert not RegimenSignature.objects.exists()


def test_a_draft_that_was_not_submitted_is_not_signed():
    refused("not-under-review", make.signed, of=make.draft(), who="omar")


@pytest.mark.parametrize("who", ["nora", "cora", "ada"])
def test_who_neither_writes_nor_approves_regimens_is_denied(who):
    by, draft = make.person(who), make.draft(submitted=True)
    acts = [
        lambda: drafts.create(by=by, text=make.file()),
        lambda: drafts.edit(by=by, draft=draft, text=make.file()),
        lambda: drafts.submit(by=by, draft=draft, change_note="x"),
        lambda: drafts.send_back(by=by, draft=draft, reason="x"),
        lambda: drafts.withdraw(by=by, draft=draft, reason="x"),
        lambda: drafts.sign(by=by, draft=draft, statement="x", rehearsal="x"),
        lambda: regimens.retire(by=by, regimen=make.regimen("t-dm1"), reason="x"),
    ]
    for act in acts:
        with pytest.raises(Denied):
            act()


def test_a_change_note_is_needed_to_submit():
    refused("no-change-note", drafts.submit, by=make.person("pia"), draft=make.draft(), change_note="  ")


def test_under_review_nothing_is_edited_and_sending_back_takes_the_signatures_away():
    draft = make.signed(make.draft(submitted=True), "omar")
    pia = make.person("pia")
    refused("under-review", drafts.edit, by=pia, draft=draft, text=make.file())
    draft = drafts.send_back(by=make.person("olivia"), draft=draft, reason="The observation is missing.")
    assert (draft.state, draft.sent_back_because) == (DraftState.DRAFT, "The observation is missing.")
    drafts.edit(by=pia, draft=draft, text=make.file() + "\n# mended\n")
    draft = drafts.submit(by=pia, draft=draft, change_note="Mended.")
    assert draft.signed == []
    draft = make.signed(draft, "olivia")
    assert draft.state == DraftState.UNDER_REVIEW
    assert make.signed(draft, "omar").published is not None


def test_a_signature_holds_for_the_rehearsal_that_was_shown():
    draft = make.draft(submitted=True)
    omar = make.person("omar")
    refused("rehearsal-changed", drafts.sign, by=omar, draft=draft, statement="Checked.", rehearsal="0" * 64)
    assert make.signed(draft, "omar").signed[0].rehearsal == drafts.read(draft).digest


def test_a_signature_under_a_rehearsal_that_reads_otherwise_now_does_not_count(monkeypatch):
    """A later version of the product may calculate otherwise: then all sign anew."""
    draft = make.signed(make.draft(submitted=True), "omar")
    dummies = catalog.dummies()
    monkeypatch.setattr(catalog, "dummies", lambda: type(dummies)(dummies.weights_kg, (7, 8, 41), 2, dummies.citation))
    draft = make.signed(draft, "olivia")
    assert draft.state == DraftState.UNDER_REVIEW
    assert not RegimenVersion.objects.exists()


def test_a_regimen_of_the_sites_own_has_its_own_id_and_the_next_version():
    pia = make.person("pia")
    make.published()
    shipped = (catalog.REGIMENS / "apt-v1.toml").read_text()
    for text in (shipped, shipped.replace("version = 1\n", "version = 2\n", 1)):
        refused("not-an-own-id", drafts.create, by=pia, text=text)
    refused("not-the-next-version", drafts.create, by=pia, text=make.file(version=2))
    make.own_regimen()
    refused("not-the-next-version", drafts.create, by=pia, text=make.file(version=1))
    assert drafts.create(by=pia, text=SECOND).based_on.version == 1  # type: ignore[union-attr]


def test_of_one_version_one_draft_is_open():
    make.draft()
    again = refused("second-draft", drafts.create, by=make.person("omar"), text=make.file())
    assert "Pia Palmer is writing own-trastuzumab version 1 already" in str(again)
    drafts.withdraw(by=make.person("omar"), draft=RegimenDraft.objects.get(), reason="Pia is away.")
    assert drafts.create(by=make.person("omar"), text=make.file()).state == DraftState.DRAFT


def test_a_lost_update_is_refused_with_the_difference():
    pia, draft = make.person("pia"), make.draft()
    seen = draft.revision
    drafts.edit(by=pia, draft=draft, text=make.file().replace("mg_per_kg = 6\n", "mg_per_kg = 5\n"), revision=seen)
    lost = refused("changed-meanwhile", drafts.edit, by=pia, draft=draft, text=make.file(), revision=seen)
    assert any("5 mg/kg" in line and "6 mg/kg" in line and "→" in line for line in lost.fields["text"])
    assert "mg_per_kg = 5\n" in RegimenDraft.objects.get().text


def test_a_faulty_text_never_becomes_a_draft():
    faulty = make.file().replace("mg_per_kg = 6\n", 'mg_per_kg = "6(8) mg/kg"\n')
    found = refused("not-a-regimen", drafts.create, by=make.person("pia"), text=faulty)
    assert "holds the text “6(8) mg/kg”" in found.fields["text"][0]
    assert not RegimenDraft.objects.exists()


def test_a_draft_cannot_be_ordered_and_a_published_own_regimen_can_only_here():
    make.draft()
    assert "own-trastuzumab" not in orderable_at(make.site())
    drafts.withdraw(by=make.person("pia"), draft=RegimenDraft.objects.get(), reason="Again.")
    version, there = make.own_regimen(), make.site(name="Another clinic")
    assert order(version).regimen == version
    assert "own-trastuzumab" in orderable_at(make.site())
    assert "own-trastuzumab" not in orderable_at(there)
    refused("another-sites-regimen", order, version=version, at=there)


def test_approval_is_not_the_sign_off_of_unverified_figures():
    version, omar = make.own_regimen(), make.person("omar")
    refused(
        "unverified-regimen", plans.start, by=omar, patient=make.patient(), regimen=version, start_on=TODAY,
        setting="adjuvant",
    )  # fmt: skip


def test_a_new_version_supersedes_the_old_and_a_running_plan_keeps_its_own():
    first = make.own_regimen()
    plan = make.plan("own-trastuzumab", start=TODAY - timedelta(days=21), given=1)
    second = make.own_regimen(SECOND)
    assert standing_at(make.site(), first).instead == "Trastuzumab every three weeks, one year (18 doses) v2"
    assert orderable_at(make.site())["own-trastuzumab"] == second
    refused("superseded-regimen", order, version=first)
    plan.refresh_from_db()
    assert plan.regimen == first
    assert make.give(make.cycle(plan, 2)).administrations.get().dose_text == "6 mg/kg"
    assert make.cycle(plan, 3).administrations.get().dose_text == "6 mg/kg"


def test_a_retired_version_is_refused_in_start_and_switch_and_its_plans_go_on():
    plan = make.plan("trastuzumab-q3w-17", start=TODAY - timedelta(days=63), given=3)
    retired, instead = make.regimen("phesgo"), make.regimen("trastuzumab-q3w-18")
    regimens.retire(by=make.person("pia"), regimen=retired, reason="Not on our formulary.", replaced_by=instead)
    assert "phesgo" not in orderable_at(make.site())
    assert "phesgo" in orderable_at(make.site(name="Another clinic"))
    told = refused("retired-regimen", order, version=retired)
    assert "Not on our formulary" in str(told)
    assert f"Order {instead} instead." in str(told)
    to = switches.To(retired, TODAY + timedelta(days=21), "adjuvant", doses_count=False)
    omar = make.person("omar")
    refused("retired-regimen", switches.make, by=omar, plan=plan, to=to, reason=SwitchReason.OTHER, note="x")
    regimens.retire(by=make.person("pia"), regimen=plan.regimen, reason="Not used any more.")
    make.give(make.cycle(plan, 4), on=TODAY)
    assert make.cycle(plan, 4).state == "given"


def test_a_version_is_retired_once_and_never_for_itself():
    pia, version = make.person("pia"), make.regimen("phesgo")
    refused("no-replacement", regimens.retire, by=pia, regimen=version, reason="x", replaced_by=version)
    regimens.retire(by=pia, regimen=version, reason="Not used.")
    refused("already-retired", regimens.retire, by=pia, regimen=version, reason="Not used.")


def test_the_dummies_are_never_rows():
    before = {model: model.objects.count() for model in (plans.Patient, plans.TreatmentPlan)}
    drafts.read(make.draft())
    assert {model: model.objects.count() for model in before} == before


@pytest.mark.parametrize("key", sorted({key for key, _ in catalog.regimens()}))
def test_what_is_exported_and_uploaded_again_says_the_same(key):
    text = regimens.text_of(make.regimen(key))
    assert catalog.read_upload(text).regimen == regimen_of(make.regimen(key))
    assert catalog.read_upload(text).definition.digest == make.regimen(key).digest


def test_a_row_from_before_texts_were_kept_exports_the_shipped_file():
    version = make.regimen("t-dm1")
    version.text = ""
    assert catalog.read_upload(regimens.text_of(version)).definition.digest == version.digest
    version.digest = "0" * 64
    refused("no-file", regimens.text_of, version=version)


def test_the_database_refuses_what_no_action_would_write():
    version, draft = make.own_regimen(), make.draft(make.file(own="own-other"))
    values = {"name": "x", "digest": "x", "definition": {}, "version": 1}
    for faulty in (
        {"key": "own-x", "site": None},
        {"key": "x", "site": make.site()},
        {"key": version.key, "site": version.site},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            RegimenVersion.objects.create(**(values | faulty))
    for wrong in ({"state": "lost"}, {"state": "approved"}, {"state": "under-review"}, {"published": version}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RegimenDraft.objects.filter(pk=draft.pk).update(**wrong)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_at_once_one_publishes():
    draft = make.signed(make.draft(submitted=True), "omar")
    people = [make.person("olivia"), make.person("pat")]
    digest, told = drafts.read(draft).digest, []
    together = threading.Barrier(2)

    def sign(by: Any) -> None:
        try:
            together.wait(10)
            told.append(drafts.sign(by=by, draft=draft, statement="Checked.", rehearsal=digest).state)
        except Refused as refused_:
            told.append(refused_.code)
        finally:
            connection.close()
            close_old_connections()

    threads = [threading.Thread(target=sign, args=[by]) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(told) == ["already-approved", "approved"]
    assert RegimenVersion.objects.count() == 1
    assert RegimenSignature.objects.count() == 2
