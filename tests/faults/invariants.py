"""What must hold after every fault: nothing lost, nothing doubled."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from her2tracker.accounts.models import Site
from her2tracker.audit.acts import act_of
from her2tracker.audit.models import Act
from monitoring.actions import flags
from monitoring.models import CardiacFlag, Reminder
from monitoring.words import ReminderState
from scheduling.models import Administration, CycleDay, TreatmentPlan
from tests import make
from tests.mail import MailServer

Facts = set[tuple[int, str, str]]


def clinic(fallen: int, late: int) -> Site:
    """Patients whose LVEF has fallen and patients whose next one is overdue, with every flag of them lost."""
    site = make.site()
    today = site.today()
    for number in range(fallen + late):
        plan = make.plan(start=today - timedelta(days=120), given=2)
        if number < fallen:
            make.lvef(plan.patient, 44, today - timedelta(days=1))
    CardiacFlag.objects.all().delete()
    Reminder.objects.all().delete()
    return site


def raised(site: Site) -> Facts:
    return set(CardiacFlag.objects.at(site).values_list("plan_id", "fact", "state"))


def oracle(site: Site) -> Facts:
    """The flags that one undisturbed judgement of every plan leaves; taken back afterwards."""
    with transaction.atomic():
        for batch in flags.watched_in_batches(site):
            flags.reconcile(batch, now=timezone.now())
        found = raised(site)
        transaction.set_rollback(True)
    return found


def hold(site: Site, expected: Facts, server: MailServer | None = None) -> None:
    """Assert all of them. `expected` is what the oracle found before the fault."""
    assert raised(site) == expected
    _one_act_and_history_each(site)
    cycles_in_order()
    if server is not None:
        _mail_once_each(site, server)


def _one_act_and_history_each(site: Site) -> None:
    acts = {str(act.uuid): act.subject_uuid for act in Act.objects.filter(verb="flag.raised")}
    events = CardiacFlag.pgh_event_model.objects  # type: ignore[attr-defined]
    for flag in CardiacFlag.objects.at(site):
        made = events.filter(pgh_obj_id=flag.pk, pgh_label="insert").select_related("pgh_context")
        assert [acts[act_of(event)] for event in made] == [flag.uuid]


def cycles_in_order() -> None:
    for plan in TreatmentPlan.objects.all():
        days = list(CycleDay.objects.filter(plan=plan).order_by("cycle", "day").values_list("planned_on", flat=True))
        assert days == sorted(set(days))
    given = Counter(Administration.objects.filter(given_on__isnull=False).values_list("cycle_day_id", "agent"))
    assert not [twice for twice, count in given.items() if count > 1]


def _mail_once_each(site: Site, server: MailServer) -> None:
    """Each finding's urgent mail was sent; what came twice came under the same Message-ID."""
    owed = set(Reminder.objects.filter(site=site, kind="urgent-flag").values_list("about", flat=True))
    assert owed == {f"flag:{flag.uuid}" for flag in CardiacFlag.objects.at(site).filter(kind="finding")}
    rows = Reminder.objects.filter(site=site, kind="urgent-flag")
    assert {row.state for row in rows} <= {ReminderState.SENT.value}
    came = Counter(str(message["Message-ID"]) for message in server.messages)
    assert {f"<{row.uuid}@localhost>" for row in rows} <= set(came)
