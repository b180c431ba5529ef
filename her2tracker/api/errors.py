"""One error shape for every refusal: {"error": {"code", "message", "fields"}}."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from her2tracker.accounts.access import Denied
from her2tracker.audit import acts
from her2tracker.lib.refusals import Refused


class ErrorBody(serializers.Serializer[Any]):
    """What `error` holds. `fields` names each faulty input and what to do about it."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


class ErrorResponse(serializers.Serializer[Any]):
    error = ErrorBody()


def body(code: str, message: str, fields: dict[str, list[str]] | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **({"fields": fields} if fields else {})}}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: everything foreseen becomes the one shape; the rest is a 500."""
    if isinstance(error, Refused):
        return Response(body(error.code, str(error), error.fields), status=status.HTTP_409_CONFLICT)
    if isinstance(error, ValidationError):
        return Response(body("invalid", "Some input is not valid.", _fields(error)), status=400)
    if isinstance(error, Denied):
        _record_denial(error, context)
    response = exception_handler(error, context)
    if response is not None:
        response.data = _body_of(error, response)
    return response


def _body_of(error: Exception, response: Response) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return body("invalid", "Some input is not valid.", _flatten(response.data))
    if isinstance(error, Http404):
        return body("not-found", "There is nothing here, or not for you.")
    if isinstance(error, PermissionDenied):
        return body("denied", str(error) or "Your role does not allow this.")
    code = getattr(error, "default_code", "error")
    return body(str(code).replace("_", "-"), str(getattr(error, "detail", error)))


def _record_denial(error: Denied, context: dict[str, Any]) -> None:
    request = context["request"]
    acts.record("access.denied", by=request.user, permission=error.permission.value, method=request.method)


def _fields(error: ValidationError) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        return {name: [str(m) for m in messages] for name, messages in error.message_dict.items()}
    return {"non_field_errors": list(error.messages)}


def _flatten(data: Any, prefix: str = "") -> dict[str, list[str]]:
    """Nested DRF errors as dotted names: {"prior.0.doses": ["..."]}."""
    if isinstance(data, dict):
        return {k: v for key, value in data.items() for k, v in _flatten(value, f"{prefix}{key}.").items()}
    if isinstance(data, list) and any(isinstance(item, dict) for item in data):
        return {k: v for i, value in enumerate(data) for k, v in _flatten(value, f"{prefix}{i}.").items()}
    messages = data if isinstance(data, list) else [data]
    return {prefix.rstrip(".") or "non_field_errors": [str(m) for m in messages]}
