"""Documents say what is true: what is generated is current, what is named exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / name for name in ("README.md", "SAFETY.md", "CONTRIBUTING.md", "CHANGELOG.md", "GLOSSARY.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))


def test_the_generated_reference_is_current():
    call_command("build_docs", "--check")


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_link_and_picture_of_a_page_exists(page: Path):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_every_picture_is_shown_somewhere():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = (ROOT / "docs" / "images").glob("*.png")
    assert [picture.name for picture in pictures if picture.name not in text] == []


def test_every_test_that_safety_names_exists():
    named = re.findall(r"`(tests/[^`]+)`", (ROOT / "SAFETY.md").read_text(encoding="utf-8"))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_decisions_are_numbered_without_gaps():
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_site_policy_that_a_data_file_cites_is_decided_somewhere():
    files = [path for top in ("scheduling", "monitoring") for path in (ROOT / top).rglob("*.toml")]
    cited = {name for path in files for name in re.findall(r"site-policy#([a-z0-9-]+)", path.read_text())}
    decided = re.findall(
        r"^\| ([a-z0-9-]+) \|", (ROOT / "docs/adr/0009-what-no-document-says-is-site-policy.md").read_text(), re.M
    )
    assert cited - set(decided) == set()
