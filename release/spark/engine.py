"""Spark, as one process of ours in an environment of its own (``environment/pyproject.toml`` and ``uv.lock`` there).

The environment is made in the state directory on first use, half a gigabyte. Java 17 is what Kafka runs on here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SystemTrouble
from pipeline.settings import Settings

PROJECT = Path(__file__).parent / "environment"
TIMEOUT_S = 4 * 3600.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One model on Spark."""

    name: str
    status: str
    seconds: float
    message: str

    @property
    def is_built(self) -> bool:
        """Whether its rows are there."""
        return self.status == "success"


@dataclass(frozen=True)
class Outcome:
    """What one run of Spark did; ``cpu_seconds`` of Spark and the dbt that drives it."""

    version: str
    steps: tuple[Step, ...]
    start_seconds: float
    cpu_seconds: float


def home(settings: Settings) -> Path:
    """Where everything of Spark is: environment, project, files it reads, tables it made."""
    return settings.state_dir / "spark"


def run(
    settings: Settings, project: Path, tables: Mapping[str, Path], say: Say, *, cores: int, memory_mb: int
) -> Outcome:
    """Run a translated project over ``tables`` (schema.name to a folder of Parquet files).

    :raises SystemTrouble: when the environment cannot be made, or Spark ends without an answer
    """
    place = home(settings)
    python = _environment(place / "venv", say)
    answer, order = place / "answer.json", place / "order.json"
    answer.unlink(missing_ok=True)
    document = {
        "project": str(project), "target": str(place / "target"), "answer": str(answer), "cores": cores,
        "tables": {name: str(folder) for name, folder in tables.items()},
        "settings": _settings(place, cores, memory_mb),
    }  # fmt: skip
    order.write_text(json.dumps(document), encoding="utf-8")
    with (place / "spark.log").open("wb") as log:
        subprocess.run(
            [str(python), str(PROJECT / "run.py"), str(order)],
            cwd=place, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=TIMEOUT_S, check=False,
            env=_clean_environment(place),
        )  # fmt: skip
    if not answer.exists():
        raise SystemTrouble(f"Spark ended without an answer; see {place / 'spark.log'}")
    told = json.loads(answer.read_text(encoding="utf-8"))
    steps = tuple(Step(**step) for step in told["steps"])
    return Outcome(told["spark"], steps, told["start_seconds"], told["cpu_seconds"])


def _settings(place: Path, cores: int, memory_mb: int) -> dict[str, str]:
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": f"{memory_mb}m",
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -XX:+UseSerialGC",
        "spark.local.dir": str(place / "tmp"),
        "spark.sql.warehouse.dir": str(place / "tables"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",  # a bad cast or a division by nought fails, as in PostgreSQL
        "spark.sql.shuffle.partitions": str(cores),
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    }


def _clean_environment(place: Path) -> dict[str, str]:
    """What Spark's process may know: no password or address of ours is in it."""
    kept = {name: os.environ[name] for name in ("PATH", "JAVA_HOME", "LANG", "LC_ALL") if name in os.environ}
    return {**kept, "HOME": str(place), "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONUTF8": "1"}


def _environment(venv: Path, say: Say) -> Path:
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise SystemTrouble("Java 17 is not installed; type: sudo apt-get install -y openjdk-17-jre-headless")
    python, mark = venv / "bin" / "python", venv / ".flyover-lock"
    lock = (PROJECT / "uv.lock").read_text(encoding="utf-8")
    if mark.exists() and mark.read_text(encoding="utf-8") == lock:
        return python
    say("Spark: installing its environment (once, some minutes)")
    done = subprocess.run(
        [_uv(), "sync", "--frozen", "--quiet", "--project", str(PROJECT)],
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(venv), "UV_PYTHON_DOWNLOADS": "never"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemTrouble(f"Spark's environment cannot be installed: {done.stderr.strip()[-400:]}")
    mark.write_text(lock, encoding="utf-8")
    return python


def _uv() -> str:
    """The uv that ./flyover found or installed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flyover"
    kept = sorted(str(path) for path in cache.glob("uv-*/bin/uv"))
    found = shutil.which("uv") or (kept[-1] if kept else None)
    if found is None:
        raise SystemTrouble("uv is not found; ./flyover installs it: run it once from the checkout")
    return found
