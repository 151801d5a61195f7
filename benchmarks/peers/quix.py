"""quixstreams with its PostgreSQL sink, into the same table, whose columns it need not look after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quixstreams import Application
from quixstreams.sinks.community.postgresql import PostgreSQLSink

from benchmarks.peers import flat, lane


def prepare(job: lane.Job) -> lane.Work:
    """Commits are what makes the sink write, so they come rarely; values arrive as bytes and are read once."""
    schema, table = job["table"].split(".")
    app = Application(
        broker_address=job["bootstrap"],
        consumer_group=job["group"],
        auto_offset_reset="earliest",
        commit_every=10_000,
        loglevel="WARNING",
        use_changelog_topics=False,
    )
    sink = PostgreSQLSink(
        host=job["host"],
        port=job["port"],
        dbname=job["database"],
        user=job["user"],
        password=job["password"],
        table_name=table,
        schema_name=schema,
        schema_auto_update=False,
        include_metadata=False,
    )
    stream = app.dataframe(app.topic(job["topic"], value_deserializer="bytes", key_deserializer="bytes"))
    stream.apply(flat.row).sink(sink)

    def work() -> Mapping[str, Any]:
        app.run(count=job["rows"])
        return {}

    return work


if __name__ == "__main__":
    lane.run(prepare)
