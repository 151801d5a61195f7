"""A warehouse with a credit bank of its own, filled by hand."""

import shutil
from collections.abc import Callable
from dataclasses import replace

import pytest
import yaml

from pipeline.settings import Settings
from tests.bank_records import BANK
from tests.released import Released


@pytest.fixture(scope="module")
def new_bank(new_database: Callable[[], Settings], tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Released]:
    """Makes fresh warehouses whose registry has the credit bank of the tests."""

    def make() -> Released:
        settings = new_database()
        registry = tmp_path_factory.mktemp("agencies")
        for known in settings.agencies_dir.glob("*.yml"):
            shutil.copy(known, registry)
        sister = yaml.safe_load((registry / "bank-zhejiang.yml").read_text())
        document = {**sister, "agency_code": BANK, "paused": False}
        (registry / f"{BANK}.yml").write_text(yaml.safe_dump(document, allow_unicode=True))
        return Released(replace(settings, agencies_dir=registry))

    return make
