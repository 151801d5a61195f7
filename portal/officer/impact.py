"""Which published numbers a batch holds back, in the words of those who read them."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from pathlib import Path

from expectations.rules.suites import Text
from pipeline.settings import Settings
from portal.officer.waiting import Batch
from portal.refusals import NotTaken
from release.impact import Impact, held_back, withdrawn

MOST_NUMBERS = 100
"""How many numbers a page shows; the interface has them all."""


def of(settings: Settings, batch: Batch) -> Impact:
    """What a batch bears on, by lineage: every published number that may move, as it stands.

    :raises NotTaken: when it is neither held nor released, so that no decision is left
    """
    if batch.status == "held":
        return held_back(settings, batch.batch_id)
    if batch.status == "released":
        return withdrawn(settings, batch.batch_id)
    raise NotTaken("nothing_here", 404)


def indicator_names(settings: Settings) -> Mapping[str, Text]:
    """Names of indicators by code."""
    folder = settings.checkout / "dbt_project" / "seeds" / "indicators"
    return {
        code: text
        for path in sorted(folder.glob("definitions_*.csv"))
        for code, text in _named(path, "indicator_code", "name").items()
    }


def area_names(settings: Settings) -> Mapping[str, Text]:
    """Names of divisions by code."""
    return _named(settings.checkout / "dbt_project" / "seeds" / "divisions.csv", "division_code", "division_name")


@functools.cache
def _named(path: Path, key: str, name: str) -> Mapping[str, Text]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row[key]: Text(row[f"{name}_zh"], row[f"{name}_en"]) for row in csv.DictReader(file)}
