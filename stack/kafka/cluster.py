"""One broker or three: how many there are is chosen with FLYOVER_KAFKA_BROKERS before the first start, and kept.

Three hold every message three times and confirm it when two have it, so any one may be lost. A cluster cannot grow
from one to three by its settings alone: two new controllers would be a majority that knows nothing of the first.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial

from pipeline.errors import ConfigurationError
from stack.kafka import broker
from stack.kafka.broker import Node
from stack.ports import LOOPBACK
from stack.state import State
from stack.supervisor import Supervisor

SIZES = (1, 3)
SETTING = "FLYOVER_KAFKA_BROKERS"


def nodes(state: State) -> list[Node]:
    """The brokers of this state directory, as they were chosen at its first start."""
    return Node(of=int(state.stack().get("kafka_brokers", 1))).whole()


def choose(state: State) -> list[Node]:
    """Keep how many brokers there shall be; what runs or has data already cannot be changed.

    :raises ConfigurationError: when another number was chosen before, or the number is neither 1 nor 3
    """
    if broker.is_external():
        return nodes(state)
    asked = os.environ.get(SETTING)
    if asked and asked not in map(str, SIZES):
        raise ConfigurationError(f"{SETTING}={asked}: there may be 1 broker or 3")
    has_data = (state.root / broker.NAME / "data" / "meta.properties").exists()
    if asked and has_data and int(asked) != len(nodes(state)):
        raise ConfigurationError(
            f"{SETTING}={asked}, but the broker data in {state.root} is of {len(nodes(state))}. Stop with "
            f"./flyover down, let every batch land first, remove {broker.NAME}* there and take kafka_brokers out of "
            "stack.json; what had not landed is sent again by ./flyover batches resend"
        )
    if asked and not has_data:
        state.update_stack(kafka_brokers=int(asked), kafka_cluster=broker.new_cluster_id())
    return nodes(state)


def bootstrap(state: State, ports: Mapping[str, int]) -> str:
    """Addresses by which clients find the brokers."""
    return ",".join(f"{LOOPBACK}:{ports[node.ports[0]]}" for node in nodes(state))


def start(state: State, supervisor: Supervisor, ports: Mapping[str, int], progress: Callable[[str], None]) -> None:
    """Start the brokers that do not run, and wait until all answer."""
    if broker.is_external():
        return
    chosen, cluster = nodes(state), state.stack().get("kafka_cluster")
    for node in chosen:
        if not supervisor.running(node.name):
            progress(f"Kafka: starting{f' broker {node.number} of {node.of}' if node.of > 1 else ''}")
            supervisor.start(broker.prepare(state, ports, node, cluster))
    for node in chosen:
        supervisor.wait_ready(node.name, partial(broker.answers, ports[node.ports[0]]), broker.READY_SECONDS)
    progress(f"Kafka: ready at {bootstrap(state, ports)}")
