"""Publishing cardiac protocol files as frozen versions."""

from __future__ import annotations

from her2tracker.audit.acts import act
from her2tracker.lib.catalog import CatalogError
from monitoring import catalog
from monitoring.models import ProtocolVersion


def publish() -> int:
    """Copy each protocol file version into its row; returns how many were new.

    Raises CatalogError when a published version's meaning was changed in place.
    """
    new, protocols = 0, catalog.protocols()
    published = {(row.key, row.version): row.digest for row in ProtocolVersion.objects.all()}
    for key, definition in catalog.definitions().items():
        known = published.get(key)
        if known is None:
            with act("protocol.published", by=None) as entry:
                entry.subject = ProtocolVersion.objects.create(
                    key=definition.id,
                    version=definition.version,
                    name=protocols[key].title,
                    digest=definition.digest,
                    definition=definition.raw,
                )
                entry.details = {"key": definition.id, "version": definition.version, "digest": definition.digest}
            new += 1
        elif known != definition.digest:
            raise CatalogError(
                f"{definition.id} v{definition.version} is published and frozen; make a new file with version + 1"
            )
    return new
