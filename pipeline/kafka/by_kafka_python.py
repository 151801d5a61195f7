"""The reader over kafka-python, with a parser of our own for what was fetched.

The client makes an object of thirteen fields of every message, a varint a call: more processor time than all the rest
of a drain. What a drain needs of a message is its place, key, value and headers, so batches are taken apart here
(:mod:`pipeline.kafka.record_batches`). It hooks into the one class of the client that does this; everything else is
the client's: connections, sessions, retries, checksums, decompression.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError

from pipeline.kafka import patience, record_batches
from pipeline.kafka.admin import Position, trouble
from pipeline.kafka.reading import Record
from pipeline.settings import Settings


class KafkaPythonReader:
    """See :class:`~pipeline.kafka.reading.Reader`."""

    def __init__(self, settings: Settings, positions: Iterable[Position], fetch_bytes: int) -> None:
        self._settings = settings
        with trouble(settings):
            self._consumer = KafkaConsumer(
                bootstrap_servers=settings.kafka_bootstrap,
                client_id="flyover-drain",
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="none",
                fetch_max_bytes=fetch_bytes,
                max_partition_fetch_bytes=fetch_bytes,
                request_timeout_ms=patience.REQUEST_MS,
                bootstrap_timeout_ms=patience.BOOTSTRAP_MS,
            )
        self._consumer._fetcher.PartitionRecords = _Batches
        assigned = {TopicPartition(p.topic, p.partition): p.offset for p in positions}
        self._consumer.assign(list(assigned))
        for partition, offset in assigned.items():
            self._consumer.seek(partition, offset)

    def __enter__(self) -> KafkaPythonReader:
        return self

    def __exit__(self, *exc: object) -> None:
        self._consumer.close(autocommit=False, timeout_ms=2_000)

    def bounds(self) -> Mapping[tuple[str, int], tuple[int, int]]:
        """(first kept offset, end offset) of every assigned partition."""
        with trouble(self._settings):
            assigned = list(self._consumer.assignment())
            first = self._consumer.beginning_offsets(assigned)
            end = self._consumer.end_offsets(assigned)
        return {(tp.topic, tp.partition): (first[tp], end[tp]) for tp in assigned}

    def poll(self, max_records: int, timeout_ms: int = 1_000) -> Iterator[tuple[tuple[str, int], list[Record]]]:
        """Records fetched at once, by (topic, partition), each list in offset order."""
        with trouble(self._settings):
            fetched = self._consumer.poll(timeout_ms=timeout_ms, max_records=max_records)
        for tp, records in fetched.items():
            yield (tp.topic, tp.partition), records

    def seek(self, position: Position) -> None:
        """Go on reading a partition from another place."""
        self._consumer.seek(TopicPartition(position.topic, position.partition), position.offset)


class _Batches(Fetcher.PartitionRecords):  # type: ignore[misc]
    """What was fetched of one partition, taken in batches instead of message by message."""

    def __init__(self, fetch_offset: int, *args: Any, **options: Any) -> None:
        self._rest: list[Record] = []
        super().__init__(fetch_offset, *args, **options)

    def take(self, n: int | None = None) -> list[Record]:
        """The next records: as many as asked for, fewer when there are no more, none when it is at its end."""
        self._maybe_raise_next_inline_exception()
        taken = self._rest
        try:
            while n is None or len(taken) < n:
                batch = next(self.record_iterator, None)
                if batch is None:
                    break
                taken += batch
        except Exception as error:
            if not taken:
                raise
            self._next_inline_exception = error  # told when what came before it has been taken
        self._rest, taken = ([], taken) if n is None else (taken[n:], taken[:n])
        if taken:
            self.next_fetch_offset = taken[-1].offset + 1
            self.records_read += len(taken)
        if self._is_at_end and not self._rest:
            self.next_fetch_offset = max(self.next_fetch_offset, self._end)
            self.drain()
        return taken

    _is_at_end = False
    _end = 0

    def _maybe_skip_record(self, record: object) -> bool:
        """Offsets before the one that was asked for are left out where a batch is taken apart."""
        return False

    def _unpack_records(self, tp: Any, records: Any, *deserializers: object) -> Iterator[list[Record]]:
        while (batch := records.next_batch()) is not None:
            if self.check_crcs and not batch.validate_crc():
                raise CorruptRecordError(f"a batch of {tp} at offset {batch.base_offset} fails its checksum")
            self.leader_epoch = getattr(batch, "leader_epoch", -1)
            self._end = batch.next_offset  # also of a batch whose last messages were compacted away
            self.bytes_read += batch.size_in_bytes
            if not batch.is_control_batch:
                yield record_batches.taken_apart(batch, self.fetch_offset)
        self._is_at_end = True
