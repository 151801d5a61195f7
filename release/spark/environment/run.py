"""Runs a translated project on Spark, in this environment's own Python: ``python run.py WORK_ORDER``.

The work order is a JSON document (release/spark/engine.py writes it); the answer is written where it says. Spark
listens on loopback alone, shows no page, and knows its tables only as long as this process lives: each is a folder of
Parquet files, and what an earlier run left is made known again.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
from pathlib import Path
from typing import Any


def main(order: dict[str, Any]) -> int:
    """Do what is ordered; 0 when every model was built."""
    began = time.monotonic()
    session = _session(order)
    for relation, folder in order["tables"].items():
        schema = relation.partition(".")[0]
        session.sql(f"create database if not exists `{schema}`")
        session.sql(f"create table {relation} using parquet location '{folder}'")
    started = time.monotonic() - began
    steps = _build(order)
    answer = {"spark": session.version, "start_seconds": started, "steps": steps, "cpu_seconds": _cpu_seconds(session)}
    Path(order["answer"]).write_text(json.dumps(answer), encoding="utf-8")
    session.stop()
    return 0 if steps and all(step["status"] == "success" for step in steps) else 1


def _session(order: dict[str, Any]) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local[{order['cores']}]").appName("flyover")
    for name, value in order["settings"].items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")  # an error may quote a value, and values of persons belong in no log
    logging.disable(logging.CRITICAL)
    return session


def _build(order: dict[str, Any]) -> list[dict[str, Any]]:
    from dbt.cli.main import dbtRunner

    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    places = ["--project-dir", order["project"], "--profiles-dir", order["project"], "--target-path", order["target"]]
    outcome = dbtRunner().invoke(
        ["--no-use-colors", "--log-level", "none", "--log-level-file", "none", "--no-write-json",
         "run", "--threads", str(order["cores"]), *places, "--log-path", order["target"]]
    )  # fmt: skip
    results = getattr(outcome.result, "results", None)
    if results is None:
        return [{"name": "dbt", "status": "error", "seconds": 0.0, "message": str(outcome.exception)}]
    return [
        {
            "name": result.node.name,
            "status": str(result.status),
            "seconds": float(result.execution_time),
            "message": safe(str(result.message or "")),
        }
        for result in results
    ]


def _cpu_seconds(session: Any) -> float:
    """Of this process and of Spark's, which ends after us."""
    spark = session.sparkContext._gateway.proc.pid
    fields = Path(f"/proc/{spark}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    ours = os.times()
    return ours.user + ours.system + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def safe(message: str) -> str:
    """Spark's own sentence without the values that it quotes, and without the plan that follows it."""
    said = re.search(r"\[[A-Z_.]+\].*", message)
    return re.sub(r"'[^']*'", "'…'", said[0] if said else message.split("\n")[0])[:400]


if __name__ == "__main__":
    sys.exit(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
