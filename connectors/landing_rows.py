"""Rows of landing as a binary COPY takes them.

Dates, times and ids are handed over as the numbers and bytes that they are in PostgreSQL's binary form: the driver has
dumpers in C for numbers and bytes, and in Python for dates, times and ids, which cost more than decoding the message.
"""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from pipeline.contract_struct import ENVELOPE_COLUMNS, payload_struct
from pipeline.contracts import Contract

_FIRST_DAY = dt.date(2000, 1, 1).toordinal()
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_SENT_AS: Mapping[str, str] = {"uuid": "bytea", "date": "integer", "timestamptz": "bigint"}
"""Types whose binary form is that of another type."""


def id_bytes(value: uuid.UUID) -> bytes:
    """An id as COPY takes it."""
    return value.int.to_bytes(16, "big")


def microseconds(moment: dt.datetime) -> int:
    """A time with its zone as COPY takes it: since the beginning of 2000."""
    return (moment - _EPOCH) // _MICROSECOND


def days(date: dt.date) -> int:
    """A date as COPY takes it: since the beginning of 2000."""
    return date.toordinal() - _FIRST_DAY


_CONVERTED: Mapping[str, Callable[[Any], Any]] = {"date": days, "timestamptz": microseconds}


def envelope_row(event: Any, batch_id: bytes, partition: int, offset: int) -> tuple[Any, ...]:
    """Values of :data:`~pipeline.contract_struct.ENVELOPE_COLUMNS` as COPY takes them."""
    return (
        id_bytes(event.id),
        batch_id,
        event.batchseq,
        event.source,
        event.subject,
        event.version,
        event.op == "delete",
        event.modified and microseconds(event.modified),
        microseconds(event.time),
        event.personkey,
        event.idstatus,
        event.replayof and id_bytes(event.replayof),
        partition,
        offset,
    )


@functools.cache
def columns(contract: Contract) -> tuple[tuple[str, str], ...]:
    """(column, type that its values are sent as), in the order of a row."""
    kinds = {field.column: field.pg_type for field in contract.landed_fields}
    ordered = [*ENVELOPE_COLUMNS, *((name, kinds[name]) for name in payload_struct(contract).__struct_fields__)]
    return tuple((name, _SENT_AS.get(pg_type, pg_type)) for name, pg_type in ordered)


@functools.cache
def payload_maker(contract: Contract) -> Callable[[Any], tuple[Any, ...]]:
    """Makes the payload's part of a row; of None, a deletion's, a row of nulls."""
    names = payload_struct(contract).__struct_fields__
    kinds = {field.column: field.pg_type for field in contract.landed_fields}
    converted = [(place, _CONVERTED[kinds[name]]) for place, name in enumerate(names) if kinds[name] in _CONVERTED]
    nulls, as_tuple = (None,) * len(names), msgspec.structs.astuple

    def make(payload: Any) -> tuple[Any, ...]:
        if payload is None:
            return nulls
        if not converted:
            return as_tuple(payload)
        values = list(as_tuple(payload))
        for place, convert in converted:
            if (value := values[place]) is not None:
                values[place] = convert(value)
        return tuple(values)

    return make
