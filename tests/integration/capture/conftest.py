"""One office, captured by the real engine, for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.settings import Settings
from tests.office import Office


@pytest.fixture(scope="module")
def office(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Its 40 people are released already."""
    made = Office(settings, tmp_path_factory.mktemp("registry") / "agencies")
    try:
        made.start_connect()
        made.pull_rows(made.rows())
        made.forward()
        yield made
    finally:
        made.close()
