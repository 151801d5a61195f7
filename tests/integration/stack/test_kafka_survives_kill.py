"""The broker is real: what it has confirmed is still there after it was killed and started again."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient

from stack.kafka import broker
from stack.ports import keep_ports
from stack.processes import wait_gone
from stack.state import State
from stack.supervisor import Supervisor

TOPIC = "survives.kill.v1"
SENT = 500


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    started = Supervisor(State.open(tmp_path / "state"))
    yield started
    started.stop(broker.NAME)


def start(supervisor: Supervisor) -> str:
    """Start the broker on the ports it has and wait until it answers; returns its address."""
    ports = keep_ports(supervisor.state, broker.PORTS)
    supervisor.start(broker.prepare(supervisor.state, ports))
    supervisor.wait_ready(broker.NAME, lambda: broker.answers(ports["kafka"]), broker.READY_SECONDS)
    return f"127.0.0.1:{ports['kafka']}"


def test_confirmed_messages_survive_sigkill(supervisor: Supervisor) -> None:
    address = start(supervisor)
    admin = KafkaAdminClient(bootstrap_servers=address)
    admin.create_topics({TOPIC: {"num_partitions": 2, "replication_factor": 1}})
    topic_id = admin.describe_topics([TOPIC])[0]["topic_id"]
    admin.close()
    producer = KafkaProducer(bootstrap_servers=address, compression_type="lz4")
    confirmed = [producer.send(TOPIC, key=b"%d" % n, value=b"value %d" % n) for n in range(SENT)]
    for future in confirmed:
        future.get(timeout=30)
    producer.close()

    record = supervisor.running(broker.NAME)
    assert record is not None
    os.kill(record.pid, signal.SIGKILL)
    assert not wait_gone({record.pid: record.start_ticks}, 10)

    assert start(supervisor) == address, "a restart keeps the port"
    consumer = KafkaConsumer(TOPIC, bootstrap_servers=address, auto_offset_reset="earliest", group_id=None)
    found: set[bytes] = set()
    while len(found) < SENT:
        fetched = consumer.poll(timeout_ms=10_000)
        assert fetched, f"only {len(found)} of {SENT} messages survived"
        found |= {record.value for records in fetched.values() for record in records}
    consumer.close()
    assert found == {b"value %d" % n for n in range(SENT)}
    admin = KafkaAdminClient(bootstrap_servers=address)
    assert admin.describe_topics([TOPIC])[0]["topic_id"] == topic_id, "it is the same topic, not a new one"
    admin.close()
