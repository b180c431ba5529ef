"""Links in mails that open a flag with one decision ready to sign. They open a form after sign-in and do nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from monitoring.models import CardiacFlag
from monitoring.words import DECISION_LABELS, Decision

SALT = "monitoring.decision-link"
VALID_FOR = timedelta(days=14)  # a mail found later leads to the list as it then stands
OFFERED = (Decision.HOLD, Decision.CONTINUE, Decision.REPEAT)


@dataclass(frozen=True, slots=True)
class DecisionLink:
    label: str
    url: str


class BadLink(Exception):
    """Changed on its way, or too old. The text is for the person."""


def links_for(flag: CardiacFlag) -> tuple[DecisionLink, ...]:
    """Hold, continue with cardiology, repeat echo."""
    return tuple(DecisionLink(DECISION_LABELS[one], _url(flag, one)) for one in OFFERED)


def read(token: str) -> tuple[UUID, Decision]:
    """The flag and decision a link is about. Raises BadLink."""
    try:
        flag, decision = signing.loads(token, salt=SALT, max_age=VALID_FOR)
        return UUID(flag), Decision(decision)
    except signing.SignatureExpired as error:
        raise BadLink("This link is more than 14 days old. Here are the flags as they stand now.") from error
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink("This link is not complete. Here are the flags as they stand now.") from error


def _url(flag: CardiacFlag, decision: Decision) -> str:
    token = signing.dumps([str(flag.uuid), decision.value], salt=SALT)
    return settings.PUBLIC_URL + reverse("flag-link", args=[token])
