"""Which client the drains and the publisher use; kafka-python for everything else, and unless told otherwise."""

from __future__ import annotations

import importlib.util

from pipeline.errors import ConfigurationError
from pipeline.settings import Settings


def is_confluent(settings: Settings) -> bool:
    """Whether the settings choose confluent-kafka.

    :raises ConfigurationError: for a client there is none of, or that is not installed
    """
    if settings.kafka_client == "kafka-python":
        return False
    if settings.kafka_client != "confluent-kafka":
        raise ConfigurationError(
            f"FLYOVER_KAFKA_CLIENT={settings.kafka_client}: there are kafka-python and confluent-kafka"
        )
    if importlib.util.find_spec("confluent_kafka") is None:
        raise ConfigurationError(
            "FLYOVER_KAFKA_CLIENT=confluent-kafka, but that client is not installed: uv sync --extra confluent"
        )
    return True
