"""A warehouse of their own for tests of the build and of publishing."""

import pytest

from pipeline.settings import Settings
from tests.released import Released, a_world


@pytest.fixture(scope="module")
def warehouse(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Released:
    """Landing to be filled by hand; nothing is built yet. Its registry has an agency of each sector with persons."""
    return a_world(settings, tmp_path_factory.mktemp("agencies"))
