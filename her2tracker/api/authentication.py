from __future__ import annotations

from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed

from her2tracker.accounts.models import User
from her2tracker.api.tokens import fingerprint


class BearerToken(TokenAuthentication):
    """`Authorization: Bearer <token>`; a person makes and revokes theirs under “API token”."""

    keyword = "Bearer"

    def authenticate_credentials(self, key: str) -> tuple[User, Token]:
        token = Token.objects.select_related("user__site").filter(key=fingerprint(key)).first()
        if token is None or not token.user.is_active:
            raise AuthenticationFailed("This token is not valid, or no longer. Make a new one under “API token”.")
        return token.user, token
