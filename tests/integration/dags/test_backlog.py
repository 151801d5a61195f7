"""What waits at each stage, asked of the real servers while a batch goes its way."""

from __future__ import annotations

import uuid

import pytest

from connectors import sink
from pipeline import backlog, names
from pipeline.db import connect
from pipeline.settings import Settings
from tests import wire

TOPICS = [names.topic("oneroster", "orgs"), names.topic("oneroster", "users")]
AGENCY = "sch-test"


def execute(settings: Settings, statement: str, *parameters: object) -> None:
    with connect(settings, "flyover_owner") as connection:
        connection.execute(statement, parameters)


def release(settings: Settings, batch: uuid.UUID) -> int:
    """Release a batch as the judge does; returns its sequence number."""
    with connect(settings, "flyover_owner") as connection:
        row = connection.execute(
            "update quality.batch set status = 'released', released = received, "
            "judged_at = now() - interval '5 minutes', "
            "released_seq = nextval('quality.released_seq') where batch_id = %s returning released_seq",
            (batch,),
        ).fetchone()
    assert row
    return int(row[0])


@pytest.fixture
def batch(settings: Settings) -> uuid.UUID:
    return wire.open_batch(settings, 4)


def test_messages_wait_until_they_are_drained(settings: Settings, batch: uuid.UUID) -> None:
    assert backlog.to_land(settings, [names.topic("census", "nowhere")]) == 0
    wire.send(settings, batch, [wire.org(n) for n in range(3)])
    assert backlog.to_land(settings, TOPICS) == 3
    sink.drain(settings, TOPICS)
    assert backlog.to_land(settings, TOPICS) == 0
    wire.send(settings, batch, [wire.org(3)], first_seq=3)
    assert backlog.to_land(settings, TOPICS) == 1
    sink.drain(settings, TOPICS)
    assert backlog.to_land(settings, [names.VAULT_TOPIC], "vault") == 0
    execute(settings, "update landing.drain set next_offset = next_offset + 7 where partition = 0")
    assert backlog.to_land(settings, TOPICS) == 7, "a broker that lost messages is not level"
    execute(settings, "update landing.drain set next_offset = next_offset - 7 where partition = 0")


def test_a_delivery_waits_for_the_judge_when_all_of_it_has_landed(settings: Settings, batch: uuid.UUID) -> None:
    execute(settings, "update quality.batch set status = 'refused', refused = received where status = 'landed'")
    wire.send(settings, batch, [wire.org(n) for n in range(4)])
    execute(
        settings,
        "insert into connect.batch (batch_id, delivery_id, agency_code, source, entity, topic, expected_rows) "
        "select gen_random_uuid(), delivery_id, agency_code, source, 'users', topic, 1 from connect.batch "
        "where batch_id = %s",
        batch,
    )
    sink.drain(settings, TOPICS)
    assert not backlog.to_judge(settings, "oneroster"), "its other batch has not landed"
    execute(settings, "delete from connect.batch where entity = 'users'")
    assert backlog.to_judge(settings, "oneroster").amount == 1
    assert not backlog.to_judge(settings, "oulad")
    execute(settings, "update quality.batch set landed_at = now() - interval '130 seconds' where batch_id = %s", batch)
    assert backlog.to_judge(settings, "oneroster") == backlog.Waiting(1, 2)


def test_what_was_released_waits_until_core_holds_it(settings: Settings, batch: uuid.UUID) -> None:
    wire.send(settings, batch, [wire.org(n) for n in range(4)])
    sink.drain(settings, TOPICS)
    newest = release(settings, batch)
    assert backlog.to_model(settings) == backlog.Waiting(newest, 5)
    assert not backlog.to_show(settings)
    execute(
        settings, "create table intermediate.part_built (part text, released_seq bigint, waiting_since timestamptz)"
    )
    execute(settings, "alter table intermediate.part_built owner to flyover_dbt")
    execute(settings, "insert into intermediate.part_built values ('core', %s, now() - interval '3 minutes')", newest)
    assert backlog.to_model(settings).amount == newest, "the build read it and failed"
    assert backlog.to_show(settings) == backlog.Waiting(newest, 3)
    execute(settings, "update quality.batch set modelled_at = now()")
    assert not backlog.to_model(settings)
    execute(settings, "select nextval('quality.released_seq')")
    assert backlog.to_model(settings) == backlog.Waiting(newest + 1, None), "a waiver takes a number, too"


def test_batches_wait_until_they_are_published(settings: Settings, batch: uuid.UUID) -> None:
    assert AGENCY not in backlog.to_publish(settings)
    execute(
        settings,
        "update connect.batch set published_at = null, staged_at = now() - interval '3 minutes' where batch_id = %s",
        batch,
    )
    assert backlog.to_publish(settings) == {AGENCY: backlog.Waiting(1, 3)}
