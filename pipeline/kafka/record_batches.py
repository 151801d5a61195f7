"""Takes batches of messages apart: Kafka's record format 2, as far as a drain needs it.

A record is ``length attributes timestamp offset key value headers``, numbers as zigzag varints, most of them one or
two bytes; those two cases are written out, since a call for each number costs more than everything else. Timestamps
are stepped over. Headers are the same in all messages of a batch of ours, so their bytes are remembered.
"""

from __future__ import annotations

import functools
from typing import Any

from kafka.errors import CorruptRecordError
from kafka.record.util import decode_varint

from pipeline.kafka.reading import Headers, Record


def taken_apart(batch: Any, first_offset: int) -> list[Record]:
    """The batch's records from ``first_offset`` on.

    :raises CorruptRecordError: when it is not what its lengths say
    """
    if batch.magic != 2:  # of a broker before 0.11: nobody's any more, but the client reads it
        return [Record(r.offset, r.key, r.value, r.headers) for r in batch if r.offset >= first_offset]
    batch._maybe_uncompress()
    try:
        records = _records(bytes(memoryview(batch._buffer)[batch._pos :]), batch.records_count, batch.base_offset)
    except (IndexError, ValueError) as error:
        raise CorruptRecordError(f"a record of the batch at offset {batch.base_offset}: {error!r}") from None
    if batch.base_offset < first_offset:
        return [record for record in records if record.offset >= first_offset]
    return records


def _records(data: bytes, count: int, base_offset: int) -> list[Record]:
    records, place = [], 0
    for _ in range(count):
        low, high = data[place], data[place + 1]
        if low >= 0x80 and high < 0x80:
            place += 2
            end = place + ((low & 0x7F | high << 7) >> 1)
        else:
            length, place = decode_varint(data, place)
            end = place + length
        place += 1  # attributes, of which there are none
        while data[place] & 0x80:
            place += 1
        place += 1  # the timestamp
        if (byte := data[place]) < 0x80:
            delta, place = byte >> 1, place + 1
        else:
            delta, place = decode_varint(data, place)
        if (byte := data[place]) < 0x80 and not byte & 1:
            key: bytes | None = data[place + 1 : place + 1 + (byte >> 1)]
            place += 1 + (byte >> 1)
        else:
            key, place = _nullable(data, place)
        low, high = data[place], data[place + 1]
        if low >= 0x80 and high < 0x80 and not low & 1:
            size = (low & 0x7F | high << 7) >> 1
            value: bytes | None = data[place + 2 : place + 2 + size]
            place += 2 + size
        else:
            value, place = _nullable(data, place)
        if place > end:
            raise ValueError(f"{place - end} bytes too long")
        records.append(Record(base_offset + delta, key, value, _headers(data[place:end])))
        place = end
    if place != len(data):
        raise ValueError(f"{len(data) - place} bytes behind the last record")
    return records


def _nullable(data: bytes, place: int) -> tuple[bytes | None, int]:
    size, place = decode_varint(data, place)
    return (None, place) if size < 0 else (data[place : place + size], place + size)


@functools.lru_cache(maxsize=4096)
def _headers(data: bytes) -> Headers:
    count, place = decode_varint(data, 0)
    headers = []
    for _ in range(count):
        name, place = _nullable(data, place)
        if name is None:
            raise ValueError("a header without a name")
        value, place = _nullable(data, place)
        headers.append((name.decode(), value))
    if count < 0 or place != len(data):
        raise ValueError("headers of another length")
    return tuple(headers)
