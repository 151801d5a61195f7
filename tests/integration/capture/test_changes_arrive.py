"""The real engine: PostgreSQL's log by Debezium in Kafka Connect, through the outbox to released rows."""

from __future__ import annotations

import datetime as dt
import stat

import httpx
import pytest

from connectors import sink
from connectors.capture import overview, script, tending
from pipeline import contracts, kafka, names
from pipeline.db import connect
from release import build
from stack.kafka import connect as kafka_connect
from tests.office import READER_PASSWORD, Office, wait_until

pytestmark = pytest.mark.slow


def test_the_first_snapshot_is_released_whole(office: Office) -> None:
    assert office.released("employments", "start_date") == dict(
        office.sql("select employment_id, start_date from employment")
    )
    assert office.released("employments", "contract_hours").keys() == office.keys("employment")
    assert office.released("skill_certificates", "issue_date").keys() == office.keys("skill_certificate")
    assert office.released("trainings", "subsidy_flag") == dict(
        office.sql("select training_id, subsidy_flag from training")
    )


def test_a_connector_that_is_well_is_left_alone(office: Office) -> None:
    assert not tending.ensure(office.settings, office.feed)
    assert tending.tend(office.settings, office.feed, {}).trouble is None


def test_insert_update_and_delete_are_released_within_seconds(office: Office) -> None:
    office.sql(
        "insert into employment (employment_id, full_name, start_date, occupation_code, workplace_division, "
        "employment_form, record_status) "
        "values ('E900001', '赵安安', '2026-01-05', '4-03', '331102', 'self', 'active')",
        "update employment set employment_form = 'flexible', end_date = '2026-02-01' where employment_id = 'E000002'",
        "delete from employment where employment_id = 'E000003'",
    )
    found = office.pull_rows(3)
    assert sum(batch.deleted_rows for delivery in found for batch in delivery.batches) == 1
    office.forward()
    forms = office.released("employments", "employment_form")
    assert (forms["E900001"], forms["E000002"], "E000003" in forms) == ("self", "flexible", False)
    assert office.released("employments", "end_date")["E000002"] == dt.date(2026, 2, 1)
    told = office.released("employments", "_source_modified_at")["E000002"]
    assert abs(dt.datetime.now(dt.UTC) - told) < dt.timedelta(minutes=2)


def test_another_key_is_a_delete_and_an_insert(office: Office) -> None:
    office.sql("update employment set employment_id = 'E900004' where employment_id = 'E000004'")
    office.pull_rows(2)
    office.forward()
    present = office.released("employments", "employment_form")
    assert ("E000004" in present, "E900004" in present) == (False, True)


def test_what_is_undone_never_arrives(office: Office) -> None:
    office.sql("begin; update employment set employment_form = 'rural'; rollback")
    office.sql("update employment set employment_form = 'platform' where employment_id = 'E000005'")
    found = office.pull_rows(1)
    assert sum(delivery.read_rows for delivery in found) == 1


def test_truncate_deletes_every_record_and_what_follows_stays(office: Office) -> None:
    office.sql(
        "update training set hours = 8 where training_id = 'T000001'",
        "truncate training",
        "insert into training (training_id, full_name, programme_name, kind, start_date, hours, result) "
        "values ('T900001', '赵安安', '急救', 'induction', '2026-03-01', 6.5, 'completed')",
    )
    office.pull_rows(2)
    office.forward()
    assert office.released("trainings", "hours").keys() == {"T900001"} == office.keys("training")


def test_many_changes_are_cut_into_slices(office: Office) -> None:
    before = office.raw_end()
    office.sql(
        "insert into skill_certificate (certificate_no, full_name, certificate_kind, occupation_code, skill_level, "
        "issue_date) "
        "select 'M' || n, '钱宁', '职业技能等级', '4-03', '四级', '2026-01-01' from generate_series(1, 12000) as n"
    )
    wait_until(lambda: office.raw_end() >= before + 12_000)
    assert [delivery.read_rows for delivery in office.pull()] == [10_000, 2_000]


