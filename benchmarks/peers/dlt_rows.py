"""dlt, rows as dictionaries, as its Kafka source gives them; loaded by COPY of csv files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import dlt

from benchmarks.peers import flat, lane, reading

BATCH = 10_000


def prepare(job: lane.Job) -> lane.Work:
    """Tuned as its performance guide says: files that can be loaded side by side, two processes that normalise."""
    pipeline = pipeline_of(job)
    os.environ.update(
        NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS="50000",
        EXTRACT__DATA_WRITER__FILE_MAX_ITEMS="50000",
        NORMALIZE__WORKERS="2",
    )

    @dlt.resource(name="results", columns=hints())
    def results() -> Iterator[list[dict[str, Any]]]:
        for values in reading.batches(job, BATCH):
            yield [flat.row(value) for value in values]

    def work() -> Mapping[str, Any]:
        pipeline.run(results, loader_file_format="csv")
        return {}

    return work


def pipeline_of(job: lane.Job) -> dlt.Pipeline:
    """A pipeline into schema ``peer``, its files in the folder we run in."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    login = f"postgresql://{job['user']}:{job['password']}@{job['host']}:{job['port']}/{job['database']}"
    return dlt.pipeline(
        "bench", pipelines_dir=os.getcwd(), destination=dlt.destinations.postgres(login), dataset_name="peer"
    )


def hints() -> dict[str, Any]:
    """Types of the columns that text alone does not tell."""
    return {"_published_at": {"data_type": "timestamp"}, "score_date": {"data_type": "date"}}


if __name__ == "__main__":
    lane.run(prepare)
