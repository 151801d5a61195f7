"""Messages of one batch, written quickly: what is the same in all of them is encoded once.

The usual event (a record as it is now) is put together from parts; every other goes through
:func:`pipeline.envelope.encode`, and a test holds the two against each other, byte by byte.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import msgspec

from pipeline import envelope
from pipeline.envelope import Event

_NO_DATA = msgspec.Raw(b"null")
_SAME_TIME = 256
"""events in a row that bear one time: they leave within some milliseconds"""
_encode = msgspec.json.encode


class EventLines:
    """Encodes the lines of one batch."""

    def __init__(
        self,
        *,
        agency_code: str,
        source: str,
        entity: str,
        topic: str,
        batch_id: uuid.UUID,
        delivery_id: uuid.UUID,
        replay_of: uuid.UUID | None,
    ) -> None:
        self._agency_code, self._topic, self._batch_id, self._replay_of = agency_code, topic, batch_id, replay_of
        self._source, self._entity, self._delivery_id = source, entity, delivery_id
        self._ids = envelope.event_ids(agency_code, source, entity)
        self._names = b'","source":%b,"type":%b,"subject":' % (_encode(agency_code), _encode(topic))
        self._batch = b',"batchid":"%b","batchseq":' % str(batch_id).encode()
        self._tail = b"}" if replay_of is None else b',"replayof":"%b"}' % str(replay_of).encode()
        self._made, self._time = 0, b""

    def encode(
        self,
        seq: int,
        record_id: str,
        version: int,
        op: str,
        modified: dt.datetime | None,
        person_key: str | None,
        id_status: str | None,
        reason: str | None,
        data: bytes | None,
        sealed: bytes | None,
    ) -> bytes:
        """Message value of one line of the outbox."""
        if op != "upsert" or data is None or modified is not None or reason is not None or sealed is not None:
            return self._other(seq, record_id, version, op, modified, person_key, id_status, reason, data, sealed)
        if not self._made % _SAME_TIME:
            self._time = b',"time":' + _encode(dt.datetime.now(dt.UTC))
        self._made += 1
        person = b""
        if person_key is not None:
            person = b',"personkey":' + _encode(person_key)
        if id_status is not None:
            person += b',"idstatus":' + _encode(id_status)
        return b"".join(
            (
                b'{"id":"',
                self._ids(record_id, version),
                self._names,
                _encode(record_id),
                self._time,
                self._batch,
                b'%d,"version":%d,"op":"upsert","data":' % (seq, version),
                data,
                person,
                self._tail,
            )
        )

    def _other(self, seq: int, record_id: str, version: int, op: str, *rest: Any) -> bytes:
        modified, person_key, id_status, reason, data, sealed = rest
        # A rejected row has no version of a record to be named by, so it is named by its place in its delivery.
        named = f"rejected:{self._delivery_id}:{seq}" if op == "rejected" else record_id
        return envelope.encode(
            Event(
                id=envelope.event_id(self._agency_code, self._source, self._entity, named, version),
                source=self._agency_code,
                type=self._topic,
                subject=record_id,
                time=dt.datetime.now(dt.UTC),
                batchid=self._batch_id,
                batchseq=seq,
                version=version,
                op=op,  # type: ignore[arg-type]
                data=_NO_DATA if data is None else msgspec.Raw(data),
                modified=modified,
                personkey=person_key,
                idstatus=id_status,
                replayof=self._replay_of,
                reason=reason,
                sealed=sealed,
            )
        )
