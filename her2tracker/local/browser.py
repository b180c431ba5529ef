"""The browser that tests drive: one that is installed, or Debian's headless shell."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys

NAMES = ("chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core", "libatomic1")
APT_LINE = "apt-get install -y --no-install-recommends " + " ".join(PACKAGES)


def find() -> str | None:
    """The path of an installed browser; None when there is none, or when it could not be driven."""
    if sys.platform == "linux" and ctypes.util.find_library("atomic") is None:
        return None  # the driver's own runtime does not start without it
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def missing() -> str:
    """What to do about it, for a skip's or an error's message."""
    return f"no browser to drive; as root: apt-get update && {APT_LINE}"


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install() -> bool:
    """Install Debian's. False, after apt's own words on the terminal, when that fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get -q update", APT_LINE.replace("apt-get", "apt-get -q", 1)):
        done = subprocess.run(command.split(), env=environment, stdin=subprocess.DEVNULL, check=False)  # noqa: S603
        if done.returncode:
            return False
    return find() is not None
