"""Published means frozen: a plan keeps its version, and a changed file is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from her2tracker.accounts.access import Denied
from her2tracker.lib.catalog import CatalogError
from her2tracker.lib.refusals import Refused
from monitoring.actions import protocols
from monitoring.models import ProtocolVersion
from scheduling import catalog
from scheduling.actions import plans, regimens
from scheduling.models import RegimenSignOff, RegimenVersion
from tests import make

pytestmark = pytest.mark.django_db
REGIMENS = Path(catalog.REGIMENS)


def test_publishing_twice_publishes_nothing_new():
    assert regimens.publish() == len(catalog.regimens())
    assert regimens.publish() == 0
    assert protocols.publish() == ProtocolVersion.objects.count() > 0
    assert protocols.publish() == 0


def test_a_published_version_whose_figure_changed_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    regimens.publish()
    text = (REGIMENS / "t-dm1-v1.toml").read_text().replace("mg_per_kg = 3.6", "mg_per_kg = 3.0", 1)
    (tmp_path / "t-dm1-v1.toml").write_text(text)
    monkeypatch.setattr(catalog, "REGIMENS", tmp_path)
    with pytest.raises(CatalogError, match="frozen"):
        regimens.publish()


def test_a_comment_may_change_in_a_published_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    regimens.publish()
    (tmp_path / "t-dm1-v1.toml").write_text("# a note\n" + (REGIMENS / "t-dm1-v1.toml").read_text())
    monkeypatch.setattr(catalog, "REGIMENS", tmp_path)
    assert regimens.publish() == 0


def test_a_plan_is_refused_until_the_site_signed_the_unverified_figures():
    version, omar, anna = make.regimen("t-dxd"), make.person("omar"), make.patient()
    with pytest.raises(Refused, match="unverified figures"):
        plans.start(by=omar, patient=anna, regimen=version, start_on=omar.site.today())
    with pytest.raises(Refused, match="Say what you checked"):
        regimens.sign_off(by=omar, regimen=version, statement="  ")
    regimens.sign_off(by=omar, regimen=version, statement="Checked against the label of May 2026.")
    assert plans.start(by=omar, patient=anna, regimen=version, start_on=omar.site.today()).regimen == version


def test_a_sign_off_holds_for_its_own_site_only():
    version, here = make.regimen("t-dxd"), make.person("omar")
    regimens.sign_off(by=here, regimen=version, statement="Checked.")
    there = make.person("omar", make.site(name="Another clinic"))
    with pytest.raises(Refused, match="unverified figures"):
        plans.start(by=there, patient=make.patient(there.site), regimen=version, start_on=there.site.today())


def test_only_an_oncologist_signs_off():
    with pytest.raises(Denied):
        regimens.sign_off(by=make.person("nora"), regimen=make.regimen("t-dxd"), statement="Fine.")
    assert not RegimenSignOff.objects.exists()


def test_the_database_refuses_what_no_action_would_write():
    plan = make.plan(start=date(2026, 1, 5), given=1)
    row = make.cycle(plan, 1)
    for faulty in ({"state": "lost"}, {"done_on": None}, {"omission_reason": "other"}, {"cycle": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**faulty)
    dose = row.administrations.get()
    for faulty in ({"kind": "bolus"}, {"given_mg": None}, {"difference_reason": "whim"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(dose).objects.filter(pk=dose.pk).update(**faulty)


def test_a_version_has_one_row():
    regimens.publish()
    row = RegimenVersion.objects.filter(key="apt").first()
    assert row is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        RegimenVersion.objects.create(key="apt", version=1, name="x", digest="x", definition={})
