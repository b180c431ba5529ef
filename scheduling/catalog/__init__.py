"""Scheduling's data files, validated, as the core's own dataclasses. The app's one use of pydantic."""

from __future__ import annotations

from scheduling.catalog.choices import CHOICES as CHOICES
from scheduling.catalog.choices import choices as choices
from scheduling.catalog.choices import choices_from as choices_from
from scheduling.catalog.regimens import REGIMENS as REGIMENS
from scheduling.catalog.regimens import RegimenFile as RegimenFile
from scheduling.catalog.regimens import regimen as regimen
from scheduling.catalog.regimens import regimen_from as regimen_from
from scheduling.catalog.regimens import regimens as regimens
from scheduling.catalog.regimens import schema as schema
