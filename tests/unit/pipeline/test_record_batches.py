"""Batches taken apart are what the client itself reads in them, and broken ones are refused."""

from __future__ import annotations

import random
from typing import Any

import pytest
from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError
from kafka.record import MemoryRecords
from kafka.record.memory_records import MemoryRecordsBuilder
from kafka.structs import TopicPartition

from pipeline.kafka.by_kafka_python import _Batches
from pipeline.kafka.reading import Record

HERE = TopicPartition("t", 0)
Message = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]


def messages(count: int, seed: int = 1) -> list[Message]:
    """Of every size that changes how a length is written, with nulls, and with all sorts of headers."""
    hand = random.Random(seed)
    sizes = [0, 1, 63, 64, 100, 500, 8_191, 8_192, 70_000]
    made: list[Message] = []
    for number in range(count):
        key = None if number % 7 == 0 else hand.randbytes(hand.choice(sizes[:5]))
        value = None if number % 11 == 0 else hand.randbytes(hand.choice(sizes))
        headers = [("batchid", hand.randbytes(16)), ("时间", None), ("", b"")][: number % 4]
        made.append((key, value, headers))
    return made


def log(made: list[Message], *, a_batch: int = 40, codec: int = 3) -> bytearray:
    """Batches as a broker gives them."""
    written = bytearray()
    for start in range(0, len(made), a_batch):
        builder = MemoryRecordsBuilder(2, codec, 1 << 24, offset=0)
        for number, (key, value, headers) in enumerate(made[start : start + a_batch]):
            builder.append(1_700_000_000_000 + 7 * number, key, value, headers)
        builder.close()
        batch = builder.buffer()
        batch[:8] = start.to_bytes(8, "big")
        written += batch
    return written


def fetched(data: bytes | bytearray, offset: int = 0, kind: Any = _Batches) -> Any:
    return kind(offset, HERE, MemoryRecords(bytes(data)))


def as_records(taken: list[Any]) -> list[Record]:
    return [Record(r.offset, r.key, r.value, tuple(r.headers)) for r in taken]


@pytest.mark.parametrize("codec", [0, 3])
@pytest.mark.parametrize("offset", [0, 17, 40, 123])
def test_batches_taken_apart_are_what_the_client_reads(codec: int, offset: int) -> None:
    data = log(messages(300), codec=codec)
    theirs = fetched(data, offset, Fetcher.PartitionRecords)
    ours = fetched(data, offset)
    assert as_records(ours.take()) == as_records(theirs.take())
    assert ours.next_fetch_offset == theirs.next_fetch_offset == 300
    assert not ours
    assert ours.bytes_read > 0


def test_as_many_are_taken_as_are_asked_for_and_none_is_lost() -> None:
    data, taken = log(messages(300)), []
    part = fetched(data)
    while part:
        some = part.take(47)
        assert len(some) <= 47
        taken += some
        assert part.next_fetch_offset == len(taken)
    assert taken == fetched(data).take()
    assert len(taken) == 300


def test_a_batch_that_fails_its_checksum_is_told_after_what_came_before_it() -> None:
    data = log(messages(80), codec=0)
    data[-1] ^= 1
    part = fetched(data)
    assert len(part.take(1_000)) == 40
    with pytest.raises(CorruptRecordError):
        part.take(1_000)


def test_a_record_that_is_not_what_its_lengths_say_is_refused() -> None:
    made: list[Message] = [(b"key", b"value", [])]
    data = log(made, codec=0)
    data[data.index(b"value") - 1] = 2 * 90
    part = fetched(data)
    part.check_crcs = False
    with pytest.raises(CorruptRecordError):
        part.take()


def test_what_was_compacted_away_is_not_waited_for() -> None:
    data = log(messages(40))
    data[23:27] = (59).to_bytes(4, "big")  # the batch ends at offset 59, though its last record has 39
    part = fetched(data)
    part.check_crcs = False
    part.take()
    assert part.next_fetch_offset == 60
