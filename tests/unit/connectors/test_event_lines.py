"""Events put together from parts are what the encoder writes, byte by byte but for the time."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import msgspec
import pytest

from connectors.event_lines import EventLines
from pipeline import envelope

NOW = dt.datetime(2026, 11, 23, 4, 5, 6, 789, tzinfo=dt.UTC)
IDS = {"batch_id": uuid.UUID(int=7), "delivery_id": uuid.UUID(int=8)}
LINE: dict[str, Any] = {
    "seq": 3, "record_id": "r|1", "version": 2, "op": "upsert", "modified": None, "person_key": None,
    "id_status": None, "reason": None, "data": b'{"a":"b"}', "sealed": None,
}  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"record_id": '学 "号" \\ \x01 \u2028 é'},
        {"person_key": "ab" * 32, "id_status": "valid"},
        {"id_status": "missing"},
        {"version": 0, "seq": 0},
        {"op": "delete", "data": None},
        {"op": "rejected", "reason": "reader.ragged_row", "sealed": b"\x00\xff", "data": None},
        {"modified": NOW},
    ],
)
@pytest.mark.parametrize("replay_of", [None, uuid.UUID(int=9)])
def test_an_event_put_together_is_the_encoders(other: dict[str, Any], replay_of: uuid.UUID | None) -> None:
    line = {**LINE, **other}
    lines = EventLines(
        agency_code="sch-x", source="oneroster", entity="orgs", topic="oneroster.orgs.v1", replay_of=replay_of, **IDS
    )
    value = lines.encode(**line)
    event = envelope.decode(value)
    named = f"rejected:{IDS['delivery_id']}:{line['seq']}" if line["op"] == "rejected" else line["record_id"]
    wanted = envelope.Event(
        id=envelope.event_id("sch-x", "oneroster", "orgs", named, line["version"]),
        source="sch-x",
        type="oneroster.orgs.v1",
        subject=line["record_id"],
        time=event.time,
        batchid=IDS["batch_id"],
        batchseq=line["seq"],
        version=line["version"],
        op=line["op"],
        data=msgspec.Raw(line["data"] or b"null"),
        modified=line["modified"],
        personkey=line["person_key"],
        idstatus=line["id_status"],
        replayof=replay_of,
        reason=line["reason"],
        sealed=line["sealed"],
    )
    assert value == envelope.encode(wanted)
    assert abs(dt.datetime.now(dt.UTC) - event.time) < dt.timedelta(minutes=1)
