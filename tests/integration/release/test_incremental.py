"""Core built release by release equals core built from nothing, to the row, whatever came in whichever order."""

import pytest

from release.build import build_warehouse
from tests.core_tables import everything
from tests.life import Life
from tests.released import Released

ROUNDS = 4


@pytest.mark.parametrize("seed", [11])
def test_a_rebuild_gives_the_same_rows(warehouse, seed):
    life = Life(warehouse, seed)
    for _ in range(ROUNDS):
        life.live_a_while()
        build_warehouse(warehouse.settings)
    step_by_step = everything(warehouse)
    assert not_the_highest_version(warehouse) == []
    build_warehouse(warehouse.settings, full_refresh=True)
    at_once = everything(warehouse)
    for table, rows in at_once.items():
        assert step_by_step[table] == rows, table
    assert all(len(at_once[f"core.{fact}"]) > 10 for fact in FACTS), "the world was too small to show anything"


FACTS = (
    "fct_employment_spell", "fct_enrolment", "fct_learning_activity", "fct_learning_outcome", "fct_skill_certificate",
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
