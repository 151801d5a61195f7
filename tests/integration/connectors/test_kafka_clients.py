"""Whichever client reads and sends: the same places, the same trouble, the same rows."""

from __future__ import annotations

import importlib.util
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from connectors import sink
from pipeline import envelope, kafka
from pipeline.db import connect
from pipeline.errors import ConfigurationError, SystemTrouble
from pipeline.kafka import Position
from pipeline.settings import Settings
from tests import wire

TOPIC = "oneroster.orgs.v1"
HERE = ("clients.test", 0)


@pytest.fixture(params=["kafka-python", "confluent-kafka"])
def chosen(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings that choose a client."""
    if importlib.util.find_spec(request.param.removesuffix("-python").replace("-", "_")) is None:
        pytest.skip(f"{request.param} is not installed: uv sync --extra confluent")
    return replace(settings, kafka_client=request.param)


@pytest.fixture
def topic(chosen: Settings) -> Iterator[str]:
    """A topic of one partition with forty messages."""
    kafka.ensure_topics(chosen, [HERE[0]], 1)
    with kafka.publisher(chosen) as publisher:
        for number in range(40):
            publisher.send(HERE[0], b"k%d" % number, b"v%d" % number, [("batchid", b"b"), ("n", b"%d" % number)])
        publisher.flush()
    yield HERE[0]
    remove(chosen)


def remove(settings: Settings) -> None:
    kafka.remove_topics(settings, [HERE[0]])
    deadline = time.monotonic() + 30
    while kafka.topics(settings, [HERE[0]]):
        assert time.monotonic() < deadline


def read(reader: kafka.Reader, count: int, most: int = 7) -> list[kafka.Record]:
    """So many records, a few at a time."""
    deadline, told = time.monotonic() + 30, list[kafka.Record]()
    while len(told) < count:
        for place, records in reader.poll(most):
            assert place == HERE
            told += records
        assert time.monotonic() < deadline
    return told


def test_records_come_in_order_with_all_that_a_drain_needs(chosen: Settings, topic: str) -> None:
    with kafka.reader(chosen, [Position(topic, 0, 5)]) as reader:
        assert reader.bounds() == {HERE: (0, 40)}
        told = read(reader, 35)
        assert [record.offset for record in told] == list(range(5, 40))
        assert (told[0].key, told[0].value) == (b"k5", b"v5")
        assert list(told[0].headers) == [("batchid", b"b"), ("n", b"5")]
        assert not list(reader.poll(7, 200))
        reader.seek(Position(topic, 0, 12))
        assert read(reader, 1)[0].offset == 12


def test_a_place_that_the_log_no_longer_has_is_trouble_not_a_leap(chosen: Settings, topic: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=chosen.kafka_bootstrap)
    admin.delete_records({TopicPartition(topic, 0): 10})
    admin.close()
    with kafka.reader(chosen, [Position(topic, 0, 3)]) as reader:
        assert reader.bounds() == {HERE: (10, 40)}
        with pytest.raises(SystemTrouble, match=r"Kafka at 127\.0\.0\.1"):
            read(reader, 1)


def test_a_broker_that_is_not_there_is_trouble(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka.patience, "BOOTSTRAP_MS", 500)
    nobody = replace(chosen, kafka_bootstrap="127.0.0.1:9")
    with pytest.raises(SystemTrouble, match=r"Kafka at 127\.0\.0\.1:9"):  # noqa: SIM117 - whichever step it is
        with kafka.reader(nobody, [Position("t", 0, 0)]) as reader:
            reader.bounds()
    with pytest.raises(SystemTrouble, match=r"Kafka at 127\.0\.0\.1:9"), kafka.publisher(nobody) as publisher:
        publisher.send("t", b"k", b"v")


def test_every_kind_of_record_ends_where_it_belongs(chosen: Settings) -> None:
    bad = [
        wire.Line("r", op="rejected", reason="reader.ragged_row"),
        wire.Line("m", {"sourcedId": "m", "type": "school"}),
        wire.Line("l", {"sourcedId": "l", "name": "n", "type": "x" * 65}),
        wire.Line("n", {"sourcedId": "n", "name": "a\x00b", "type": "school"}),
        wire.Line("u", raw=b"\xff\xfenot json"),
    ]
    good = [wire.org(n) for n in range(3_000)] + [wire.Line("gone", op="delete"), wire.org(9_000, name='a "\\" b')]
    batch = wire.open_batch(chosen, len(bad) + len(good))
    wire.send(chosen, batch, [*bad, *good])
    report = sink.drain(chosen, [TOPIC], max_rows=500)
    assert report.landed_batches == [batch]
    with connect(chosen, "engineer") as connection:
        landed = connection.execute(
            "select count(*), count(distinct _offset || '/' || _partition), sum(_is_deleted::int), "
            "max(name) filter (where _record_id = 'org-9000'), "
            "bool_and(_published_at between now() - interval '1 hour' and now()), "
            "bool_and(_event_id::text like '________-____-5%%') from landing.oneroster__orgs "
            "where _batch_id = %s",
            (batch,),
        ).fetchone()
        aside = connection.execute(
            "select record_id, stage, rule_ids[1] from quarantine.entry where batch_id = %s order by batch_seq",
            (batch,),
        ).fetchall()
        bytes_ = connection.execute(
            "select count(*) from quarantine.undecodable where batch_id = %s", (batch,)
        ).fetchone()
    assert landed == (3_002, 3_002, 1, 'a "\\" b', True, True)
    assert aside == [
        ("r", "parse", "reader.ragged_row"),
        ("m", "decode", "contract.required"),
        ("l", "decode", "contract.length"),
        ("n", "decode", "contract.nul"),
    ]
    assert bytes_ == (1,)


def test_a_record_goes_to_one_partition_whoever_sends_it(chosen: Settings, settings: Settings) -> None:
    first, second = (wire.open_batch(settings, 200) for _ in range(2))
    orgs = [wire.org(n) for n in range(200)]
    wire.send(settings, first, orgs)
    with kafka.publisher(chosen) as publisher:
        for seq, line in enumerate(orgs):
            value = wire.event_of(settings, second, seq, line, "oneroster", "orgs", "sch-test")
            key = f"sch-test:{line.record_id}".encode()
            publisher.send(TOPIC, key, value, [(envelope.BATCH_HEADER, second.bytes)])
        publisher.flush()
    sink.drain(settings, [TOPIC])
    with connect(settings, "engineer") as connection:
        apart = connection.execute(
            "select count(distinct _record_id) from landing.oneroster__orgs where _batch_id = any(%s) "
            "group by _record_id having count(distinct _partition) > 1",
            ([first, second],),
        ).fetchall()
        both = connection.execute(
            "select count(*) from landing.oneroster__orgs where _batch_id = any(%s)", ([first, second],)
        ).fetchone()
    assert (apart, both) == ([], (400,))


def test_a_client_there_is_none_of_is_refused(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="kafka-python and confluent-kafka"):
        kafka.reader(replace(settings, kafka_client="librdkafka"), [Position(str(uuid.uuid4()), 0, 0)])
