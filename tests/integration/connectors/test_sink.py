"""The sink against the real broker and the real database."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from connectors import drain, landing, sink
from pipeline import kafka
from pipeline.db import OperationalError, connect
from pipeline.errors import StaleDrain
from pipeline.settings import Settings
from tests import wire

TOPIC = "oneroster.orgs.v1"


def rows(settings: Settings, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connect(settings, "flyover_owner") as connection:
        return connection.execute(query, parameters).fetchall()


def batch_of(settings: Settings, batch: uuid.UUID) -> tuple[Any, ...]:
    return rows(settings, "select status, received, landed_rows from quality.batch where batch_id = %s", batch)[0]


def expire(settings: Settings) -> None:
    """Let the broker forget every message of the topic, as retention would."""
    client = KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    try:
        partitions = kafka.topics(settings, [TOPIC])[TOPIC].partitions
        client.delete_records({TopicPartition(TOPIC, partition): -1 for partition in partitions})
    finally:
        client.close()


def test_sink_lands_a_whole_batch_once(settings: Settings) -> None:
    batch = wire.open_batch(settings, 25)
    wire.send(settings, batch, [wire.org(n) for n in range(25)])
    report = sink.drain(settings, [TOPIC])
    assert report.landed_batches == [batch]
    assert sink.drain(settings, [TOPIC]).rows == 0
    assert batch_of(settings, batch) == ("landed", 25, 25)
    landed = rows(
        settings, "select count(*), count(distinct _event_id) from landing.oneroster__orgs where _batch_id = %s", batch
    )
    assert landed == [(25, 25)]


def test_sink_puts_aside_what_cannot_be_typed(settings: Settings) -> None:
    bad = [
        wire.Line("r", op="rejected", reason="reader.ragged_row"),
        wire.Line("m", {"sourcedId": "m", "type": "school"}),
        wire.Line("l", {"sourcedId": "l", "name": "n", "type": "x" * 65}),
        wire.Line("n", {"sourcedId": "n", "name": "a\x00b", "type": "school"}),
        wire.Line("u", raw=b"\xff\xfenot json"),
    ]
    batch = wire.open_batch(settings, 6)
    wire.send(settings, batch, [*bad, wire.org(1)])
    assert sink.drain(settings, [TOPIC]).landed_batches == [batch]
    entries = rows(
        settings,
        "select record_id, stage, rule_ids, payload is null and sealed is not null from quarantine.entry "
        "where batch_id = %s order by batch_seq",
        batch,
    )
    assert entries == [
        ("r", "parse", ["reader.ragged_row"], True),
        ("m", "decode", ["contract.required"], True),
        ("l", "decode", ["contract.length"], True),
        ("n", "decode", ["contract.nul"], True),
    ]
    assert rows(settings, "select count(*) from quarantine.undecodable where batch_id = %s", batch) == [(1,)]
    assert rows(settings, "select count(*) from landing.oneroster__orgs where _batch_id = %s", batch) == [(1,)]


def test_sink_counts_no_copy_for_a_missing_line(settings: Settings) -> None:
    batch = wire.open_batch(settings, 3)
    wire.send(settings, batch, [wire.org(1), wire.org(2)])
    wire.send(settings, batch, [wire.org(1), wire.org(2)])
    assert sink.drain(settings, [TOPIC]).landed_batches == []
    assert batch_of(settings, batch) == ("landing", 3, 4)
    wire.send(settings, batch, [wire.org(3)], first_seq=2)
    assert sink.drain(settings, [TOPIC]).landed_batches == [batch]


def test_sink_puts_aside_an_event_without_manifest(settings: Settings) -> None:
    stranger = uuid.uuid4()
    wire.send(settings, stranger, [wire.org(7)])
    sink.drain(settings, [TOPIC])
    found = rows(settings, "select error from quarantine.undecodable order by undecodable_id desc limit 1")
    assert found == [("no manifest names this batch",)]
    assert rows(settings, "select count(*) from landing.oneroster__orgs where _batch_id = %s", stranger) == [(0,)]


def test_sink_puts_aside_an_envelope_that_no_table_could_hold(settings: Settings) -> None:
    batch = wire.open_batch(settings, 2)
    wire.send(
        settings, batch, [wire.Line("a\x00b", {"sourcedId": "a"}), wire.Line("c", {"sourcedId": "c"}, version=2**40)]
    )
    assert sink.drain(settings, [TOPIC]).landed_batches == [batch]
    found = rows(settings, "select error from quarantine.undecodable where batch_id = %s order by error", batch)
    assert found == [("a NUL character in an attribute",), ("an ordinal or a version out of range",)]


def test_a_log_that_is_shorter_than_the_kept_offset_is_read_from_its_start(settings: Settings) -> None:
    with connect(settings, "flyover_sink") as connection:
        connection.execute("update landing.drain set next_offset = next_offset + 1000 where topic = %s", (TOPIC,))
    batch = wire.open_batch(settings, 3)
    wire.send(settings, batch, [wire.org(n) for n in range(3)])
    assert batch in sink.drain(settings, [TOPIC]).landed_batches
    assert sink.drain(settings, [TOPIC]).rows == 0


def test_messages_that_expired_stop_no_drain_and_can_be_sent_again(settings: Settings) -> None:
    batch = wire.open_batch(settings, 30)
    lines = [wire.org(n) for n in range(30)]
    wire.send(settings, batch, lines)
    expire(settings)
    assert sink.drain(settings, [TOPIC]).rows == 0
    wire.send(settings, batch, lines)
    assert sink.drain(settings, [TOPIC]).landed_batches == [batch]


def test_a_drain_that_was_taken_over_writes_nothing(settings: Settings) -> None:
    batch = wire.open_batch(settings, 10)
    wire.send(settings, batch, [wire.org(n) for n in range(10)])

    class Overtaken(sink.LandingLander):
        def land(self, connection: Any, fetched: Any) -> Any:
            sink.drain(settings, [TOPIC])  # another drain does all the work meanwhile
            return super().land(connection, fetched)

    engine = drain.Engine(settings, sink.ROLE, ("landing", "drain"), [TOPIC], Overtaken(settings))
    with pytest.raises(StaleDrain):
        engine.run()
    assert rows(settings, "select count(*) from landing.oneroster__orgs where _batch_id = %s", batch) == [(10,)]


def test_a_batch_whose_first_transaction_was_undone_is_opened_all_the_same(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = wire.open_batch(settings, 3)
    wire.send(settings, batch, [wire.org(n) for n in range(3)])
    copied = landing.copy_rows
    trouble = iter([OperationalError("the server went away")])

    def interrupted(*args: Any) -> None:
        copied(*args)
        for error in trouble:
            raise error

    monkeypatch.setattr(landing, "copy_rows", interrupted)
    assert batch in sink.drain(settings, [TOPIC]).landed_batches
    assert batch_of(settings, batch) == ("landed", 3, 3)
