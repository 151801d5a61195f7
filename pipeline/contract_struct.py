"""Makes, from a contract, the decoder of its messages and the row they become in landing.

The contract checks only that a value has its type, that keys are there and that lengths hold; everything else
is judged later. Values arrive as the source wrote them (strings), so decoding coerces (``strict=False``).
"""

from __future__ import annotations

import datetime as dt
import decimal
import functools
import uuid
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import msgspec

from pipeline.contracts import Contract, Field
from pipeline.envelope import MAX_SUBJECT, SPEC_VERSION, Event, IdStatus

_INT32, _INT64 = 2**31, 2**63
_PYTHON_TYPES: dict[str, Any] = {
    "text": str,
    "integer": Annotated[int, msgspec.Meta(ge=-_INT32, le=_INT32 - 1)],
    "bigint": Annotated[int, msgspec.Meta(ge=-_INT64, le=_INT64 - 1)],
    "double precision": float,
    "numeric": decimal.Decimal,
    "date": dt.date,
    "timestamptz": Annotated[dt.datetime, msgspec.Meta(tz=True)],
    "boolean": bool,
}
ENVELOPE_COLUMNS: tuple[tuple[str, str], ...] = (
    ("_event_id", "uuid"),
    ("_batch_id", "uuid"),
    ("_batch_seq", "integer"),
    ("_agency_code", "text"),
    ("_record_id", "text"),
    ("_version", "integer"),
    ("_is_deleted", "boolean"),
    ("_source_modified_at", "timestamptz"),
    ("_published_at", "timestamptz"),
    ("_person_key", "text"),
    ("_id_status", "text"),
    ("_replay_of", "uuid"),
    ("_partition", "integer"),
    ("_offset", "bigint"),
)
"""Columns every landing table has besides its contract's own, with their PostgreSQL types, in COPY order.
``_row_id`` and ``_landed_at`` come first in the table and are filled by the server."""


@functools.cache
def payload_struct(contract: Contract) -> type[msgspec.Struct]:
    """Struct of the payload: one attribute a landed field, named like its column, read from the source's name."""
    ordered = sorted(contract.landed_fields, key=lambda f: not _must_be_there(f, contract))
    return msgspec.defstruct(
        contract.table,
        [_struct_field(f, contract) for f in ordered],
        frozen=True,
        gc=False,  # of values only, so no rings: what is decoded by the thousand need not be walked
    )


@functools.cache
def event_decoder(contract: Contract) -> msgspec.json.Decoder[Any]:
    """Decoder of whole messages: an :class:`~pipeline.envelope.Event` whose ``data`` is the typed payload or None."""
    payload = payload_struct(contract)
    typed = msgspec.defstruct(
        f"{contract.table}__event",
        [("data", payload | None, None)],
        bases=(Event,),
        frozen=True,
    )
    return msgspec.json.Decoder(typed, strict=False)


class _Expected(msgspec.Struct, frozen=True, gc=False):
    """An event as our outbox writes it, but for rejected rows: what speaks against landing it is not of these types.

    ``batchid`` stays text: it is looked up, not computed with.
    """

    id: uuid.UUID
    source: str
    type: str
    subject: Annotated[str, msgspec.Meta(max_length=MAX_SUBJECT)]
    time: Annotated[dt.datetime, msgspec.Meta(tz=True)]
    batchid: str
    batchseq: Annotated[int, msgspec.Meta(ge=0, le=_INT32 - 1)]
    version: Annotated[int, msgspec.Meta(ge=0, le=_INT32 - 1)]
    op: Literal["upsert", "delete"]
    data: Any = None
    specversion: Literal["1.0"] = SPEC_VERSION
    modified: Annotated[dt.datetime, msgspec.Meta(tz=True)] | None = None
    personkey: str | None = None
    idstatus: IdStatus | None = None
    replayof: uuid.UUID | None = None


@functools.cache
def expected_decoder(contract: Contract) -> msgspec.json.Decoder[Any]:
    """Decoder of the events that land, all but a few of all: one look instead of a dozen.

    What it refuses is no verdict: :func:`event_decoder` and whoever calls it find out what the message is.
    """
    expected = msgspec.defstruct(
        f"{contract.table}__expected",
        [("type", Literal[contract.topic]), ("data", payload_struct(contract) | None, None)],
        bases=(_Expected,),
        frozen=True,
        kw_only=True,
        gc=False,
    )
    return msgspec.json.Decoder(expected, strict=False)


def landing_columns(contract: Contract) -> tuple[tuple[str, str], ...]:
    """(column, PostgreSQL type) of a landing row as the sink writes it, in COPY order."""
    return ENVELOPE_COLUMNS + tuple((f.column, f.pg_type) for f in contract.landed_fields)


def type_checks(contract: Contract) -> Mapping[str, Callable[[str], bool]]:
    """By property, for those that are no text: whether a value, as the source wrote it, has the contract's type."""
    return {
        field.name: functools.partial(_fits, _PYTHON_TYPES[field.pg_type])
        for field in contract.landed_fields
        if field.pg_type != "text"
    }


def _fits(kind: Any, value: str) -> bool:
    try:
        msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError:
        return False
    return True


def _must_be_there(field: Field, contract: Contract) -> bool:
    return field.required or (field.key_position is not None and contract.identity == "key")


def _struct_field(field: Field, contract: Contract) -> Any:
    kind = _PYTHON_TYPES[field.pg_type]
    if field.max_length is not None:
        kind = Annotated[kind, msgspec.Meta(max_length=field.max_length)]
    if _must_be_there(field, contract):
        return (field.column, kind, msgspec.field(name=field.name))
    return (field.column, kind | None, msgspec.field(name=field.name, default=None))
