"""Reasons in mart: the agencies behind each number and what a release changed, without a key of any delivery."""

import pytest

from pipeline.db import connect
from release import lineage, reasons
from release.publish import move_back

ENTITIES = (("returns", "schools"), ("census", "population_by_age"))
AGENCY = "stats-sim-north"


def _publish(settings, seq: int, value: float) -> int:
    with connect(settings, "flyover_owner") as connection:
        release = connection.execute(
            "insert into mart.release (as_of, released_seq, project_digest) values (now(), %s, 'a') "
            "returning release_id",
            (seq,),
        ).fetchone()[0]
        for code, dimension in (("share", "total"), ("parity_index", "share.m")):
            connection.execute(
                "insert into mart.indicator_value (release_id, indicator_code, method, realm, area_code, area_level, "
                "period, dimension, member, value, unit, unit_of_count, status, definition_version, as_of) values "
                "(%s, %s, 'm', 'simulated', '330000', 'province', '2025', %s, 'total', %s, 'pct', 'none', 'published', "
                "1, '2025-12-31')",
                (release, code, dimension, value),
            )
        connection.execute(
            "insert into mart.current_release (release_id) values (%s) "
            "on conflict (is_current) do update set release_id = excluded.release_id",
            (release,),
        )
    return release


@pytest.fixture(scope="module")
def releases(warehouse, module_monkeypatch):
    """Two releases of one share, and between them two deliveries of an agency of the simulated province."""
    module_monkeypatch.setattr(
        lineage, "entities_above", lambda settings, models: ENTITIES if "ind_share" in models else ()
    )
    settings = warehouse.settings
    with connect(settings, "flyover_owner") as connection:
        connection.execute("create table core.ind_share as select 'share'::text as indicator_code")
        connection.execute("grant select on core.ind_share to flyover_publisher, engineer")
    first = _publish(settings, 0, 40.0)
    assert reasons.explain(settings)
    for _ in range(2):
        warehouse.release("returns__schools", AGENCY, [])
    with connect(settings, "flyover_owner") as connection:
        connection.execute("update quality.batch set released = 1, received = 1, first_landed_at = now()")
        seq = connection.execute("select max(released_seq) from quality.batch").fetchone()[0]
    second = _publish(settings, seq, 42.0)
    assert reasons.explain(settings)
    return first, second


@pytest.fixture(scope="module")
def module_monkeypatch():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def test_agencies_stand_behind_a_number_and_behind_what_is_made_of_it(warehouse, releases):
    rows = warehouse.rows(
        "select indicator_code, agency_code, agency_name_en like '%%simulated%%', entities, batches "
        "from mart.indicator_source where release_id = %s order by 1",
        releases[1],
    )
    assert rows == [(code, AGENCY, True, ["returns.schools"], 2) for code in ("parity_index", "share")]


def test_what_changed_is_told_with_the_agencies_whose_deliveries_moved(warehouse, releases):
    rows = warehouse.rows(
        "select indicator_code, earlier_release_id, old_value, new_value, why from mart.revision "
        "where release_id = %s order by 1",
        releases[1],
    )
    assert rows == [(code, releases[0], 40.0, 42.0, "data") for code in ("parity_index", "share")]
    assert warehouse.rows(
        "select indicator_code, agency_code, entity, what, deliveries from mart.revision_delivery order by 1"
    ) == [(code, AGENCY, "returns.schools", "released", 2) for code in ("parity_index", "share")]


def test_the_first_release_changes_nothing_and_reasons_are_written_once(warehouse, releases):
    assert warehouse.rows("select count(*) from mart.revision where release_id = %s", releases[0]) == [(0,)]
    assert not reasons.explain(warehouse.settings)
    move_back(warehouse.settings, releases[0])
    assert not reasons.explain(warehouse.settings)
    move_back(warehouse.settings, releases[1])


def test_a_policymaker_may_read_all_of_it_but_who_wrote_when(warehouse, releases):
    with connect(warehouse.settings, "policymaker") as connection:
        for table in ("area", "dimension", "dimension_member", "target", "indicator_source", "revision"):
            connection.execute(f"select * from mart.{table}")


def test_every_column_of_mart_says_what_it_is(warehouse):
    assert (
        warehouse.rows(
            "select c.relname, a.attname from pg_class as c inner join pg_attribute as a on a.attrelid = c.oid "
            "where c.relnamespace = 'mart'::regnamespace and c.relkind in ('r', 'v', 'p') and a.attnum > 0 "
            "and not a.attisdropped and col_description(c.oid, a.attnum) is null"
        )
        == []
    )
