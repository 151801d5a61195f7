"""One small school carried from its files to core on the real servers: what alerts and reconciliations look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from alerting import config
from cli import inline
from connectors import registry
from pipeline.db import connect
from pipeline.settings import Settings
from tests import people
from tests.integration.alerting.watched import execute
from tests.landed import Landing

SCHOOL = "sch-lishui"
PUPILS = people.make(12)


@dataclass(frozen=True)
class Carried:
    """A system that has taken in one delivery, and ways to look at it and to break it."""

    settings: Settings
    school: Path

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Answer to a query of the owner."""
        with connect(self.settings, "flyover_owner") as connection:
            return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def change(self, statement: str, *parameters: Any) -> int:
        """What no stage would do; how many rows it was done to."""
        with connect(self.settings, "flyover_owner") as connection:
            return connection.execute(statement, parameters).rowcount  # type: ignore[arg-type]

    def batch(self, entity: str) -> Any:
        """The batch of an entity."""
        return self.rows("select batch_id from quality.batch where entity = %s", entity)[0][0]

    @contextmanager
    def without(self, relation: str, condition: str, *parameters: Any) -> Iterator[int]:
        """Take rows out of a table for a while; how many."""
        with connect(self.settings, "flyover_owner", autocommit=True) as connection:
            connection.execute(f"create temporary table kept as select * from {relation} where {condition}", parameters)  # type: ignore[arg-type]
            taken = connection.execute(f"delete from {relation} where {condition}", parameters).rowcount  # type: ignore[arg-type]
            assert taken
            try:
                yield taken
            finally:
                connection.execute(f"insert into {relation} select * from kept")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def carried(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Carried:
    """A school whose delivery went the whole way, some of its rows into quarantine."""
    school = people.school_bundle(tmp_path_factory.mktemp("agencies") / "school", PUPILS)
    lines = (school / "users.csv").read_text(encoding="utf-8").splitlines()
    people.add_line(school / "users.csv", f"{lines[3]},one field too many")
    orgs = school / "orgs.csv"
    orgs.write_text(orgs.read_text(encoding="utf-8").replace("339901", "330106"), encoding="utf-8")
    people.add_line(orgs, "org-wrong,,,测试学校,scool,2133000009,bureau-1,330106,,21,111,public")
    agency = registry.load_all(settings.agencies_dir)[SCHOOL]
    inline.carry(settings, agency, [school], lambda _: None, release=False)
    whole = Carried(settings, school)
    # what was published a moment ago may be under way, so nothing of it is missed yet
    whole.change("update connect.batch set published_at = published_at - interval '1 hour'")
    return whole


@pytest.fixture
def no_alerts(settings: Settings) -> Iterator[None]:
    """No alert and no setting of another test."""
    yield
    execute(settings, "truncate quality.alert_told, quality.alert_message, quality.alert, quality.failed_task")
    (settings.state_dir / config.FILE).unlink(missing_ok=True)


@pytest.fixture
def school(settings: Settings) -> Landing:
    return Landing(settings, "oneroster", SCHOOL)
