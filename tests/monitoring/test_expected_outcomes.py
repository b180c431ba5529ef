"""CLINICAL.md 3.3 through the front door: 24 pairs, each recorded as a person would, each judged as tabulated."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from monitoring.catalog import protocol
from monitoring.models.standing import standing_of
from tests import make
from tests.core.monitoring_cases import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TABLE: Any = read("expected-outcomes.toml")
ROWS = TABLE["rows"]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['baseline']}-to-{row['now']}" for row in ROWS])
def test_a_recorded_pair_is_judged_as_tabulated(row: Any):
    plan = make.plan(start=date(2026, 1, 5), given=1, baseline=row["baseline"])
    recorded = make.lvef(plan.patient, row["now"], date(2026, 4, 28))
    standing = standing_of(plan)
    assert standing.normal == Decimal(TABLE["lower_limit_of_normal"])
    for column, names in TABLE["columns"].items():
        for name in names:
            judgement = standing.judge_by([protocol(name)], recorded)
            assert judgement is not None
            assert judgement.advice == row[column], name


def test_the_table_has_all_twenty_four_rows():
    assert len(ROWS) == 24
