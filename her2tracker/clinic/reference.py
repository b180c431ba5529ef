"""The reference documents, printed from what the program itself reads, so that they cannot say otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

from her2tracker.accounts.roles import ROLES, Permission
from her2tracker.lib.catalog import documents
from monitoring import catalog as protocol_catalog
from monitoring.core.protocol import Protocol
from scheduling import catalog as regimen_catalog
from scheduling.core.regimen import Regimen

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "reference"
NOTE = "<!-- Printed by `make docs`. Edit what it is printed from, not this file. -->"


def pages() -> dict[str, str]:
    """File name -> content of every generated page."""
    makers: dict[str, Callable[[], Iterator[str]]] = {
        "permissions.md": permissions,
        "regimens.md": regimens,
        "cardiac-protocols.md": cardiac_protocols,
        "sources.md": sources,
        "settings.md": settings,
    }
    return {name: "\n".join([NOTE, "", *maker()]).rstrip() + "\n" for name, maker in makers.items()}


def permissions() -> Iterator[str]:
    yield "# Who may do what"
    yield ""
    yield "Pages, API and this table read `her2tracker/accounts/roles.py`. ● may, blank may not."
    yield ""
    yield "| permission | " + " | ".join(role.label for role in ROLES.values()) + " |"
    yield "|---|" + "---|" * len(ROLES)
    for permission in Permission:
        marks = ("●" if permission in role.permissions else "" for role in ROLES.values())
        yield f"| {permission.label} | " + " | ".join(marks) + " |"
    yield ""
    for role in ROLES.values():
        yield f"- **{role.label}.** {role.description}"


def regimens() -> Iterator[str]:
    yield "# Regimens"
    yield ""
    yield "Every figure with its source and how far it was checked. Files: `scheduling/regimens/`."
    for (_, version), regimen in sorted(regimen_catalog.regimens().items()):
        yield from _regimen(regimen, version)


def _regimen(regimen: Regimen, version: int) -> Iterator[str]:
    yield ""
    yield f"## {regimen.name} (`{regimen.id}` v{version})"
    yield ""
    yield regimen.indication.text
    yield ""
    yield "| figure | source | confidence |"
    yield "|---|---|---|"
    for fact in regimen.cited_facts:
        yield f"| {_cell(fact.words)} | `{fact.citation.key}` | {fact.citation.confidence.value} |"


def cardiac_protocols() -> Iterator[str]:
    yield "# Cardiac protocols"
    yield ""
    yield "Rules on one LVEF result, in the order they are tried; the strictest advice leads and all are shown."
    yield "Falls are percentage points below the baseline. Files: `monitoring/protocols/`."
    for (_, version), protocol in sorted(protocol_catalog.protocols().items()):
        yield from _protocol(protocol, version)


def _protocol(protocol: Protocol, version: int) -> Iterator[str]:
    yield ""
    yield f"## {protocol.title} (`{protocol.id}` v{version})"
    yield ""
    agents = ", ".join(protocol.agents) or "every agent"
    settings_ = ", ".join(setting.value for setting in protocol.settings)
    yield f"{protocol.kind.value}; {agents}; {protocol.jurisdiction.value}; {settings_}."
    yield f"Baseline: {protocol.baseline_is}."
    yield ""
    yield "| rule | when | advice | source | confidence |"
    yield "|---|---|---|---|---|"
    for rule in protocol.rules:
        when = _cell(_condition(rule.when.in_words))
        citation = rule.citation
        advice = f"{rule.then.value}: {_cell(rule.words)}"
        yield f"| {rule.id} | {when} | {advice} | `{citation.key}` | {citation.confidence.value} |"
    if protocol.surveillance:
        rule_ = protocol.surveillance.on_treatment
        yield ""
        yield (
            f"Surveillance: due {rule_.every_days} days after the last result, "
            f"overdue after {rule_.overdue_after_days} (`{rule_.citation.key}`, {rule_.citation.confidence.value})."
        )


def _condition(in_words: Callable[..., str]) -> str:
    return in_words(Decimal(50)).replace("(50 %)", "(the site's lower limit)")


def sources() -> Iterator[str]:
    yield "# Sources"
    yield ""
    yield "| id | title | publisher | version | dated | confidence | address |"
    yield "|---|---|---|---|---|---|---|"
    for document in documents().values():
        cells = (
            f"`{document.id}`",
            document.title,
            document.publisher,
            document.version,
            document.dated,
            document.confidence.value,
            document.address,
        )
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def settings() -> Iterator[str]:
    """Read from the settings' own text: every environment variable it asks for, with its default."""
    yield "# Settings"
    yield ""
    yield "All come from the environment. Outside a local run (`HER2TRACKER_LOCAL=1`) the program refuses to start"
    yield "without those that must be set; their default is the laptop's."
    yield ""
    yield "| variable | in a clinic | default |"
    yield "|---|---|---|"
    text = (ROOT / "her2tracker" / "settings.py").read_text(encoding="utf-8")
    pattern = re.compile(r'(env|env_bool|required)\(\s*"([A-Z0-9_]+)"(?:,\s*(?:default=)?([^)\n]+))?')
    found = {name: (reader == "required", default) for reader, name, default in pattern.findall(text)}
    for name, (must, default) in sorted(found.items()):
        yield f"| `{name}` | {'must be set' if must else ''} | {'`' + default.strip() + '`' if default else ''} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
