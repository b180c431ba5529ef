from rest_framework.authentication import TokenAuthentication


class BearerToken(TokenAuthentication):
    """`Authorization: Bearer <token>`; a person makes and revokes theirs under “API token”."""

    keyword = "Bearer"
