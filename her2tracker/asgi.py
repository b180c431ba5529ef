"""The entry point for an asynchronous web server."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "her2tracker.settings")

application = get_asgi_application()
