"""What reads for the drains: assigned partitions from given offsets up to where they end now.

Two makers. kafka-python is there everywhere; confluent-kafka, a C library, is an optional extra that
``FLYOVER_KAFKA_CLIENT=confluent-kafka`` chooses. Both tell the same story: trouble with the broker is
:class:`~pipeline.errors.SystemTrouble`, a broker that is away while it is read yields nothing, and whoever reads asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from pipeline.kafka.admin import Position
from pipeline.kafka.clients import is_confluent
from pipeline.settings import Settings

FETCH_BYTES = 8 * 1024 * 1024
Headers = Sequence[tuple[str, bytes | None]]


class Record(msgspec.Struct, gc=False):
    """One message as it lies in its partition."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Reader(Protocol):
    """Reads partitions that it is told; joins no group and commits nothing."""

    def bounds(self) -> Mapping[tuple[str, int], tuple[int, int]]:
        """(first kept offset, end offset) of every assigned partition."""
        ...

    def poll(self, max_records: int, timeout_ms: int = 1_000) -> Iterator[tuple[tuple[str, int], Sequence[Record]]]:
        """Records fetched at once, by (topic, partition), each list in offset order; together about ``max_records``.

        :raises SystemTrouble: when the broker answers, but not with these partitions from here on
        """
        ...

    def seek(self, position: Position) -> None:
        """Go on reading a partition from another place."""
        ...


def reader(
    settings: Settings, positions: Iterable[Position], *, fetch_bytes: int | None = None
) -> AbstractContextManager[Reader]:
    """A reader by the client that the settings choose.

    :raises ConfigurationError: for a client there is none of, or that is not installed
    :raises SystemTrouble: when the broker does not answer
    """
    most = fetch_bytes or FETCH_BYTES
    if is_confluent(settings):
        from pipeline.kafka.by_confluent import ConfluentReader

        return ConfluentReader(settings, positions, most)
    from pipeline.kafka.by_kafka_python import KafkaPythonReader

    return KafkaPythonReader(settings, positions, most)
