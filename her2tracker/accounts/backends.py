from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from her2tracker.accounts.models import User


class SignIn(AuthenticationBackend):  # type: ignore[misc]
    """Sign-in by e-mail; every page needs the person's site, so it comes with them."""

    def get_user(self, user_id: int) -> User | None:
        return User.objects.select_related("site").filter(pk=user_id, is_active=True).first()
