"""What every operation shares: who asks, what they sent, and how the answer is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.views import APIView

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.api.pagination import Pages
from her2tracker.api.schema import OperationSchema

Method = TypeVar("Method", bound=Callable[..., HttpResponse])
Shape = type[Serializer[Any]]


class Operations(APIView):
    """The operations of one address. A method missing from `permissions` is closed to everybody;
    `None` opens it to every signed-in person."""

    permissions: ClassVar[dict[str, Permission | None]] = {}

    @property
    def by(self) -> User:
        """The person who asks; permission was checked before any method runs."""
        return cast(User, self.request.user)

    def body(self, shape: Shape, *, partial: bool = False) -> dict[str, Any]:
        """The validated body. Raises DRF's ValidationError, which becomes a 400 that names each field."""
        return _validated(shape(data=self.request.data, partial=partial, context={"view": self}))

    def query(self, shape: Shape) -> dict[str, Any]:
        """The validated query parameters."""
        return _validated(shape(data=self.request.query_params.dict(), context={"view": self}))

    def shown(self, shape: Shape, thing: Any, *, status: int = 200) -> Response:
        return Response(shape(thing, context={"view": self}).data, status=status)

    def listed(self, shape: Shape, things: Any) -> Response:
        return Response(shape(things, many=True, context={"view": self}).data)


class PagedOperations(Operations):
    """Operations whose GET is a list that may grow without end."""

    pagination_class = Pages

    def paged(self, shape: Shape, rows: QuerySet[Any]) -> Response:
        pages = self.pagination_class()
        found = pages.paginate_queryset(rows, self.request, view=self)
        return pages.get_paginated_response(shape(found, many=True, context={"view": self}).data)


class NothingHere(APIView):
    """Every other address below /api/v1/: an error in the one shape, not a page."""

    permission_classes = [IsAuthenticated]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404


def operation(
    name: str,
    *,
    returns: Any,
    takes: Shape | None = None,
    query: Shape | None = None,
    status: int = 200,
) -> Callable[[Method], Method]:
    """Name an operation and its shapes for the schema; the docstring's first line is its summary."""

    def decorate(method: Method) -> Method:
        summary, _, more = (method.__doc__ or "").strip().partition("\n")
        method.schema = OperationSchema  # type: ignore[attr-defined]
        described = extend_schema(
            operation_id=name,
            summary=summary,
            description=" ".join(more.split()),
            request=takes,
            responses={status: returns},
            parameters=[query] if query else None,
        )
        return described(method)

    return decorate


def _validated(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
