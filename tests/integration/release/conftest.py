"""A warehouse of their own for tests of the build and of publishing."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from pipeline.settings import Settings
from tests.released import LEARNING_SYSTEM, OFFICE, SENIOR_UNIVERSITY, Released


@pytest.fixture(scope="module")
def warehouse(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Released:
    """Landing to be filled by hand; nothing is built yet. Its registry has an agency of each sector with persons."""
    registry = tmp_path_factory.mktemp("agencies")
    for known in settings.agencies_dir.glob("*.yml"):
        shutil.copy(known, registry)
    _register(registry, OFFICE, "human_resources", "hr")
    _register(registry, SENIOR_UNIVERSITY, "senior_university", "senior")
    _register(registry, LEARNING_SYSTEM, "open_university", "xapi")
    return Released(replace(settings, agencies_dir=registry))


def _register(registry: Path, code: str, sector: str, source: str) -> None:
    sister = yaml.safe_load((registry / "ou-zhejiang.yml").read_text())
    document = {**sister, "agency_code": code, "sector": sector, "source": source}
    (registry / f"{code}.yml").write_text(yaml.safe_dump(document, allow_unicode=True))
