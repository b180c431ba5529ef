"""The OpenAPI document: every operation names its permission and every error it can answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiResponse

from her2tracker.accounts.roles import Permission
from her2tracker.api.errors import ErrorResponse
from her2tracker.api.fields import Clock, Coded


class OperationSchema(AutoSchema):
    """Adds the one error shape and `x-permission` to what the operation declares."""

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, words in self._refusals():
            error = OpenApiResponse(ErrorResponse, words)
            found = self._get_response_for_code(error, status, direction=direction)  # type: ignore[no-untyped-call]
            bodies.setdefault(status, found)
        return bodies

    def _refusals(self) -> Iterator[tuple[str, str]]:
        writes = self.method not in ("GET", "HEAD")
        if writes or self._get_parameters():
            yield "400", "Some input is not valid; `fields` names each faulty one."
        yield "401", "No valid token or session came with the request."
        if self._permission() is not None or writes:
            yield "403", "Your role does not allow this."
        if "{" in self.path or self._is_list_view():
            yield "404", "There is nothing here, or not for you."
        if writes:
            yield "409", "Well-formed, and not allowed as things stand. `code` is stable, `message` says what to do."
            yield "415", "The body is not JSON."

    def get_extensions(self) -> dict[str, Any]:
        permission = self._permission()
        return {**super().get_extensions(), "x-permission": permission.value if permission else "signed-in"}

    def _permission(self) -> Permission | None:
        table: dict[str, Permission | None] = getattr(self.view, "permissions", {})
        return table.get(self.method)


class CodedExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A coded answer is one named component wherever it is used, so clients get one type."""

    target_class = Coded

    def get_name(self) -> str:
        return str(self.target.kind.__name__)

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:  # noqa: ARG002
        labels = "\n".join(f"* `{value}`: {label}" for value, label in self.target.choices.items() if value)
        return {"type": "string", "enum": [m.value for m in self.target.kind], "description": labels}


class ClockExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Hours and minutes, without the offset that the `time` format asks for."""

    target_class = Clock

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:  # noqa: ARG002
        return {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}
