"""A broker's settings, its storage and its process; alone, or as one of a cluster (stack/kafka/cluster.py).

An existing broker is used instead when FLYOVER_KAFKA_BOOTSTRAP is set.
"""

import base64
import os
import shutil
import socket
import struct
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SystemTrouble
from stack.kafka import jars
from stack.ports import LOOPBACK
from stack.state import State
from stack.supervisor import Service, clean_environment

NAME = "kafka"
PORTS = ("kafka", "kafka_controller")
READY_SECONDS = 120.0
CLUSTER_GRACE_SECONDS = 8.0
"""Of a cluster that stops as a whole the last ones find no quorum to leave in order: they would wait for minutes."""
HEAP = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC")
LARGEST_MESSAGE_BYTES = 16 * 1024 * 1024

SHARED_SETTINGS: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "delete.topic.enable": "true",
    "num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "broker.session.timeout.ms": "4000",  # after a crash the controller refuses our own return for this long
    "broker.heartbeat.interval.ms": "1000",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "log.retention.hours": "168",
    "compression.type": "producer",  # lz4 or zstd as the producer chose; never compressed again
    "message.max.bytes": str(LARGEST_MESSAGE_BYTES),
    "replica.fetch.max.bytes": str(LARGEST_MESSAGE_BYTES),
    "log.cleaner.dedupe.buffer.size": "16777216",  # its default of 128 MB is a quarter of our heap
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
}
"""Settings that hold wherever the broker runs; docker-compose.yml repeats them and a test compares."""

REPLICATED_SETTINGS: Mapping[str, str] = {
    "default.replication.factor": "3",
    "min.insync.replicas": "2",  # what is confirmed is on two disks: any one broker may be lost
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
}
"""What is otherwise where there are three brokers; deploy/ repeats them and a test compares."""


@dataclass(frozen=True)
class Node:
    """Which broker of how many: each is a controller, too."""

    number: int = 1
    of: int = 1

    @property
    def name(self) -> str:
        """Its service; the first is called as the only one is."""
        return NAME if self.number == 1 else f"{NAME}-{self.number}"

    @property
    def ports(self) -> tuple[str, str]:
        """Names of its two ports."""
        return PORTS if self.number == 1 else (f"kafka_{self.number}", f"kafka_{self.number}_controller")

    def whole(self) -> "list[Node]":
        """Every node of its cluster."""
        return [Node(number, self.of) for number in range(1, self.of + 1)]


ALONE = Node()


def is_external() -> bool:
    """Whether an existing broker is to be used instead of ours."""
    return bool(os.environ.get("FLYOVER_KAFKA_BOOTSTRAP"))


def settings(ports: Mapping[str, int], data: Path, node: Node = ALONE) -> dict[str, str]:
    """The whole server.properties of a loopback broker."""
    broker, controller = (f"{LOOPBACK}:{ports[name]}" for name in node.ports)
    voters = [f"{each.number}@{LOOPBACK}:{ports[each.ports[1]]}" for each in node.whole()]
    return {
        **SHARED_SETTINGS,
        **(REPLICATED_SETTINGS if node.of > 1 else {}),
        "node.id": str(node.number),
        "listeners": f"PLAINTEXT://{broker},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{broker}",
        "controller.quorum.voters": ",".join(voters),
        "log.dirs": str(data),
    }


def prepare(state: State, ports: Mapping[str, int], node: Node = ALONE, cluster: str | None = None) -> Service:
    """Write the settings, format the storage the first time, and say how to start.

    ``cluster`` is the id its storage is formatted with; all brokers of a cluster share it.
    """
    home = state.root / node.name
    data = home / "data"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    properties = home / "server.properties"
    properties.write_text("".join(f"{key}={value}\n" for key, value in settings(ports, data, node).items()))
    java = [jars.java(), *HEAP, *_logging(state, node), "-cp", f"{jars.ensure_jars()}/*"]
    if not (data / "meta.properties").exists():
        _format(java, properties, data, cluster or new_cluster_id())
    return Service(
        name=node.name,
        argv=[*java, "kafka.Kafka", str(properties)],
        env=clean_environment(),
        cwd=home,
        version=jars.version(),
        port=ports[node.ports[0]],
        grace_seconds=30.0 if node.of == 1 else CLUSTER_GRACE_SECONDS,
    )


def new_cluster_id() -> str:
    """An id as Kafka's own tool makes them."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")


def answers(port: int) -> bool:
    """Whether a broker answers an ApiVersions request; it does so only once it has joined its cluster."""
    client = b"flyover"
    header = struct.pack(">hhih", 18, 0, 1, len(client)) + client  # api 18, version 0, correlation 1
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2.0) as link:
            link.sendall(struct.pack(">i", len(header)) + header)
            answer = link.recv(10)
    except OSError:
        return False
    return len(answer) == 10 and struct.unpack(">iih", answer)[1:] == (1, 0)


def _logging(state: State, node: Node) -> list[str]:
    configuration = Path(__file__).with_name("log4j2.xml")
    return [
        f"-Dlog4j2.configurationFile={configuration.as_uri()}",
        f"-Dflyover.kafka.log={state.logs / f'{node.name}-server.log'}",
    ]


def _format(java: list[str], properties: Path, data: Path, cluster: str) -> None:
    # An interrupted format leaves a directory the tool refuses: nothing is in it yet, so start from empty.
    shutil.rmtree(data)
    data.mkdir(mode=0o700)
    command = [*java, "kafka.tools.StorageTool", "format", "--cluster-id", cluster, "--config", str(properties)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise SystemTrouble(f"Kafka's storage tool failed: {(done.stderr or done.stdout).strip()[-500:]}")
