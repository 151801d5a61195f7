"""One life in five sectors, built once."""

import pytest

from release.build import build_part
from tests.integration.release.conftest import warehouse  # noqa: F401  (a fixture)
from tests.lives import live
from tests.released import Released


@pytest.fixture(scope="module")
def lives(warehouse: Released) -> Released:  # noqa: F811
    """A warehouse that knows a grown woman and a pupil."""
    live(warehouse)
    build_part(warehouse.settings, "core")
    return warehouse
