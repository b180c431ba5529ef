"""The first act of an installation: a clinic, and the administrator who invites everybody else."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from her2tracker.accounts.models import JURISDICTIONS, User
from her2tracker.clinic import people
from her2tracker.lib.refusals import Refused


class Command(BaseCommand):
    help = "Open a clinic and name its first administrator. Prints the link by which that person sets a password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="as staff and patients know it")
        parser.add_argument("--time-zone", required=True, help="such as Europe/Madrid; due dates are its days")
        parser.add_argument("--jurisdiction", required=True, choices=JURISDICTIONS, help="whose labels bind here")
        parser.add_argument("--email", required=True, help="of the administrator")
        parser.add_argument("--full-name", required=True, help="of the administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {name: options[name] for name in ("name", "time_zone", "jurisdiction", "email", "full_name")}
        try:
            person = people.open_site(**wanted)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"Opened {person.site}. {person} sets a password here, within {_days()} days, once:")
        self.stdout.write(_link(person))


def _link(person: User) -> str:
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    uid, _, token = key.partition("-")
    return settings.PUBLIC_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})


def _days() -> int:
    return int(settings.PASSWORD_RESET_TIMEOUT / 86400)
