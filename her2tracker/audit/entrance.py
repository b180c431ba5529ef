"""Coming in: by password, by a hospital's own identity provider, with a second factor. Each is on record."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest, HttpResponse

from her2tracker.accounts import second_factor
from her2tracker.accounts.models import User
from her2tracker.audit.acts import record


class Entrance(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator; nobody signs themselves up to see patients."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        methods = second_factor.methods(request)
        record("person.signed-in", by=user, subject=user, by_means_of=sorted(set(methods)))
        response: HttpResponse = super().post_login(request, user, **more)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ARG002
        """What a stranger typed is not kept, only whose account it was."""
        address = str(credentials.get("email") or credentials.get("username") or "")
        person = User.objects.filter(email__iexact=address).first()
        record("person.sign-in-failed", by=None, subject=person, known=person is not None)

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **more: Any) -> None:
        """Called at each change of a password or second factor; `mfa/email/totp_activated` is what happened."""
        record("person.credentials", by=user, subject=user, what=template_prefix.rpartition("/")[2])
        super().send_notification_mail(template_prefix, user, *args, **more)


class Hospital(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Whoever the hospital's provider vouches for by a verified address, and who has an account here."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.is_existing:
            return
        verified = [one.email for one in sociallogin.email_addresses if one.verified]
        person = User.objects.filter(email__in=[address.lower() for address in verified]).first()
        if person is not None:
            sociallogin.connect(request, person)
            record("person.connected", by=person, subject=person, provider=sociallogin.account.provider)


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """Authenticator apps, security keys and recovery codes."""

    def encrypt(self, text: str) -> str:
        return second_factor.cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return second_factor.cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of a role that must have one."""
        if not second_factor.is_required_of(authenticator.user):
            return True
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())
