"""The corpus the whole way: files from the reader to the verdict, messages through the sink, all in one run."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError

from connectors import producer, pull, sink
from connectors.registry import Agency
from expectations.judging import judge
from pipeline import envelope, kafka
from pipeline.db import connect
from pipeline.settings import Settings
from tests import verdicts, wire
from tests.corpus import messages
from tests.deliveries import make_agency
from tests.verdicts import Case

TOPIC = "oneroster.orgs.v1"
AGENCY = "sch-test"


def rows(settings: Settings, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connect(settings, "engineer") as connection:
        return connection.execute(query, parameters).fetchall()


def agency_of(case: Case, number: int) -> Agency:
    return dataclasses.replace(make_agency(case.source), agency_code=f"corpus-{number}")


def test_every_file_gets_its_verdict(settings: Settings, tmp_path: Path) -> None:
    """Each file is an agency's own delivery; then the stages run once for all of them."""
    files = [case for case in verdicts.cases() if case.group == "semantic"]
    deliveries = {}
    for number, case in enumerate(files):
        (tmp_path / str(number)).mkdir()
        origin = case.written(tmp_path / str(number))
        deliveries[case] = pull.pull(settings, agency_of(case, number), origin)
    sources = sorted({case.source for case in files})
    producer.publish(settings)
    for source in sources:
        sink.drain(settings, sink.topics_of(settings, source))
        judge.judge_ready(settings, source)
    wrong = {}
    for case, delivery in deliveries.items():
        (batch,) = delivery.batches
        found, golden = outcome(settings, batch.batch_id), expected(case.golden)
        if found != golden:
            wrong[case.name] = (found, golden)
    assert wrong == {}


def expected(golden: Mapping[str, Any]) -> dict[str, Any]:
    quarantined = golden.get("quarantined", {})
    duplicate = golden.get("duplicate", 0)
    return {
        "received": golden["rows"],
        "released": golden["rows"] - len(quarantined) - duplicate,
        "duplicate": duplicate,
        "quarantined": quarantined,
        "repairs": sorted(golden.get("repairs", [])),
        "reported": golden.get("reported", []),
    }


def outcome(settings: Settings, batch: uuid.UUID) -> dict[str, Any]:
    """What became of a batch: its books, its rows in quarantine by line, its repairs, its warnings."""
    ((received, released, duplicate),) = rows(
        settings, "select received, released, duplicate from quality.batch where batch_id = %s", batch
    )
    entries = rows(
        settings,
        "select o.line, e.rule_ids from quarantine.entry as e inner join connect.outbox as o "
        "on o.batch_id = e.batch_id and o.batch_seq = e.batch_seq where e.batch_id = %s order by 1",
        batch,
    )
    repairs = rows(
        settings,
        "select distinct r.code from connect.repair as r inner join connect.batch as b using (delivery_id) "
        "where b.batch_id = %s order by 1",
        batch,
    )
    reported = rows(
        settings,
        "select rule_id from quality.rule_result where batch_id = %s and failed > 0 and severity = 'warning' "
        "and scope = 'row' order by 1",  # a file alone lacks the tables it refers to
        batch,
    )
    return {
        "received": received,
        "released": released,
        "duplicate": duplicate,
        "quarantined": dict(entries),
        "repairs": [code for (code,) in repairs],
        "reported": [rule for (rule,) in reported],
    }


@pytest.fixture
def wire_producer(settings: Settings) -> Any:
    kafka.ensure_topics(settings, [TOPIC])
    raw = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap, max_request_size=2**24, retries=0, acks="all")
    yield raw
    raw.close()


def test_no_message_stops_the_drain_and_each_is_where_it_belongs(settings: Settings, wire_producer: Any) -> None:
    """Of each batch the first message is sound and the second is the corpus'; what is sound always lands."""
    batches = {}
    for case in (case for case in verdicts.cases() if case.group == "protocol"):
        batch = wire.open_batch(settings, 2, agency=AGENCY)
        wire.send(settings, batch, [wire.org(1)])
        event = json.loads(wire.event_of(settings, batch, 1, wire.org(2), "oneroster", "orgs", AGENCY))
        message = getattr(messages, case.golden["message"])(event)
        assert sent(wire_producer, batch, message) == (case.golden.get("refused_by") != "broker"), case.name
        batches[case] = batch
    sink.drain(settings, [TOPIC])
    wrong = {}
    for case, batch in batches.items():
        found, golden = place(settings, batch, case.golden), wanted(case.golden)
        if found != golden:
            wrong[case.name] = (found, golden)
    assert wrong == {}


def sent(wire_producer: Any, batch: uuid.UUID, message: messages.Message) -> bool:
    """Whether the broker took it."""
    headers = [(envelope.BATCH_HEADER, batch.bytes)] if message.headers is None else list(message.headers)
    try:
        wire_producer.send(
            TOPIC,
            value=message.value,
            key=message.key,
            headers=headers,
            partition=0,
            timestamp_ms=message.timestamp_ms,
        ).get(timeout=30)
    except KafkaError:
        return False
    return True


def wanted(golden: Mapping[str, Any]) -> dict[str, Any]:
    lands = golden["verdict"] == "accept"
    return {"landed": 2 if lands else 1, "rules": golden.get("quarantined", []), "aside": "undecodable" in golden}


def place(settings: Settings, batch: uuid.UUID, golden: Mapping[str, Any]) -> dict[str, Any]:
    landed = rows(settings, "select count(*) from landing.oneroster__orgs where _batch_id = %s", batch)[0][0]
    entries = rows(settings, "select rule_ids from quarantine.entry where batch_id = %s", batch)
    ours = "batch_id is null" if golden.get("stray") else "batch_id = %s"
    undecodable = rows(
        settings,
        f"select error from quarantine.undecodable where {ours}",
        *(() if golden.get("stray") else (batch,)),
    )
    told = [error for (error,) in undecodable if golden.get("undecodable", "") in error]
    return {"landed": landed, "rules": [rule for (ids,) in entries for rule in ids], "aside": bool(told)}
