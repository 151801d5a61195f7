"""The settings of an agency's connector: made from its feed alone, without a secret in them.

All tables of an agency go into one topic with one partition, so that their changes, the snapshot and what is said of
the snapshot keep the order in which they happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from connectors.capture import worker
from connectors.capture.feeds import PASSWORD, Feed

RETENTION_HOURS = 6
"""Raw changes hold personal values in the clear: they go soon. A reader that stood still longer takes a snapshot."""
NOT_SENT = "__flyover:value-not-sent__"
"""Stands where the database did not repeat a large value that did not change."""
HEARTBEAT, HEARTBEAT_SECONDS = "heartbeat", 10
_HOUR_MS = 3_600_000


def credential_file(state_dir: Path, feed: Feed) -> Path:
    """Where the connector's password lies."""
    return worker.credentials_folder(state_dir) / f"{feed.code}.properties"


def topics(feed: Feed) -> list[str]:
    """All topics the connector writes."""
    return [feed.topic, f"{HEARTBEAT}.{_prefix(feed)}"]


def config(feed: Feed, state_dir: Path) -> Mapping[str, str]:
    """Settings of the connector, all as Connect takes them."""
    given = {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "tasks.max": "1",
        "database.hostname": feed.host,
        "database.port": str(feed.port),
        "database.dbname": feed.database,
        "database.user": feed.user,
        "database.password": f"${{file:{credential_file(state_dir, feed)}:{PASSWORD}}}",
        "database.sslmode": feed.tls,
        "database.tcpKeepAlive": "true",
        "topic.prefix": _prefix(feed),
        "plugin.name": "pgoutput",
        "slot.name": feed.slot,
        "publication.name": feed.slot,
        "publication.autocreate.mode": "disabled",  # the agency says what leaves its database, not we
        "table.include.list": ",".join(re.escape(table.name) for table in feed.tables),
        "column.include.list": ",".join(_columns(feed)),
        "snapshot.mode": "initial",
        "snapshot.fetch.size": "5000",
        "skipped.operations": "none",  # a TRUNCATE deletes, too
        "tombstones.on.delete": "false",
        "decimal.handling.mode": "string",
        "time.precision.mode": "isostring",
        "interval.handling.mode": "string",
        "binary.handling.mode": "hex",
        "unavailable.value.placeholder": NOT_SENT,
        "heartbeat.interval.ms": str(HEARTBEAT_SECONDS * 1000),
        "topic.heartbeat.prefix": HEARTBEAT,
        # A quiet table beside busy ones: the driver confirms the log as the server reports it; no table to write.
        "lsn.flush.mode": "connector_and_driver",
        "notification.enabled.channels": "sink",
        "notification.sink.topic.name": f"{_prefix(feed)}.notices",
        "transforms": "one",
        "transforms.one.type": "org.apache.kafka.connect.transforms.RegexRouter",
        "transforms.one.regex": r"raw\..*",
        "transforms.one.replacement": feed.topic,
        "topic.creation.default.partitions": "1",
        "topic.creation.default.replication.factor": "-1",
        "topic.creation.default.cleanup.policy": "delete",
        "topic.creation.default.retention.ms": str(RETENTION_HOURS * _HOUR_MS),
        "topic.creation.default.segment.ms": str(_HOUR_MS),
        "topic.creation.default.max.message.bytes": str(10 * 1024 * 1024),
        "poll.interval.ms": "100",
        "max.batch.size": "2048",
        "max.queue.size": "8192",
        "max.queue.size.in.bytes": str(32 * 1024 * 1024),
        "errors.max.retries": "-1",  # a database that is away is waited for
        "retriable.restart.connector.wait.ms": "5000",
    }
    return {**given, "database.sslrootcert": feed.tls_ca} if feed.tls_ca else given


def _prefix(feed: Feed) -> str:
    return f"raw.{feed.code}"


def _columns(feed: Feed) -> Iterator[str]:
    for table in feed.tables:
        for column in table.columns.values():
            yield re.escape(f"{table.name}.{column}")
