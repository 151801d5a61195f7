"""A warehouse of their own for tests of the build and of publishing."""

import pytest

from pipeline.settings import Settings
from tests.released import Released


@pytest.fixture(scope="module")
def warehouse(settings: Settings) -> Released:
    """Landing to be filled by hand; nothing is built yet."""
    return Released(settings)
