"""`python -m her2tracker.health_check URL`: ends with 0 when it answers 200. For images without curl."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

SECONDS = 4


def main(url: str) -> int:
    if not url.startswith("http://"):
        sys.stderr.write("An http:// address of this machine is asked for.\n")
        return 2
    # As the proxy would ask: the redirect to https is for people, and other names are refused.
    host = os.environ.get("HER2TRACKER_HOSTS", "localhost").split(",")[0]
    request = urllib.request.Request(url, headers={"X-Forwarded-Proto": "https", "Host": host})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 # nosec B310
            return 0 if answer.status == 200 else 1
    except (OSError, urllib.error.URLError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
