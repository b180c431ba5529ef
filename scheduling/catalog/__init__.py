"""Scheduling's data files, validated, as the core's own dataclasses. The app's one use of pydantic."""

from __future__ import annotations

from scheduling.catalog.chairside import CHAIRSIDE_CHECKS as CHAIRSIDE_CHECKS
from scheduling.catalog.chairside import chairside_items as chairside_items
from scheduling.catalog.chairside import chairside_items_from as chairside_items_from
from scheduling.catalog.choices import CHOICES as CHOICES
from scheduling.catalog.choices import PRECONDITIONS as PRECONDITIONS
from scheduling.catalog.choices import choices as choices
from scheduling.catalog.choices import choices_from as choices_from
from scheduling.catalog.choices import preconditions as preconditions
from scheduling.catalog.choices import preconditions_from as preconditions_from
from scheduling.catalog.laboratory import LABORATORY as LABORATORY
from scheduling.catalog.laboratory import lab_tests as lab_tests
from scheduling.catalog.laboratory import laboratory_from as laboratory_from
from scheduling.catalog.policies import POLICIES as POLICIES
from scheduling.catalog.policies import acuity_weights as acuity_weights
from scheduling.catalog.policies import dummies as dummies
from scheduling.catalog.policies import policies_from as policies_from
from scheduling.catalog.policies import policy as policy
from scheduling.catalog.policies import policy_options as policy_options
from scheduling.catalog.policies import switching_rules as switching_rules
from scheduling.catalog.policies import vital_signs as vital_signs
from scheduling.catalog.policies import window as window
from scheduling.catalog.policies import year_limits as year_limits
from scheduling.catalog.products import PRODUCTS as PRODUCTS
from scheduling.catalog.products import products as products
from scheduling.catalog.products import products_from as products_from
from scheduling.catalog.regimens import REGIMENS as REGIMENS
from scheduling.catalog.regimens import RegimenFile as RegimenFile
from scheduling.catalog.regimens import regimen as regimen
from scheduling.catalog.regimens import regimen_from as regimen_from
from scheduling.catalog.regimens import regimens as regimens
from scheduling.catalog.regimens import schema as schema
from scheduling.catalog.uploads import LARGEST_BYTES as LARGEST_BYTES
from scheduling.catalog.uploads import Faulty as Faulty
from scheduling.catalog.uploads import Upload as Upload
from scheduling.catalog.uploads import decode as decode
from scheduling.catalog.uploads import read_upload as read_upload
