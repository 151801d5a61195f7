"""Debezium's messages, read: changes of rows as rows of the contract, and what is said of a snapshot.

A message is one of: a change (op ``c``, ``u``, ``d``, ``r`` = read by a snapshot), a truncation (``t``), or a notice.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from connectors.capture.connector import NOT_SENT
from connectors.capture.feeds import Captured, Feed
from connectors.sources.base import Row
from pipeline.contracts import Field

Kind = Literal["started", "scanned", "completed", "other"]
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|T00:00:00(?:\.0+)?Z)")


class _Source(msgspec.Struct):
    schema: str | None = None
    table: str | None = None
    ts_ms: int | None = None


class _Message(msgspec.Struct):
    op: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    source: _Source | None = None
    type: str | None = None
    aggregate_type: str | None = None
    additional_data: dict[str, str] | None = None


@dataclass(frozen=True)
class Change:
    """Rows that one change makes: one, or two where it gave a record another key."""

    table: Captured
    rows: tuple[Row, ...]
    is_read: bool
    """read by a snapshot"""


@dataclass(frozen=True)
class Broken:
    """A change that does not say what the contract needs."""

    table: Captured
    columns: tuple[str, ...]
    is_unsent: bool
    """a large value that did not change and was not repeated, not a column that is gone"""


@dataclass(frozen=True)
class Truncated:
    """A table was emptied."""

    table: Captured


@dataclass(frozen=True)
class Notice:
    """A word on a snapshot; ``scanned`` is a table that was read to its end."""

    kind: Kind
    scanned: str | None = None


@dataclass(frozen=True)
class Unknown:
    """Not a message of the connector's."""


Event = Change | Broken | Truncated | Notice | Unknown
_KINDS: Mapping[str, Kind] = {
    "STARTED": "started",
    "TABLE_SCAN_COMPLETED": "scanned",
    "COMPLETED": "completed",
}
_decode = msgspec.json.Decoder(_Message).decode


def read(feed: Feed, value: bytes) -> Event:
    """What a message says; of a table that is not captured any more, nothing."""
    try:
        message = _decode(value)
    except msgspec.MsgspecError:
        return Unknown()
    if message.aggregate_type is not None:
        return _notice(message)
    source = message.source
    if source is None or message.op is None:
        return Unknown()
    table = feed.table(source.schema or "", source.table or "")
    if table is None:
        return Notice("other")
    return Truncated(table) if message.op == "t" else _change(table, message, source)


def _change(table: Captured, message: _Message, source: _Source) -> Change | Broken:
    before, after = message.before, message.after
    if broken := _unsaid(table, before, after):
        return Broken(table, broken, after is not None and all(column in after for column in broken))
    changed_at = None if message.op == "r" else _instant(source.ts_ms)
    rows = []
    if before is not None and (after is None or _has_left(table, before, after)):
        rows.append(Row(0, _values(table, before), deleted=True, modified_at=changed_at))
    if after is not None:
        rows.append(Row(0, _values(table, after), modified_at=changed_at))
    return Change(table, tuple(rows), message.op == "r")


def _unsaid(table: Captured, before: dict[str, Any] | None, after: dict[str, Any] | None) -> tuple[str, ...]:
    """Columns of which the change says nothing; of a row that is gone only the key counts."""
    if after is not None:
        return tuple(c for c in table.columns.values() if c not in after or after[c] == NOT_SENT)
    if before is None:
        return table.key_columns
    return tuple(c for c in table.key_columns if before.get(c) is None)


def _has_left(table: Captured, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether the row was another record before; one that did not say its key kept it."""
    key = [before.get(column) for column in table.key_columns]
    return None not in key and key != [after[column] for column in table.key_columns]


def _values(table: Captured, said: dict[str, Any]) -> dict[str, str | None]:
    fields = {field.name: field for field in table.contract.fields}
    return {name: _text(fields[name], said.get(column)) for name, column in table.columns.items()}


def _text(field: Field, value: Any) -> str | None:
    if isinstance(value, str):
        if field.pg_type == "date" and (day := _DATE.fullmatch(value)):
            return day[1]
        return value
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else msgspec.json.encode(value).decode()


def _notice(message: _Message) -> Notice:
    said = message.additional_data or {}
    kind: Kind = "other"
    if message.aggregate_type == "Initial Snapshot":
        kind = _KINDS.get(message.type or "", kind)
    if kind == "scanned" and said.get("status") != "SUCCEEDED":
        return Notice("other")
    return Notice(kind, said.get("scanned_collection"))


def _instant(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC).isoformat(timespec="milliseconds")
