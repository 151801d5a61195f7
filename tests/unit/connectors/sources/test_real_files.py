"""The public files themselves: counts as their publishers and the profile of the data folder give them.

They are not part of this repository. ``FLYOVER_REAL_DATA`` names the folder that holds ``oulad`` and
``census_zhejiang_2020``; without it a folder ``shared/data`` beside the checkout is used.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from connectors import registry, sources
from connectors.sources.base import Rejected, Row
from pipeline import contracts
from pipeline.contract_struct import payload_struct

CHECKOUT = Path(__file__).resolve().parents[4]
REAL_DATA = Path(os.environ.get("FLYOVER_REAL_DATA") or CHECKOUT.parent / "shared" / "data")
AGENCIES = registry.load_all(CHECKOUT / "connectors" / "agencies")


def real(name: str) -> Path:
    path = REAL_DATA / name
    if not path.exists():
        pytest.skip(f"real file {name} is not here; name its folder in FLYOVER_REAL_DATA")
    return path


def counted(source: str, agency: str, origin: Path) -> dict[str, tuple[int, int, int]]:
    """(rows, rejected, missing values) by entity, every row passed through the contract's decoder."""
    found = {}
    with sources.load(source).open(origin, AGENCIES[agency]) as tables:
        for table in tables:
            payload = payload_struct(contracts.load_all(CHECKOUT / "contracts")[source, table.entity])
            rows = rejected = missing = 0
            for row in table.rows():
                if isinstance(row, Rejected):
                    rejected += 1
                    continue
                rows += 1
                missing += sum(value is None for value in row.values.values())
                given = {name: value for name, value in row.values.items() if value is not None}
                msgspec.convert(given, payload, strict=False)
            found[table.entity] = (rows, rejected, missing)
    return found


def test_oulad_has_the_published_counts() -> None:
    cn_columns = 4 * 32_593
    assert counted("oulad", "ou-uk", real("oulad")) == {
        "courses": (22, 0, 0),
        "assessments": (206, 0, 11),
        "vle": (6_364, 0, 2 * 5_243),
        "student_info": (32_593, 0, 1_111 + cn_columns),
        "student_registration": (32_593, 0, 45 + 22_521),
        "student_assessment": (173_912, 0, 173),
        "student_vle": (13_905, 0, 0),
    }


def test_census_yearbook_adds_up_to_the_published_province() -> None:
    path = real("census_zhejiang_2020") / "zhejiang_2020_county.csv"
    assert counted("census", "stats-zj", path) == {"county_yearbook": (103, 0, 2)}
    with sources.load("census").open(path, AGENCIES["stats-zj"]) as (table,):
        rows = [row.values for row in table.rows() if isinstance(row, Row)]
    counties = [row for row in rows if row["level"] in ("county", "functional_zone_no_code")]
    assert len(counties) == 91
    assert sum(int(row["pop"] or 0) for row in counties) == 64_567_588
    assert {row["reference_date"] for row in rows} == {"2020-11-01"}
    assert not [value for row in rows for value in row.values() if value and value.endswith(".0") and len(value) > 4]
