"""A right system balances at every step; each kind of damage is found and named, and what was mended balances again."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from alerting.reconcile import lineage
from alerting.reconcile.run import Line, Reconciliation, reconcile
from connectors import producer, pull, registry
from pipeline.settings import CHECKOUT, Settings
from release import build
from tests.integration.alerting.conftest import PUPILS, SCHOOL, Carried


def wrong(found: Reconciliation) -> dict[tuple[str, str], Line]:
    return {(line.entity, line.step): line for line in found.imbalances}


def test_right_system_balances_at_every_step(carried: Carried) -> None:
    found = reconcile(carried.settings, whole=True)
    assert wrong(found) == {}
    lines = {(line.entity, line.step): line for line in found.lines}
    assert {step for _, step in lines} == {"landed", "booked", "released", "latest", "core", "vault"}
    assert lines["enrollments", "core"].expected == len(PUPILS)
    assert lines["enrollments", "core"].note == "core.fct_enrolment"
    assert lines["roles", "core"].note == "enters dim_learner_history, learner_file through joins, not as rows"
    assert lines["courses", "core"].note == "enters dim_programme, learner_file through joins, not as rows"
    assert lines["users", "vault"].expected > 0
    assert {line.agency_code for line in found.lines} == {SCHOOL}


def test_lineage_is_what_dbt_understands(carried: Carried) -> None:
    manifest = build.manifest(carried.settings)
    models = {node.name: node for node in manifest.nodes.values() if node.resource_type == "model"}
    read = lineage.read(carried.settings.checkout / "dbt_project")
    assert {name for name, node in models.items() if node.schema == "core" and "/core/" in node.path} == set(read.core)
    for name, relation in read.core.items():
        above, waiting = set(), [models[name].unique_id]
        while waiting:
            for parent in getattr(manifest.nodes[waiting.pop()].depends_on, "nodes", ()):
                if parent in manifest.nodes and parent not in above:
                    above.add(parent)
                    waiting.append(parent)
        names = {manifest.nodes[node].name for node in above}
        bases = {name.removeprefix("base_").removesuffix("__versions") for name in names if name.startswith("base_")}
        assert bases == set(relation.tables), name


def test_row_deleted_from_landing_is_found_and_named(carried: Carried) -> None:
    batch = carried.batch("enrollments")
    with carried.without("landing.oneroster__enrollments", "_batch_seq = 0"):
        found = wrong(reconcile(carried.settings, whole=True))
    line = found["enrollments", "landed"]
    assert (line.agency_code, line.source, line.expected, line.found) == (
        SCHOOL,
        "oneroster",
        len(PUPILS),
        len(PUPILS) - 1,
    )
    assert line.note == "1 missing"
    assert line.batches == (batch,)
    assert {"booked", "released"} <= {step for _, step in found}
    assert wrong(reconcile(carried.settings)) == {}, "a recent look comes back to what was wrong"


def test_books_that_say_other_than_the_tables_are_found(carried: Carried) -> None:
    carried.change(
        "update quality.batch set released = released - 1, quarantined = quarantined + 1 where entity = 'users'"
    )
    found = wrong(reconcile(carried.settings, whole=True))
    assert set(found) == {("users", "booked"), ("users", "released")}
    assert "released, refused or held +1; quarantined -1" in str(found["users", "booked"].note)
    carried.change(
        "update quality.batch set released = released + 1, quarantined = quarantined - 1 where entity = 'users'"
    )
    assert wrong(reconcile(carried.settings)) == {}


@pytest.mark.parametrize("relation", ["fct_enrolment", "person_link", "dim_institution"])
def test_record_missing_from_core_is_found_and_named(carried: Carried, relation: str) -> None:
    two = f"_event_id in (select _event_id from core.{relation} order by 1 limit 2)"
    with carried.without(f"core.{relation}", two) as lost:
        found = wrong(reconcile(carried.settings, whole=True))
    assert {step for _, step in found} == {"core"}
    assert sum(line.difference for line in found.values()) == lost
    assert all(f"missing (core.{relation})" in str(line.note) and line.batches for line in found.values())
    assert wrong(reconcile(carried.settings)) == {}


def test_record_that_stays_in_core_is_found(carried: Carried) -> None:
    made_up = "00000000-0000-0000-0000-000000000001"
    carried.change("update core.fct_enrolment set _event_id = %s where record_id = 'enrolment-1'", made_up)
    found = reconcile(carried.settings, whole=True).imbalances
    assert sorted((line.day is None, str(line.note)) for line in found) == [
        (False, "1 missing (core.fct_enrolment)"),
        (True, "1 too many (core.fct_enrolment)"),
    ], "they do not cancel out"
    carried.change(
        "update core.fct_enrolment as f set _event_id = b._event_id from staging.base_oneroster__enrollments as b "
        "where f.record_id = b._record_id and f._event_id = %s",
        made_up,
    )
    assert wrong(reconcile(carried.settings)) == {}


def test_released_version_that_staging_did_not_take_in_is_found(carried: Carried) -> None:
    with carried.without("staging.base_oneroster__roles", "_record_id = 'role-2'"):
        found = wrong(reconcile(carried.settings, whole=True))
    assert set(found) == {("roles", "latest")}
    assert found["roles", "latest"].batches == (carried.batch("roles"),)


def test_identity_that_never_reached_the_vault_is_found(carried: Carried) -> None:
    one = "subject = (select min(subject) from vault.identity)"
    with carried.without("vault.identity", one) as lost:
        found = wrong(reconcile(carried.settings, whole=True))
    assert {step for _, step in found} == {"vault"}
    assert sum(line.difference for line in found.values()) == lost


def test_whoever_was_erased_is_missed_by_nobody(carried: Carried) -> None:
    ((subject,),) = carried.rows("select min(subject) from vault.identity")
    carried.change("insert into vault.erased (subject) values (%s)", subject)
    with carried.without("vault.identity", "subject = %s", subject):
        assert wrong(reconcile(carried.settings, whole=True)) == {}
    carried.change("delete from vault.erased")


def test_command_says_what_is_wrong_by_its_exit_code(carried: Carried) -> None:
    def flyover(*arguments: str) -> tuple[int, dict[str, Any]]:
        env = {**os.environ, "FLYOVER_STATE": str(carried.settings.state_dir)}
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", "reconcile", *arguments, "--json"],
            cwd=CHECKOUT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, json.loads(done.stdout)

    code, document = flyover()
    assert (code, document["balanced"], document["scope"]) == (0, True, "whole")
    assert document["lines"]
    with carried.without("landing.oneroster__users", "_batch_seq = 1"):
        code, document = flyover("--agency", SCHOOL, "--wrong")
        assert (code, document["balanced"], document["scope"]) == (4, False, "part")
        assert {line["step"] for line in document["lines"]} >= {"landed", "booked"}
        assert {line["agency"] for line in document["lines"]} == {SCHOOL}
    assert flyover("--recent")[0] == 0


def test_part_looks_at_one_agency_and_one_day(carried: Carried) -> None:
    assert reconcile(carried.settings, agency_code="sch-hangzhou").batches == 0
    assert reconcile(carried.settings, day=dt.date(2020, 1, 1)).batches == 0
    assert reconcile(carried.settings, agency_code=SCHOOL).batches > 0


def test_batch_that_never_landed_is_found_after_its_time(carried: Carried, tmp_path: Path) -> None:
    settings: Settings = carried.settings
    users = carried.school / "users.csv"
    users.write_text(users.read_text(encoding="utf-8").replace("330106", "330108"), encoding="utf-8")
    pull.pull(settings, registry.load_all(settings.agencies_dir)[SCHOOL], carried.school)
    producer.publish(settings)
    assert wrong(reconcile(settings)) == {}, "it was published a moment ago"
    carried.change("update connect.batch set published_at = published_at - interval '1 hour'")
    found = wrong(reconcile(settings))
    line = found["users", "landed"]
    assert line.found == line.expected - line.difference
    assert line.difference > 0
    assert "missing" in str(line.note)
    from cli import inline

    inline.forward(settings, "oneroster", lambda _: None)
    inline.close(settings, lambda _: None, release=False)
    assert wrong(reconcile(settings)) == {}
