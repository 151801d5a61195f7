"""dlt, arrow tables, which it neither normalises nor looks into; loaded as parquet by ADBC, its quickest way."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from typing import Any

import dlt
import pyarrow as pa

from benchmarks.peers import flat, lane, reading
from benchmarks.peers.dlt_rows import pipeline_of

BATCH = 25_000


def prepare(job: lane.Job) -> lane.Work:
    """Files that can be loaded side by side."""
    pipeline = pipeline_of(job)
    os.environ.update(EXTRACT__DATA_WRITER__FILE_MAX_ITEMS="50000", NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS="50000")

    @dlt.resource(name="results")
    def results() -> Iterator[pa.Table]:
        for values in reading.batches(job, BATCH):
            yield _table(values)

    def work() -> Mapping[str, Any]:
        pipeline.run(results, loader_file_format="parquet")
        return {}

    return work


def _table(messages: list[bytes]) -> pa.Table:
    columns = dict(zip(flat.COLUMNS, map(list, zip(*map(flat.values, messages), strict=True)), strict=True))
    columns["_published_at"] = [dt.datetime.fromisoformat(text) for text in columns["_published_at"]]
    columns["score_date"] = [dt.date.fromisoformat(text) for text in columns["score_date"]]
    return pa.table(columns)


if __name__ == "__main__":
    lane.run(prepare)
