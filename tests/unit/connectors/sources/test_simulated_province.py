"""The readers against the simulator's own account of what it wrote: every row counted, every torn one named."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from connectors import registry, sources
from connectors.sources.base import Rejected
from simulator import write_province

AGENCIES = registry.load_all(Path(__file__).resolve().parents[4] / "connectors" / "agencies")


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("province")
    write_province(root, learners=1_000, seed=7)
    return root


def test_readers_count_what_the_simulator_wrote_and_set_aside_what_it_tore(province: Path) -> None:
    expected = json.loads((province / "truth" / "expected.json").read_text())["books"]
    with (province / "truth" / "defects.csv").open(encoding="utf-8") as file:
        torn = {
            (defect["agency_code"], defect["entity"], int(defect["line"]), defect["record_id"])
            for defect in csv.DictReader(file)
            if defect["rule_id"].startswith("reader.")
        }
    counted: dict[tuple[str, str], int] = {}
    rejected: set[tuple[str, str, int, str | None]] = set()
    for code in expected:
        for origin in sorted((province / code).iterdir()):
            with sources.load(AGENCIES[code].source).open(origin, AGENCIES[code]) as tables:
                for table in tables:
                    rows = list(table.rows())
                    counted[code, table.entity] = len(rows)
                    rejected |= {
                        (code, table.entity, row.line, row.record_hint) for row in rows if isinstance(row, Rejected)
                    }
    assert counted == {
        (code, entity): books["received"] for code, entities in expected.items() for entity, books in entities.items()
    }
    assert torn
    assert rejected == torn
