"""What may go wrong between an agency's database and us, done to the real engine: noticed, said, and made good."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from kafka.admin import KafkaAdminClient

from connectors.capture import database
from pipeline.db import connect
from pipeline.errors import BadInput, SystemTrouble
from tests.office import Office, wait_until

pytestmark = pytest.mark.slow
CHANGE = "update employment set employment_form = '{}' where employment_id = '{}'"


def is_level(office: Office) -> bool:
    """Whether what is released is what the office has."""
    office.forward()
    return office.released("employments", "employment_form") == dict(
        office.sql("select employment_id, employment_form from employment")
    ) and office.released("skill_certificates", "skill_level").keys() == office.keys("skill_certificate")


def renewals(office: Office) -> int:
    with connect(office.settings, "engineer") as connection:
        found = connection.execute("select count(*) from audit.entry where action = 'capture.read_afresh'").fetchone()
    return int(found[0]) if found else 0


def until_level(office: Office, seconds: float = 90.0) -> None:
    office.pull_until(lambda _: is_level(office), seconds)


@contextmanager
def stands_still(office: Office, *words: str) -> Iterator[None]:
    """The feed stops with a sentence that has these words, does so again, and goes on behind the block."""

    def stopped() -> bool:
        try:
            office.pull()
        except BadInput as error:
            told.append(str(error))
        except SystemTrouble:
            return False
        return bool(told)

    told: list[str] = []
    wait_until(stopped)
    assert all(word in told[0] for word in (office.feed.code, *words)), told
    with pytest.raises(BadInput):
        office.pull()
    yield


def test_connect_is_killed_and_nothing_is_lost_or_doubled(office: Office) -> None:
    for number in range(1, 30):
        office.sql(CHANGE.format("rural" if number % 2 else "self", f"E{number:06}"))
        if number == 15:
            office.kill_connect()
    with pytest.raises(SystemTrouble, match=r"\./flyover up"):
        office.pull()
    office.start_connect()
    until_level(office)
    assert renewals(office) == 0
    with connect(office.settings, "engineer") as connection:
        most = connection.execute("select max(version) from connect.record_state where entity = 'employments'")
        assert most.fetchone() == (2,)  # what was said twice was unchanged


def test_a_database_that_is_away_is_waited_for(office: Office) -> None:
    office.stop_database()
    with pytest.raises(SystemTrouble, match="does not answer"):
        office.pull()
    office.start_database()
    office.sql(CHANGE.format("platform", "E000007"))
    until_level(office)
    assert renewals(office) == 0


def test_a_new_password_is_taken_without_a_stop(office: Office) -> None:
    office.sql("alter role flyover_reader password 'another'")
    with stands_still(office, "refuses flyover_reader", "./flyover secret set"):
        office.set_password("another")
    office.sql(
        "select pg_terminate_backend(active_pid) from pg_replication_slots where active",
        CHANGE.format("platform", "E000008"),
    )
    until_level(office)


def test_a_database_that_cannot_prove_who_it_is_is_not_read(office: Office) -> None:
    office.write_yml(tls="verify-full")  # the server here was built without TLS
    with stands_still(office, "cannot prove who it is", "params.tls_ca", "do not lower params.tls"):
        office.write_yml()
    office.sql(CHANGE.format("self", "E000020"))
    until_level(office)


def test_a_new_column_passes(office: Office) -> None:
    office.sql("alter table employment add column remote_share numeric", CHANGE.format("rural", "E000009"))
    until_level(office)


def test_a_renamed_column_stops_the_feed_and_nothing_is_lost(office: Office) -> None:
    office.sql(
        CHANGE.format("dispatch", "E000010"),
        "alter table employment rename column employment_form to form_of_employment",
        "update employment set form_of_employment = 'self' where employment_id = 'E000011'",
        "delete from skill_certificate where certificate_no = 'C000001'",
    )
    with stands_still(office, "public.employment", "employment_form", "gone or was renamed"):
        office.sql("alter table employment rename column form_of_employment to employment_form")
    until_level(office)


def test_a_dropped_column_stops_the_feed_and_nothing_is_lost(office: Office) -> None:
    office.sql(
        "alter table employment drop column contract_hours cascade",
        CHANGE.format("dispatch", "E000012"),
    )
    columns = ", ".join(office.feed.tables[0].columns.values())
    with stands_still(office, "public.employment", "contract_hours", "./flyover changes setup"):
        office.sql("alter table employment add column contract_hours numeric(5, 1)")
        with stands_still(office, "public.employment", "publication"):
            office.sql(
                "grant select (contract_hours) on employment to flyover_reader",
                f"alter publication flyover_hr_lishui add table employment ({columns})",
                CHANGE.format("self", "E000013"),
            )
    until_level(office)
    assert set(office.released("employments", "contract_hours").values()) == {None}


def test_a_retyped_column_stops_the_feed(office: Office) -> None:
    office.sql(
        "alter publication flyover_hr_lishui drop table training",
        "alter table training alter column hours type text",
        f"alter publication flyover_hr_lishui add table training ({', '.join(office.feed.tables[2].columns.values())})",
    )
    with stands_still(office, "public.training", "hours", "was number and is text now", "./flyover changes accept"):
        office.sql(
            "alter publication flyover_hr_lishui drop table training",
            "alter table training alter column hours type numeric using hours::numeric",
            "alter publication flyover_hr_lishui add table training "
            f"({', '.join(office.feed.tables[2].columns.values())})",
        )
    until_level(office)


def test_a_dropped_slot_is_said_and_deletes_of_meanwhile_are_found(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    before = renewals(office)
    office.stop_connect()
    assert database.drop_slot(office.settings, office.feed)
    office.sql(
        "delete from employment where employment_id = 'E000014'",
        "delete from skill_certificate",
        CHANGE.format("rural", "E000015"),
    )
    office.start_connect()
    with caplog.at_level(logging.WARNING):
        until_level(office)
    assert renewals(office) == before + 1
    assert "the replication slot flyover_hr_lishui is lost" in caplog.text
    assert office.released("skill_certificates", "skill_level") == {}


def test_a_log_that_was_thrown_away_is_said_and_made_good(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    before = renewals(office)
    office.stop_connect()
    office.sql(
        "alter system set max_slot_wal_keep_size = '1MB'",
        "select pg_reload_conf()",
        "delete from employment where employment_id = 'E000016'",
    )
    for _ in range(4):
        office.sql(
            "create table filler as select repeat('x', 1000) from generate_series(1, 20000)",
            "drop table filler",
            "select pg_switch_wal()",
            "checkpoint",
        )
    slot = database.inspect(office.settings, office.feed).slot
    assert slot is not None
    assert slot.is_lost
    office.start_connect()
    with caplog.at_level(logging.WARNING):
        until_level(office)
    assert renewals(office) == before + 1
    assert "is lost" in caplog.text
    office.sql("alter system reset max_slot_wal_keep_size", "select pg_reload_conf()")


def test_a_raw_topic_that_is_lost_is_made_good(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    before = renewals(office)
    office.sql(CHANGE.format("self", "E000017"), "delete from employment where employment_id = 'E000018'")
    client = KafkaAdminClient(bootstrap_servers=office.settings.kafka_bootstrap)
    client.delete_topics([office.feed.topic])
    client.close()
    office.kill_connect()
    office.start_connect()
    office.sql(CHANGE.format("contract", "E000019"))
    with caplog.at_level(logging.WARNING):
        until_level(office)
    assert renewals(office) == before + 1


def test_a_reader_that_stands_still_does_not_fill_the_databases_disk(office: Office) -> None:
    for _ in range(3):
        office.sql(
            "insert into training (training_id, full_name, programme_name, kind, start_date, hours, result) "
            "select 'F' || n || clock_timestamp(), '钱宁', repeat('x', 100), 'induction', '2026-03-01', 1, 'completed' "
            "from generate_series(1, 20000) as n",
            "select pg_switch_wal()",
        )

    def held() -> int:
        slot = database.inspect(office.settings, office.feed).slot
        assert slot is not None
        return slot.held_bytes

    wait_until(lambda: held() < 4_000_000)