def test_raw_changes_stay_where_only_the_outbox_reads(office: Office) -> None:
    raw = names.raw_topic(office.feed.code)
    assert kafka.topics(office.settings, [raw])
    assert not any(names.is_raw(topic) for topic in sink.topics_of(office.settings, "hr"))
    assert not any(names.is_raw(c.topic) for c in contracts.load_all(office.settings.contracts_dir).values())
    with connect(office.settings, "engineer") as connection:
        drained = connection.execute("select count(*) from landing.drain where topic like 'raw.%'").fetchone()
    assert drained == (0,)


def test_nothing_but_the_agreed_columns_leaves_the_database(office: Office) -> None:
    said = b"".join(office.raw_messages())
    assert "赵安安".encode() in said  # what identifies a person does: that is why the topic is restricted
    assert b"internal_note" not in said
    assert b"not ours to see" not in said
    assert b"employer_name" not in said


def test_names_of_the_raw_topic_reach_no_ordinary_topic(office: Office) -> None:
    office.forward()
    ordinary = b"".join(office.messages([c.topic for c in contracts.of_source(office.settings.contracts_dir, "hr")]))
    assert ordinary
    ids = [number for (number,) in office.sql("select resident_id from employment where resident_id is not null")]
    assert len(ids) > 30
    for word in ("赵安安", "钱宁", *ids):
        assert word.encode() not in ordinary


def test_the_worker_keeps_its_secrets(office: Office) -> None:
    folder = office.state.root / "connect"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    ours = [path for path in folder.rglob("*") if path.is_file() and path.name != "offsets"]
    assert len(ours) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in ours} == {0o600}
    for path in [folder / "worker.properties", *office.state.logs.iterdir()]:
        text = path.read_text(errors="replace")
        assert READER_PASSWORD not in text
        assert "readers own" not in text
        assert office.settings.secrets.connect_password not in text
    shown = office.worker.config(office.feed.code)
    assert shown is not None
    assert shown["database.password"].startswith("${file:")
    assert httpx.get(f"{office.settings.connect_url}/connectors").status_code == httpx.codes.UNAUTHORIZED


def test_an_update_and_a_delete_reach_core(office: Office) -> None:
    def in_core() -> dict[str, str]:
        office.forward()
        build.build_warehouse(office.settings)
        with connect(office.settings, "engineer") as connection:
            found = connection.execute(
                "select record_id, employment_form_code from core.fct_employment_spell where agency_code = %s",
                (office.feed.code,),
            )
            return dict(found.fetchall())  # type: ignore[arg-type]

    assert in_core() == dict(office.sql("select employment_id, employment_form from employment"))
    office.sql(
        "update employment set employment_form = 'dispatch' where employment_id = 'E000010'",
        "delete from employment where employment_id = 'E000011'",
    )
    office.pull_rows(2)
    after = in_core()
    assert (after["E000010"], "E000011" in after) == ("dispatch", False)
    assert after == dict(office.sql("select employment_id, employment_form from employment"))


def test_undone_nothing_of_ours_is_left(office: Office) -> None:
    kafka_connect.start(
        office.state, office.supervisor, office.settings, office.settings.secrets.connect_password, [], lambda _: None
    )
    assert office.worker.connectors() == []
    wait_until(lambda: office.sql("select active from pg_replication_slots") == [(False,)])
    standing = overview.of(office.settings, office.feed)
    assert not standing.is_well
    assert "./flyover changes undo hr-lishui" in standing.advice
    for statement in script.undo(office.feed).split(";\n"):
        if statement.strip():
            office.sql(statement)
    assert office.sql("select slot_name from pg_replication_slots") == []
    assert office.sql("select pubname from pg_publication") == []
    assert office.sql("select rolname from pg_roles where rolname = 'flyover_reader'") == []
