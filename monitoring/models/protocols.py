"""Published cardiac protocols: a read-only copy of each file version, which findings point at."""

from __future__ import annotations

from django.db import models

from her2tracker.audit.frozen import FrozenVersion


class ProtocolVersion(FrozenVersion):
    class Meta(FrozenVersion.Meta):
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="monitoring_protocol_version_unique")]
