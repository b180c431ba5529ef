"""Shapes that both apps' answers share."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from her2tracker.api.fields import Coded
from her2tracker.lib.sources import Confidence


class Cited(serializers.Serializer[Any]):
    """Where a figure or rule is from, as `document#section`, and how far that was checked."""

    source = serializers.CharField(source="citation.key")  # type: ignore[assignment]
    confidence = Coded(Confidence, source="citation.confidence")
