"""The real engine: PostgreSQL's log by Debezium in Kafka Connect, through the outbox to released rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.capture import Office

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def office(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(settings, tmp_path_factory.mktemp("registry") / "agencies")
    try:
        made.start_connect()
        yield made
    finally:
        made.close()


def test_the_first_snapshot_is_released(office: Office) -> None:
    found = office.pull_rows(40 + 10 + 14)
    office.forward()
    assert len(found) == 1
    assert len(office.released("employments", "start_date")) == 40
