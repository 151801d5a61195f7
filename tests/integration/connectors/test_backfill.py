"""Reading kept originals again: what changes is foretold, and nothing older overrules newer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors import backfill, pull
from connectors.registry import Agency
from connectors.sources.base import Row, Table
from pipeline.db import connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from tests.staged import count, new_agency, org, table

TODAY = dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
"""where the agency is: a day there begins before it does here"""
DAY = dt.timedelta(days=1)


class Reader:
    """Reads files of `number,name` lines; a reader that is `wrong` reads every name upside down."""

    def __init__(self) -> None:
        self.wrong, self.mode = True, "bulk"

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[list[Table]]:
        yield [table("orgs", *self._rows(origin), mode=self.mode)]  # type: ignore[arg-type]

    def _rows(self, origin: Path) -> Iterator[Row]:
        for line in origin.read_text().splitlines():
            number, name = line.split(",")
            yield org(number, name[::-1] if self.wrong else name)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    made = Reader()
    monkeypatch.setattr(pull.sources, "load", lambda name: made)
    return made


@pytest.fixture
def deliver(settings: Settings, reader: Reader, tmp_path: Path) -> Callable[..., None]:
    def send(agency: Agency, name: str, text: str, *, days_ago: int = 0) -> None:
        (tmp_path / name).write_text(text)
        found = pull.pull(settings, agency, tmp_path / name)
        with connect(settings, pull.ROLE) as connection:
            connection.execute(
                "update connect.delivery set staged_at = now() - make_interval(days => %s) where delivery_id = %s",
                (days_ago, found.delivery_id),
            )

    return send


def names(settings: Settings, agency: Agency) -> set[tuple[str, int]]:
    """(name, version) of every living record as last said."""
    with connect(settings, pull.ROLE) as connection:
        found = connection.execute(
            "select distinct on (o.record_id) convert_from(o.data, 'UTF8')::json ->> 'name', o.version "
            "from connect.outbox as o inner join connect.batch as b on b.batch_id = o.batch_id "
            "where b.agency_code = %s order by o.record_id, o.version desc",
            (agency.agency_code,),
        )
        return set(found.fetchall())


def events(settings: Settings, agency: Agency) -> int:
    return count(
        settings,
        "select count(*) from connect.outbox as o inner join connect.batch as b on b.batch_id = o.batch_id "
        "where b.agency_code = %s",
        agency.agency_code,
    )


def again(settings: Settings, agency: Agency, *, dry_run: bool = False, since: int = 9, until: int = 0) -> list[int]:
    wanted = backfill.originals(settings, agency, TODAY - since * DAY, TODAY - until * DAY)
    work = backfill.foretell if dry_run else backfill.run
    return [change.total for change in work(settings, agency, wanted, lambda _: None)]


def test_a_dry_run_foretells_what_the_run_does_and_keeps_nothing(
    settings: Settings, reader: Reader, deliver: Callable[..., None]
) -> None:
    agency = new_agency()
    deliver(agency, "first", "1,ab\n2,cd\n3,ee\n")
    reader.wrong = False
    assert again(settings, agency, dry_run=True) == [2]
    assert events(settings, agency) == 3
    assert again(settings, agency) == [2]
    assert names(settings, agency) == {("ab", 2), ("cd", 2), ("ee", 1)}
    assert again(settings, agency) == []


def test_of_bulk_deliveries_only_the_last_word_is_read_again(
    settings: Settings, reader: Reader, deliver: Callable[..., None]
) -> None:
    agency = new_agency()
    deliver(agency, "old", "1,ab\n2,old\n", days_ago=2)
    deliver(agency, "new", "1,ab\n2,new\n", days_ago=1)
    reader.wrong = False
    assert again(settings, agency, since=2, until=2) == [2], "the newer delivery is read behind the period"
    assert names(settings, agency) == {("ab", 2), ("new", 3)}


def test_deltas_are_read_again_in_their_order(settings: Settings, reader: Reader, deliver: Callable[..., None]) -> None:
    agency, reader.mode = new_agency(), "delta"
    deliver(agency, "monday", "1,ab\n2,cd\n", days_ago=2)
    deliver(agency, "tuesday", "1,xy\n", days_ago=1)
    reader.wrong = False
    foretold = again(settings, agency, dry_run=True)
    assert again(settings, agency) == foretold == [2, 1]
    assert {name for name, _ in names(settings, agency)} == {"xy", "cd"}


def test_an_empty_period_and_a_lost_original_are_said(settings: Settings, deliver: Callable[..., None]) -> None:
    agency = new_agency()
    deliver(agency, "file", "1,ab\n", days_ago=3)
    with pytest.raises(BadInput, match="nothing was delivered"):
        again(settings, agency, since=2)
    for kept in (settings.intake_dir / agency.agency_code).iterdir():
        kept.unlink()
    with pytest.raises(BadInput, match="no longer kept"):
        again(settings, agency)
