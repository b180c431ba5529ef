"""The write path for people of a site: inviting them, changing their role, closing an account."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.utils import timezone

from her2tracker.accounts import second_factor
from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission, Role
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused


def invite(*, by: User, email: str, full_name: str, role: Role) -> User:
    """A new account at `by`'s site, without a password: the person sets one by the reset mail."""
    require(by, Permission.MANAGE_PEOPLE)
    with act("person.invited", by=by) as entry:
        try:
            with transaction.atomic():
                person = User.objects.create_user(email, None, full_name=full_name.strip(), role=role, site=by.site)
        except IntegrityError as error:
            sentence = "Somebody has an account with this e-mail address already."
            raise Refused(Refusal("address-taken", sentence), {"email": [sentence]}) from error
        entry.subject, entry.details = person, {"role": role.value, "name": person.full_name}
    return person


def open_site(*, name: str, time_zone: str, jurisdiction: str, email: str, full_name: str) -> User:
    """A new clinic with its first administrator, who invites everybody else. Whoever runs the server does this.

    Raises ValidationError for a time zone or jurisdiction that is none, Refused for a name or address that is taken.
    """
    site = Site(name=name.strip(), time_zone=time_zone, jurisdiction=jurisdiction)
    site.full_clean(validate_unique=False)
    with act("site.opened", by=None, subject=site) as entry:
        try:
            with transaction.atomic():
                site.save()
                person = User.objects.create_user(email, None, full_name=full_name, role=Role.ADMINISTRATOR, site=site)
        except IntegrityError as error:
            sentence = "There is a site of this name, or an account with this e-mail address, already."
            raise Refused(Refusal("taken", sentence)) from error
        entry.details = {"site": site.name, "administrator": person.full_name}
    return person


def change(*, by: User, person: User, full_name: str, role: Role, is_active: bool) -> User:
    """Change name and role, or close the account. Closing it ends every session at once."""
    require(by, Permission.MANAGE_PEOPLE)
    if person.pk == by.pk and (not is_active or role != by.role):
        raise Refused(Refusal("yourself", "Ask another administrator to change your own role or close your account."))
    with act("person.changed", by=by, subject=person) as entry:
        before: dict[str, Any] = {"role": person.role, "is_active": person.is_active}
        person.full_name, person.role, person.is_active = full_name.strip(), role, is_active
        person.save(update_fields=["full_name", "role", "is_active"])
        if not is_active:
            _end_access(person)
        entry.details = {"before": before, "after": {"role": role.value, "is_active": is_active}}
    return person


def reset_second_factor(*, by: User, person: User) -> int:
    """Forget a person's apps, keys and codes: the telephone is lost. Their sessions end; they set up a new one.

    Refused for oneself: whoever took over a session must not get rid of the factor it was opened with.
    """
    require(by, Permission.MANAGE_PEOPLE)
    if person.pk == by.pk:
        raise Refused(Refusal("yourself", "Ask another administrator to reset your own second factor."))
    with act("person.second-factor-reset", by=by, subject=person) as entry:
        count = second_factor.forget_all(person)
        if not count:
            raise Refused(Refusal("none", f"{person} has no second factor."))
        _end_sessions(person)
        entry.details = {"count": count}
    return count


def _end_access(person: User) -> None:
    from rest_framework.authtoken.models import Token

    Token.objects.filter(user=person).delete()
    _end_sessions(person)


def _end_sessions(person: User) -> None:
    for session in Session.objects.filter(expire_date__gte=timezone.now()):
        if str(session.get_decoded().get("_auth_user_id")) == str(person.pk):
            session.delete()
