"""Topics as Strimzi's operator wants them, made of the contracts.

    python -m stack.kafka.manifests > deploy/strimzi/topics.yaml

Where topics are there already, publishing makes none. Made by this file they may have more partitions than the three
of one machine; ./flyover sizing says how many.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

from pipeline import contracts, names
from pipeline.kafka.admin import MAX_MESSAGE_BYTES, RETENTION_MS
from pipeline.settings import CHECKOUT

CLUSTER = "flyover"
PARTITIONS = 12
"""Several drains have work, and a broker that is lost leaves even shares; divisible by 2, 3, 4 and 6."""
HEAD = "# Made by python -m stack.kafka.manifests from the contracts; a test compares.\n"


def topics(contracts_dir: Path = CHECKOUT / "contracts") -> list[dict[str, Any]]:
    """One manifest a topic: those of all contracts, and the vault's."""
    found = sorted({contract.topic for contract in contracts.load_all(contracts_dir).values()})
    return [_topic(name) for name in [*found, names.VAULT_TOPIC]]


def _topic(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        "metadata": {"name": name, "labels": {"strimzi.io/cluster": CLUSTER}},
        "spec": {
            "partitions": PARTITIONS,
            "replicas": 3,
            "config": {"retention.ms": RETENTION_MS, "max.message.bytes": MAX_MESSAGE_BYTES},
        },
    }


if __name__ == "__main__":
    sys.stdout.write(HEAD + yaml.safe_dump_all(topics(), sort_keys=False, explicit_start=True))
