"""The warehouse built release by release equals one built from nothing, to the row, whatever came in whichever order.

In between, one entity alone moves, so that nearly everything is passed over, and core is built ahead of the indicators,
which then have two builds of it to take in: whoever passes over, or forgets, what had to be made again shows here.
"""

import pytest

from release.build import build_part, build_warehouse
from tests.core_tables import everything
from tests.life import Life
from tests.released import Released

ALONE = ("oulad__student_vle", "oulad__student_info", "oneroster__classes")


@pytest.mark.parametrize("seed", [11])
def test_a_rebuild_gives_the_same_rows(warehouse, seed):
    life = Life(warehouse, seed)
    for table in ALONE:
        life.live_a_while()
        build_part(warehouse.settings, "core")
        life.live_a_while(only=[table])
        build_warehouse(warehouse.settings)
    step_by_step = everything(warehouse)
    assert not_the_highest_version(warehouse) == []
    build_warehouse(warehouse.settings, full_refresh=True)
    at_once = everything(warehouse)
    for table, rows in at_once.items():
        assert step_by_step[table] == rows, table
    assert [table for table in FILLED if len(at_once[table]) <= 5] == [], "the world was too small to show anything"


FILLED = (
    "core.fct_employment_spell", "core.fct_enrolment", "core.fct_learning_activity", "core.fct_learning_outcome",
    "core.fct_skill_certificate", "intermediate.int_participation__active", "intermediate.int_participation__days",
    "intermediate.int_participation__years",
)  # fmt: skip


def not_the_highest_version(warehouse: Released) -> list:
    """Records whose kept version is not the highest released one; without a released one, a tombstone (-1) is kept."""
    tables = warehouse.rows("select distinct source || '__' || entity from quality.batch order by 1")
    union = " union all ".join(
        f"select '{table}', kept._record_id, kept._version, max(released._version) from staging.base_{table} as kept "
        f"left join released.{table} as released using (_agency_code, _record_id) group by 1, 2, 3 "
        "having kept._version <> coalesce(max(released._version), -1)"
        for (table,) in tables
    )
    return warehouse.rows(union)
