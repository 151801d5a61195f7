"""Bytewax with a sink of one's own that writes by COPY, as a user would who wants it quick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bytewax.operators as op
import psycopg
from bytewax._bytewax import run_main
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition

from benchmarks.peers import flat, lane

BATCH = 5_000


class _Part(StatelessSinkPartition[Any]):
    def __init__(self, job: lane.Job) -> None:
        self._connection = psycopg.connect(
            host=job["host"], port=job["port"], dbname=job["database"], user=job["user"], password=job["password"]
        )
        self._copy = f"copy {job['table']} ({', '.join(flat.COLUMNS)}) from stdin"

    def write_batch(self, items: list[Any]) -> None:
        with self._connection.transaction(), self._connection.cursor().copy(self._copy) as copy:
            for item in items:
                copy.write_row(item)

    def close(self) -> None:
        self._connection.close()


class _Sink(DynamicSink[Any]):
    def __init__(self, job: lane.Job) -> None:
        self._job = job

    def build(self, step_id: str, worker_index: int, worker_count: int) -> _Part:
        return _Part(self._job)


def prepare(job: lane.Job) -> lane.Work:
    """One worker: its workers are threads of one interpreter. A batch that was read is a batch that is written."""
    flow = Dataflow("bench")
    source = KafkaSource([job["bootstrap"]], [job["topic"]], tail=False, batch_size=BATCH)
    messages = op.input("read", flow, source)
    rows = op.flat_map_batch("flatten", messages, lambda batch: [flat.values(message.value) for message in batch])
    op.output("write", rows, _Sink(job))

    def work() -> Mapping[str, Any]:
        run_main(flow)
        return {}

    return work


if __name__ == "__main__":
    lane.run(prepare)
