"""A message as a flat row of the landing table, the way somebody would write it who uses one of the peers."""

from __future__ import annotations

from typing import Any

import orjson

COLUMNS = (
    "_event_id", "_batch_id", "_batch_seq", "_agency_code", "_record_id", "_version", "_is_deleted", "_published_at",
    "sourced_id", "line_item_sourced_id", "student_sourced_id", "score_status", "score", "score_date",
    "class_sourced_id", "in_progress", "late",
)  # fmt: skip


def values(message: bytes) -> tuple[Any, ...]:
    """Values of :data:`COLUMNS`; times and ids stay text, which the database reads."""
    event = orjson.loads(message)
    data = event["data"]
    return (
        event["id"],
        event["batchid"],
        event["batchseq"],
        event["source"],
        event["subject"],
        event["version"],
        event["op"] == "delete",
        event["time"],
        data["sourcedId"],
        data["lineItemSourcedId"],
        data["studentSourcedId"],
        data["scoreStatus"],
        float(data["score"]),
        data["scoreDate"],
        data["classSourcedId"],
        data["inProgress"] == "true",
        data["late"] == "true",
    )


def row(message: bytes) -> dict[str, Any]:
    """The same by name."""
    return dict(zip(COLUMNS, values(message), strict=True))
