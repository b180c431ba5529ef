"""Who must sign in with a second factor, and whether somebody did."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest

from her2tracker.accounts.models import User

# A hospital's own identity provider answers for how it knew the person.
ENOUGH = frozenset({"mfa", "socialaccount"})


def is_required_of(user: User) -> bool:
    """By the site's decision for the person's role."""
    return user.role in user.site.second_factor_roles


def was_shown(request: HttpRequest) -> bool:
    """In this session; or it was set up in it, which needs one to be shown too."""
    return bool(ENOUGH & set(methods(request)))


def methods(request: HttpRequest) -> list[str]:
    """How the person showed who they are in this session."""
    shown: list[dict[str, Any]] = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    return [str(method.get("method")) for method in shown]


def has_one(user: User) -> bool:
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user=user, type__in=kinds).exists())


def forget_all(user: User) -> int:
    """Every app, key and recovery code of the person; returns how many."""
    return int(Authenticator.objects.filter(user=user).delete()[0])


def cipher() -> MultiFernet:
    """Secrets of authenticator apps are useless to whoever has a copy of the database without the program's key."""
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    digests = (hashlib.sha256(b"her2tracker.second-factor" + key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
