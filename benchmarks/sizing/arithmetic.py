"""From records a day to brokers, partitions, drains, workers and gigabytes; each answer says how sure it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from pipeline.errors import ConfigurationError

RATES = Path(__file__).with_name("rates.yaml")
MILLION = 1_000_000
LEAST_PARTITIONS = 3
HUNDRED_DAYS = 100
"""Days of records that one brings along when only a day's number is given: what core holds then."""


@dataclass(frozen=True)
class Rate:
    """One figure to reckon with. ``most``: measured up to so many records, None where it is assumed."""

    name: str
    value: float
    unit: str
    source: str
    most: int | None


@dataclass(frozen=True)
class Load:
    """What is to be carried: all ``records`` there are, and how many are new or corrected on a day."""

    name: str
    records: int
    records_a_day: int


@dataclass(frozen=True)
class Needs:
    """What that takes.

    ``first_load_days`` is how long all records take once, on these cores. ``beyond`` is how many times the load is
    larger than the largest that was measured, in records a day or in all; up to 1 it was seen.
    """

    load: Load
    rows_per_s: float
    brokers: int
    partitions: int
    drains: int
    workers: int
    cores: int
    topics_gb: float
    database_gb: float
    databases: int
    first_load_days: float
    beyond: float

    @property
    def basis(self) -> str:
        """Whether rates hold as measured or are extrapolated, in a word and a number."""
        return "within what was measured" if self.beyond <= 1 else f"extrapolated × {self.beyond:,.0f}"


def read(path: Path = RATES) -> Mapping[str, Rate]:
    """The rates, checked: a measured one says up to where, an assumed one why."""
    found = {}
    for name, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        is_measured = entry["basis"] == "measured"
        if entry["value"] <= 0 or not entry["source"] or is_measured != ("most" in entry):
            raise ConfigurationError(
                f"{path.name}: {name}: a positive value, a source, and for a measured one its most"
            )
        found[name] = Rate(name, float(entry["value"]), entry["unit"], entry["source"], entry.get("most"))
    return found


def of_people(rates: Mapping[str, Rate], name: str, people: int) -> Load:
    """The load of so many inhabitants."""
    records = round(people * rates["records_per_person"].value)
    return Load(name, records, max(1, round(records * rates["new_share_a_day"].value)))


def of_day(name: str, records_a_day: int, records: int | None = None) -> Load:
    """The load of so many records a day."""
    return Load(name, records or records_a_day * HUNDRED_DAYS, records_a_day)


def needs(rates: Mapping[str, Rate], load: Load) -> Needs:
    """What a load takes.

    In rows a second r of the busiest minutes, with a share b of each capacity planned for::

        drains      r / (b × rows a drain lands)                     at least 1
        partitions  2 × drains, so that drains can be doubled        at least 3, a multiple of it
        brokers     the larger of r × bytes × copies / (b × MB/s of a broker)
                    and days × a day's bytes × copies / (b × GB of a broker); 1 up to a million records a day, else
                    at least 3
        cores       CPU seconds of a day in the window of hours, / b
        workers     cores that tasks of Airflow take (pull, publish, judge, model), two tasks a worker
        first load  records × all CPU seconds / (b × cores)
        database    records × (landing + manifest + core), what a year adds to it for superseded versions included
    """
    value = {name: rate.value for name, rate in rates.items()}
    seconds, busy = value["window_hours"] * 3600, value["busy_share"]
    rows_per_s = load.records_a_day / seconds * value["peak_factor"]
    drains = max(1, math.ceil(rows_per_s / (busy * value["drain_rows_per_s"])))
    stored = value["message_bytes"] * value["compressed_share"] * value["copies"]
    topics_gb = load.records_a_day * value["topic_days"] * stored / 1e9
    brokers = max(
        1 if load.records_a_day <= MILLION else 3,
        math.ceil(rows_per_s * stored / 1e6 / (busy * value["broker_mb_per_s"])),
        math.ceil(topics_gb / (busy * value["broker_gb"])),
    )
    by_tasks = sum(value[f"{stage}_cpu_s"] for stage in ("pull", "publish", "judge", "model"))
    millions = load.records_a_day / MILLION
    task_cores = millions * by_tasks / seconds / busy
    cores = math.ceil(task_cores + millions * value["drain_cpu_s"] / seconds / busy)
    landed = load.records + 365 * load.records_a_day
    database_gb = (landed * (value["landing_bytes"] + value["ledger_bytes"]) + load.records * value["core_bytes"]) / 1e9
    databases = max(1, math.ceil(database_gb / value["database_gb"]), math.ceil(cores / value["database_cores"]))
    all_cpu_s = by_tasks + value["drain_cpu_s"]
    most = min(rate.most for rate in rates.values() if rate.most is not None)
    return Needs(
        load=load,
        rows_per_s=rows_per_s,
        brokers=brokers,
        partitions=math.ceil(max(LEAST_PARTITIONS, 2 * drains) / LEAST_PARTITIONS) * LEAST_PARTITIONS,
        drains=drains,
        workers=max(1, math.ceil(task_cores / 2)),
        cores=cores,
        topics_gb=topics_gb,
        database_gb=database_gb,
        databases=databases,
        first_load_days=load.records / MILLION * all_cpu_s / (busy * cores) / 86_400,
        beyond=max(load.records_a_day / most, load.records / value["records_seen"]),
    )
