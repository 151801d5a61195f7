"""Asking a live system: slice by slice, the place where the next begins kept with what came before it."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from connectors import backfill, calendar, cursor, pull, transports
from connectors.registry import Agency
from connectors.staging import Progress
from connectors.transports import spool
from connectors.transports.base import Slice
from pipeline import db
from pipeline.errors import BadInput, ConfigurationError, StalePull
from pipeline.settings import Settings
from tests.staged import count, new_agency, org, short


class Killed(BaseException):
    """Stands for a kill: nothing below catches it."""


class Counting:
    """A live system that knows schools 1 to ``last`` and tells two at a time; its cursor is the number told last."""

    def __init__(self, last: int, *, ends: BaseException | None = None, after: int = 0) -> None:
        self.last, self._ends, self._after = last, ends, after
        self.asked_from: list[str | None] = []

    def slices(
        self, settings: Settings, agency: Agency, cursor: str | None, room: Path, progress: Progress
    ) -> Iterator[Slice]:
        self.asked_from.append(cursor)
        for first in range(int(cursor or 0) + 1, self.last + 1, 2):
            if self._ends is not None and first > self._after:
                raise self._ends
            numbers = range(first, min(first + 2, self.last + 1))
            with spool.writing(room / f"from-{first}", agency.source, "delta") as written:
                for number in numbers:
                    written.row("orgs", org(number))
            yield Slice(room / f"from-{first}", str(numbers[-1]))


@pytest.fixture
def agency() -> Agency:
    return dataclasses.replace(new_agency(), mode="delta", transport="rest")


def ask(settings: Settings, agency: Agency, system: Counting, monkeypatch: pytest.MonkeyPatch) -> list[pull.Delivery]:
    monkeypatch.setattr(transports, "load", lambda _: system)
    return pull.pull_live(settings, agency)


def staged(settings: Settings, agency: Agency) -> int:
    return count(
        settings,
        "select count(*) from connect.outbox as o inner join connect.batch as b on b.batch_id = o.batch_id "
        "where b.agency_code = %s",
        agency.agency_code,
    )


def test_each_slice_is_a_delivery_and_the_next_pull_goes_on_behind_it(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ask(settings, agency, Counting(3), monkeypatch)
    assert short(settings, first) == [("o1", 1, "upsert"), ("o2", 1, "upsert")]
    assert short(settings, second) == [("o3", 1, "upsert")]
    later = Counting(5)
    assert [found.read_rows for found in ask(settings, agency, later, monkeypatch)] == [2]
    assert later.asked_from == ["3"]
    assert not list((settings.state_dir / "live").glob(f"{agency.agency_code}/*"))


@pytest.mark.parametrize("killed_after", [0, 2, 4])
def test_a_kill_between_slices_loses_and_doubles_nothing(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch, killed_after: int
) -> None:
    with pytest.raises(Killed):
        ask(settings, agency, Counting(6, ends=Killed(), after=killed_after), monkeypatch)
    assert staged(settings, agency) == killed_after
    ask(settings, agency, Counting(6), monkeypatch)
    assert staged(settings, agency) == 6


def test_a_slice_and_its_cursor_are_one_transaction(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursor, "move", lambda *_: (_ for _ in ()).throw(Killed()))
    with pytest.raises(Killed):
        ask(settings, agency, Counting(2), monkeypatch)
    assert staged(settings, agency) == 0


def test_a_pull_that_was_overtaken_keeps_nothing(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(settings, agency, Counting(2), monkeypatch)
    monkeypatch.setattr(pull, "_cursor", lambda *_: "1")
    with pytest.raises(StalePull, match="another pull"):
        ask(settings, agency, Counting(4), monkeypatch)
    assert staged(settings, agency) == 2
    monkeypatch.setattr(pull, "_cursor", lambda *_: None)
    with pytest.raises(StalePull):
        ask(settings, agency, Counting(4), monkeypatch)


def test_two_pulls_of_one_agency_do_not_meet(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nested(Counting):
        def slices(
            self, settings: Settings, agency: Agency, cursor: str | None, room: Path, progress: Progress
        ) -> Iterator[Slice]:
            with pytest.raises(StalePull, match="under way"):
                pull.pull_live(settings, agency)
            yield from super().slices(settings, agency, cursor, room, progress)

    assert len(ask(settings, agency, Nested(2), monkeypatch)) == 1


def test_a_system_that_refuses_us_is_written_down_and_what_it_said_before_stays(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    said_no = BadInput("the login is refused", agency=agency.agency_code, code="refused.test")
    with pytest.raises(BadInput):
        ask(settings, agency, Counting(4, ends=said_no, after=2), monkeypatch)
    assert staged(settings, agency) == 2
    with db.connect(settings, "engineer") as engineer:
        refusals = engineer.execute(
            "select code, origin from connect.refusal where agency_code = %s", (agency.agency_code,)
        ).fetchall()
    assert refusals == [("refused.test", "rest")]


def test_a_system_that_goes_on_refusing_has_one_refusal_until_it_is_heard_of(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusals(transport: Counting) -> int:
        with suppress(BadInput):
            ask(settings, agency, transport, monkeypatch)
        with db.connect(settings, "engineer") as engineer:
            counted = "select count(*) from connect.refusal where agency_code = %s"
            return engineer.execute(counted, (agency.agency_code,)).fetchone()[0]

    stopped, dropped = (
        BadInput(what, agency=agency.agency_code, code="refused.test") for what in ("stopped", "dropped")
    )
    assert [refusals(Counting(3, ends=stopped, after=0)) for _ in range(3)] == [1, 1, 1]
    assert [refusals(Counting(3, ends=dropped, after=0)) for _ in range(2)] == [2, 2]
    assert [refusals(Counting(1)), refusals(Counting(3, ends=dropped, after=0))] == [2, 3]


def test_asking_again_asks_from_the_beginning_and_changes_nothing(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(settings, agency, Counting(3), monkeypatch)
    backfill.ask_again(settings, agency)
    again = Counting(3)
    ask(settings, agency, again, monkeypatch)
    assert again.asked_from == [None]
    assert staged(settings, agency) == 3


def test_a_bulk_spool_deletes_what_is_no_longer_told_even_the_last_row(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Emptied(Counting):
        def slices(
            self, settings: Settings, agency: Agency, cursor: str | None, room: Path, progress: Progress
        ) -> Iterator[Slice]:
            with spool.writing(room / "all", agency.source, "bulk") as written:
                written.announce("orgs")
            yield Slice(room / "all", "emptied")

    ask(settings, agency, Counting(2), monkeypatch)
    (found,) = ask(settings, agency, Emptied(0), monkeypatch)
    assert short(settings, found) == [("o1", 2, "delete"), ("o2", 2, "delete")]


def test_a_transport_the_source_does_not_know_is_named(agency: Agency) -> None:
    with pytest.raises(ConfigurationError, match="census cannot be asked by sql"):
        transports.load(dataclasses.replace(agency, source="census", transport="sql"))


def test_a_live_system_without_news_was_heard_of_all_the_same(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = dataclasses.replace(agency, schedule="0 0 * * *", expected_by="00:00")
    ask(settings, due, Counting(1), monkeypatch)
    with db.connect(settings, pull.ROLE) as connection:
        long_ago = "update {} set {} = now() - interval '9 days' where agency_code = %s"
        for table, column in (("connect.delivery", "staged_at"), ("connect.cursor", "asked_at")):
            connection.execute(long_ago.format(table, column), (due.agency_code,))
    now = dt.datetime.now(dt.UTC)
    assert calendar.feeds(settings, {due.agency_code: due}, now)[0].state == "late"
    ask(settings, due, Counting(1), monkeypatch)
    assert calendar.feeds(settings, {due.agency_code: due}, now)[0].state == "on time"
