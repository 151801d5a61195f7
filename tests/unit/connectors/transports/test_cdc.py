"""How what the raw topic says is cut into slices, over a topic that is a list."""

from __future__ import annotations

import dataclasses
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from connectors.capture import readiness
from connectors.capture.feeds import Feed
from connectors.capture.raw_topic import RawTopic
from connectors.capture.tending import Tended
from connectors.transports import cdc, spool
from connectors.transports.base import Slice
from connectors.transports.cdc import ChangeCapture, Place
from pipeline.errors import BadInput, SystemTrouble
from pipeline.kafka import Position
from pipeline.settings import CHECKOUT
from tests.paper_office import agency, facts, feed, message, notice, row

LIFE = uuid.uuid4()


class Record:
    def __init__(self, offset: int, value: bytes) -> None:
        self.offset, self.value = offset, value


class Reader:
    """The messages of the topic; ``later`` ones come while it is being read."""

    def __init__(self, messages: list[bytes], first: int, later: list[bytes]) -> None:
        self.messages, self.first, self.later = messages, first, later
        self.place = first

    def bounds(self) -> dict[tuple[str, int], tuple[int, int]]:
        return {("raw.hr-test.changes", 0): (self.first, self.first + len(self.messages))}

    def seek(self, position: Position) -> None:
        self.place = position.offset

    def poll(self, most: int, timeout_ms: int) -> Iterator[tuple[Any, list[Record]]]:
        if self.place - self.first >= len(self.messages) and self.later:
            self.messages.append(self.later.pop(0))
        told = self.messages[self.place - self.first :][:2]  # a few at a time, as a network does
        found = [Record(self.place + number, value) for number, value in enumerate(told)]
        self.place += len(found)
        yield None, found


