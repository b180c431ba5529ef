"""Publishing cardiac protocol files as frozen versions."""

from __future__ import annotations

from her2tracker.audit.frozen import Publishable, publish_files
from monitoring import catalog
from monitoring.models import ProtocolVersion


def publish() -> int:
    """Copy each protocol file version into its row; returns how many were new.

    Raises CatalogError when a published version's meaning was changed in place.
    """
    protocols = catalog.protocols()
    files = [Publishable(found, protocols[key].title) for key, found in catalog.definitions().items()]
    return publish_files(ProtocolVersion.objects.all(), files, verb="protocol.published")
