"""A person's API token: one at a time, shown once, kept only as a fingerprint."""

from __future__ import annotations

import hashlib
import secrets

from rest_framework.authtoken.models import Token

from her2tracker.accounts.models import User
from her2tracker.audit.acts import act

PREFIX = "her2_"  # so that a leaked token is recognised for what it is


def fingerprint(token: str) -> str:
    """What the database keeps. The token is random and long, so an unsalted hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()[:40]


def issue(*, by: User) -> str:
    """A new token in place of any older one, which ends at once. Nobody can read it again."""
    token = PREFIX + secrets.token_urlsafe(32)
    with act("token.issued", by=by, subject=by):
        Token.objects.filter(user=by).delete()
        Token.objects.create(user=by, key=fingerprint(token))
    return token


def revoke(*, by: User) -> bool:
    """End the token; False when there was none."""
    with act("token.revoked", by=by, subject=by) as entry:
        count, _ = Token.objects.filter(user=by).delete()
        entry.details = {"had_one": bool(count)}
    return bool(count)


def token_of(person: User) -> Token | None:
    return Token.objects.filter(user=person).first()