class Desk:
    """A capture over a list; remembers why everything was read afresh."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: Path) -> None:
        self.room, self.feed = room, feed()
        self.messages: list[bytes] = []
        self.later: list[bytes] = []
        self.first, self.life = 0, LIFE
        self.catalogue = facts(self.feed)
        self.renewed: list[str] = []
        self.trouble: SystemTrouble | None = None
        monkeypatch.setattr(cdc, "opened", self._opened)
        monkeypatch.setattr(cdc.tending, "tend", self._tend)
        monkeypatch.setattr(cdc.tending, "renew", lambda _settings, _feed, reason: self.renewed.append(reason))
        monkeypatch.setattr(cdc.database, "inspect", lambda *_: self.catalogue)
        monkeypatch.setattr(cdc, "FIRST_PATIENCE_S", 0.05)
        monkeypatch.setattr(cdc, "SNAPSHOT_PATIENCE_S", 0.05)

    def _tend(self, _settings: Any, known_feed: Feed, known: Any) -> Tended:
        return Tended(readiness.check(known_feed, self.catalogue, known), self.trouble)

    @contextmanager
    def _opened(self, *_: Any) -> Iterator[RawTopic]:
        reader: Any = Reader(self.messages, self.first, self.later)
        yield RawTopic(self.feed, reader, self.life)

    def slices(self, cursor: str | None = None) -> Iterator[Slice]:
        settings: Any = SimpleNamespace(contracts_dir=CHECKOUT / "contracts", captured=())
        yield from ChangeCapture().slices(settings, agency(), cursor, self.room, lambda _: None)

    def cut(self, cursor: str | None = None) -> tuple[list[tuple[str, dict[str, list[str]]]], str | None]:
        """(mode, keys by entity; ``-`` before the deleted) of every slice, and the cursor behind the last."""

        found = []
        for part in self.slices(cursor):
            tables = spool.opened(part.origin)
            found.append(
                (
                    tables[0].mode if tables else "empty",
                    {t.entity: [_key(row) for row in t.rows()] for t in tables},
                )
            )
            shutil.rmtree(part.origin)
            cursor = part.cursor
        return found, cursor


def _key(told: Any) -> str:
    key = told.values.get("employment_id") or told.values.get("training_id")
    return f"-{key}" if told.deleted else str(key)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    return Desk(monkeypatch, tmp_path)


SCANNED = [notice("TABLE_SCAN_COMPLETED", "public.employment"), notice("TABLE_SCAN_COMPLETED", "public.training")]


def snapshot(*keys: str) -> list[bytes]:
    return [notice("STARTED"), *(message("r", after=row(key)) for key in keys), *SCANNED, notice("COMPLETED")]


def test_a_snapshot_is_one_bulk_slice_and_an_empty_table_is_in_it(desk: Desk) -> None:
    desk.messages += [*snapshot("E1", "E2"), message("c", after=row("E3")), message("d", before=row("E1"))]
    found, cursor = desk.cut()
    assert found == [
        ("bulk", {"employments": ["E1", "E2"], "trainings": []}),
        ("delta", {"employments": ["E3", "-E1"]}),
    ]
    assert desk.cut(cursor) == ([], cursor)


def test_a_snapshot_that_is_not_whole_moves_nothing_and_is_read_again(desk: Desk) -> None:
    desk.messages += snapshot("E1", "E2")[:2]
    found, cursor = desk.cut()
    assert (found, cursor) == ([], None)
    desk.messages += snapshot("E1", "E2")[2:]
    assert desk.cut(cursor)[0] == [("bulk", {"employments": ["E1", "E2"], "trainings": []})]


def test_a_snapshot_that_comes_while_it_is_read_is_waited_for(desk: Desk) -> None:
    whole = snapshot("E1", "E2")
    desk.messages += whole[:2]
    desk.later += whole[2:]
    assert desk.cut()[0] == [("bulk", {"employments": ["E1", "E2"], "trainings": []})]


def test_of_a_snapshot_that_was_broken_off_nothing_counts(desk: Desk) -> None:
    desk.messages += [*snapshot("E9", "E1")[:3], *snapshot("E1")]
    assert desk.cut()[0] == [("bulk", {"employments": ["E1"], "trainings": []})]


def test_a_table_a_snapshot_left_out_deletes_nobody(desk: Desk) -> None:
    desk.messages += [notice("STARTED"), message("r", after=row("E1")), SCANNED[0], notice("COMPLETED")]
    found, _ = desk.cut()
    assert [mode for mode, _ in found] == ["empty"]
    assert len(desk.renewed) == 1


def test_truncation_is_a_slice_of_its_own_between_what_came_before_and_after(desk: Desk) -> None:
    desk.messages += [message("c", after=row("E1")), message("t"), message("c", after=row("E2"))]
    assert desk.cut()[0] == [
        ("delta", {"employments": ["E1"]}),
        ("bulk", {"employments": []}),
        ("delta", {"employments": ["E2"]}),
    ]


def test_slices_end_at_their_number_of_rows(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdc, "SLICE_ROWS", 2)
    desk.messages += [message("c", after=row(f"E{n}")) for n in range(5)]
    assert [len(keys["employments"]) for _, keys in desk.cut()[0]] == [2, 2, 1]


def test_a_broken_change_stops_behind_what_was_whole_and_later_everything_is_read_afresh(desk: Desk) -> None:
    without = row("E2")
    del without["sex"]
    desk.messages += [message("c", after=row("E1")), message("c", after=without), message("c", after=row("E3"))]
    whole = desk.catalogue
    kept = {name: {c: f for c, f in found.items() if c != "sex"} for name, found in whole.columns.items()}

    slices = desk.slices()
    staged = next(slices)
    shutil.rmtree(staged.origin)
    desk.catalogue = facts(desk.feed, columns={**whole.columns, "public.employment": kept["public.employment"]})
    with pytest.raises(BadInput, match="sex is gone"):
        next(slices)

    desk.catalogue = whole
    desk.later += snapshot("E1", "E2", "E3")
    found, _ = desk.cut(staged.cursor)
    assert desk.renewed == ["changes of public.employment came without sex"]
    assert found == [("empty", {}), ("bulk", {"employments": ["E1", "E2", "E3"], "trainings": []})]


def test_a_table_that_was_out_of_the_publication_for_a_while_is_read_afresh(desk: Desk) -> None:
    desk.messages += [*snapshot("E1"), message("c", after=row("E2"))]
    _, cursor = desk.cut()
    desk.catalogue = facts(desk.feed, memberships={"public.employment": 17_001, "public.training": 16_400})
    found, cursor = desk.cut(cursor)
    assert (found, len(desk.renewed)) == ([("empty", {})], 1)
    desk.messages += snapshot("E3")
    assert desk.cut(cursor)[0] == [("bulk", {"employments": ["E3"], "trainings": []})]
    assert len(desk.renewed) == 1, "it is ordered once"


@pytest.mark.parametrize("loss", ["hours are over", "topic made again", "never read"])
def test_where_changes_were_lost_everything_is_read_afresh(desk: Desk, loss: str) -> None:
    desk.messages += snapshot("E1")
    cursor = desk.cut()[1]
    if loss == "hours are over":
        desk.first = 100
    elif loss == "topic made again":
        desk.life = uuid.uuid4()
    else:
        cursor, desk.first = None, 7
    desk.messages[:] = [message("c", after=row("E2"))]
    found, cursor = desk.cut(cursor)
    assert (found, len(desk.renewed)) == ([("empty", {})], 1)
    assert cursor is not None
    assert msgspec.json.decode(cursor, type=Place).offset == desk.first + 1


def test_what_no_connector_wrote_is_made_good(desk: Desk) -> None:
    desk.messages += [b"junk", message("c", after=row("E1"))]
    assert desk.cut()[0] == [("empty", {})]
    assert len(desk.renewed) == 1


def test_what_is_there_is_read_before_trouble_is_said(desk: Desk) -> None:
    desk.trouble = SystemTrouble("no worker")
    desk.messages += [message("c", after=row("E1"))]
    slices = desk.slices()
    assert next(slices).origin.is_dir()
    with pytest.raises(SystemTrouble, match="no worker"):
        next(slices)


def test_a_paused_agency_is_asked_only_where_it_was_woken(desk: Desk) -> None:
    desk.messages += [message("c", after=row("E1"))]
    paused = dataclasses.replace(agency(), paused=True)

    def found(captured: tuple[str, ...]) -> int:
        settings: Any = SimpleNamespace(contracts_dir=CHECKOUT / "contracts", captured=captured)
        return sum(1 for _ in ChangeCapture().slices(settings, paused, None, desk.room, lambda _: None))

    assert found(()) == 0
    assert found(("hr-test",)) == 1
