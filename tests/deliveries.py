"""Deliveries for the readers' tests: agencies, fixtures, and ways to pack and read them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from connectors import pull, registry, sources
from connectors.registry import Agency
from connectors.sources.base import Rejected, Row
from pipeline.settings import Settings

FIXTURES = Path(__file__).resolve().parent / "fixtures"
SECTORS = {
    "oneroster": "school",
    "oulad": "open_university",
    "hr": "human_resources",
    "senior": "senior_university",
}

Delivered = dict[str, list[Row | Rejected]]


def make_agency(source: str, **changes: object) -> Agency:
    settings: dict[str, object] = {
        "agency_code": f"test-{source}",
        "name_zh": "测试机构",
        "name_en": "Test agency",
        "sector": SECTORS.get(source, "reference"),
        "source": source,
        "area": "simulated",
        "mode": "append" if source == "census" else "bulk",
        "time_zone": "Asia/Shanghai",
        "owner": "tests",
        "params": {"reference_date": "2025-11-01", "base": "resident"} if source == "census" else {},
    }
    return Agency(**{**settings, **changes})  # type: ignore[arg-type]


def deliver(source: str, origin: Path, **changes: object) -> Delivered:
    """Read a delivery to its end: rows and rejected rows by entity."""
    with sources.load(source).open(origin, make_agency(source, **changes)) as tables:
        return {table.entity: list(table.rows()) for table in tables}


def hand_in_province(settings: Settings, root: Path) -> list[str]:
    """Take in what every agency of a simulated province hands in; the sources they are of."""
    agencies = [
        agency
        for agency in registry.load_all(settings.agencies_dir).values()
        if agency.area == "simulated" and not agency.paused
    ]
    for agency in agencies:
        for origin in sorted((root / agency.agency_code).iterdir()):
            pull.pull(settings, agency, origin)
    return sorted({agency.source for agency in agencies})


def pack(target: Path, files: Mapping[str, bytes]) -> Path:
    """Write a zip of these members."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def files_of(folder: Path) -> dict[str, bytes]:
    """Content of a folder's files by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
