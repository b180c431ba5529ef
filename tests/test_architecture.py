"""The house keeps its shape: what import-linter cannot say is said here."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = [p for top in ("her2tracker", "scheduling", "monitoring") for p in (ROOT / top).rglob("*.py")]
WRITTEN = [p for p in CODE if "migrations" not in p.parts]
OURS = {"manage.py", "pyproject.toml", "her2tracker", "scheduling", "monitoring", "templates", "tests", "docs"}
USUAL = {
    "benchmarks", "requirements", "Makefile", "README.md", "LICENSE", "CHANGELOG.md", "GLOSSARY.md", "SAFETY.md",
    "CONTRIBUTING.md", "SECURITY.md", ".ci", ".gitignore", ".gitattributes", ".editorconfig",
    "Dockerfile", ".dockerignore", "compose.yaml",
}  # fmt: skip


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_the_top_level_holds_only_what_the_design_names():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    assert {line.split("/")[0] for line in tracked.splitlines()} <= OURS | USUAL


@pytest.mark.parametrize("core", ["scheduling.core", "monitoring.core"])
def test_a_core_imports_without_django_celery_or_pydantic(core: str):
    modules = [p.stem for p in (ROOT / core.replace(".", "/")).glob("*.py") if p.stem not in ("__init__", "__main__")]
    imports = "; ".join(f"import {core}.{name}" for name in modules)
    strangers = "[m for m in sys.modules if m.split('.')[0] in ('django', 'celery', 'pydantic', 'rest_framework')]"
    code = f"import sys; {imports}; print({strangers})"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert result.stdout.strip() == "[]"


def test_no_file_is_longer_than_a_person_can_hold():
    long = [p for p in WRITTEN if len(p.read_text().splitlines()) > 350]
    assert names(long) == []


def test_no_function_is_longer_than_fifty_lines():
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in WRITTEN
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 50
    ]
    assert long == []


def test_there_are_no_signals_and_no_save_overrides():
    offenders = [p for p in WRITTEN if "post_save" in p.read_text() or "def save(self" in p.read_text()]
    assert names(offenders) == []


def test_only_actions_write_clinical_rows():
    """Views, API and tasks ask an action; none of them creates, updates or deletes a row itself."""
    writes = (".objects.create(", ".bulk_create(", ".save(force_insert", ".objects.filter(pk=")
    doors = [p for p in WRITTEN if p.parent.name in ("views", "api") or p.name in ("tasks.py", "api.py")]
    offenders = [
        p for p in doors if any(write in p.read_text() for write in writes) and "her2tracker/api" not in str(p)
    ]
    assert names(offenders) == []


def test_no_file_is_called_utils_helpers_or_services():
    assert [p.name for p in WRITTEN if p.stem in ("utils", "helpers", "services") and "local" not in p.parts] == []


def test_words_of_the_design_that_are_never_used_are_not_used():
    """DESIGN.md section 7, the column “never”, for class names."""
    never = {"Enrolment", "Enrollment", "Drug", "Med", "Alert", "Notification", "Visit", "Reading", "Scan", "Bolus"}
    classes = {
        node.name
        for path in WRITTEN
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    }
    assert classes & never == set()
