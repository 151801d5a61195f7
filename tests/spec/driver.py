"""A system and the oracle side by side: every command goes to both, and every promise can be checked after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from .oracle import Oracle
from .system import Batch, Books, Content, EntryKey, Mode, NotAllowedError, Row, System


class Driver:
    """Commands compare what the system answers with what follows from the log; `check` compares all it shows."""

    def __init__(self, system: System) -> None:
        self.system, self.oracle = system, Oracle()
        self.manifests: dict[Batch, int] = {}
        self.landed: set[tuple[Batch, int]] = set()
        self.decided_books: dict[Batch, Books] = {}
        self.deliveries = 0

    # commands ----------------------------------------------------------------------------------------------------

    def pull(self, agency: str, mode: Mode, tables: Mapping[str, Sequence[Row]]) -> str:
        delivery = self._next_delivery()
        pulled = self.system.pull(delivery, agency, mode, tables)
        assert pulled == self.oracle.pulled(delivery, agency, mode, tables)
        self.manifests |= {Batch(delivery, entity): each.lines for entity, each in pulled.batches.items()}
        return delivery

    def lines(self) -> list[tuple[Batch, int]]:
        return [(batch, seq) for batch, expected in self.manifests.items() for seq in range(expected)]

    def missing(self) -> list[tuple[Batch, int]]:
        return [line for line in self.lines() if line not in self.landed]

    def land(self, lines: Sequence[tuple[Batch, int]]) -> None:
        self.system.land(lines)
        self.landed |= set(lines)

    def judge(self) -> None:
        partial = {batch.delivery for batch, _ in self.missing()}
        ready = {batch.delivery for batch, sent in self.oracle.sent.items() if sent.status is None} - partial
        assert self.system.judge() == ready
        for delivery in ready:
            self.oracle.judged(delivery)

    def settle(self) -> None:
        """Land what is missing and judge all of it."""
        self.land(self.missing())
        self.judge()

    def mend(self, entry: EntryKey, record_id: str, content: Content) -> None:
        if self._obeys(self.oracle.may_decide("mend", entry), lambda: self.system.mend(entry, record_id, content)):
            self.oracle.mended(entry, record_id, content)

    def decide(self, action: str, entry: EntryKey) -> None:
        """Waive, expire, return_ or refuse a quarantined row."""
        if self._obeys(self.oracle.may_decide(action, entry), lambda: getattr(self.system, action)(entry)):
            self.oracle.decided_on(action, entry)

    def replay(self, original: Batch) -> str:
        delivery = self._next_delivery()
        lines = self.system.replay(delivery, original)
        assert lines == self.oracle.replayed(delivery, original)
        if lines:
            self.manifests[Batch(delivery, original.entity)] = lines
        return delivery

    def decide_batch(self, action: str, batch: Batch) -> None:
        """release_held, refuse_held or withdraw."""
        wanted = "released" if action == "withdraw" else "held"
        if self._obeys(self.oracle.sent[batch].status == wanted, lambda: getattr(self.system, action)(batch)):
            self.oracle.batch_decided(batch, "released" if action == "release_held" else "refused")
            self.decided_books.pop(batch, None)

    def _next_delivery(self) -> str:
        self.deliveries += 1
        return f"d{self.deliveries:03}"

    def _obeys(self, allowed: bool, command: Callable[[], None]) -> bool:
        try:
            command()
        except NotAllowedError:
            assert not allowed
            return False
        assert allowed, "a command that makes no sense here was obeyed"
        return True

    # promises ----------------------------------------------------------------------------------------------------

    def check(self) -> None:
        self.check_books()
        self.check_released()
        self.check_versions()
        assert self.system.entries() == self.oracle.decided

    def check_books(self) -> None:
        """Books balance and are right; counts once decided never change."""
        books = self.system.books()
        assert set(books) == set(self.manifests)
        partial = {batch for batch, _ in self.missing()}
        for batch, each in books.items():
            expected = self.oracle.books(batch)
            if expected is None:
                assert each == Books("landing" if batch in partial else "landed", self.manifests[batch])
                continue
            assert each == expected
            assert each.received == each.released + each.quarantined + each.duplicate + each.refused + each.held
            assert each.status == "held" or each.held == 0
            assert self.decided_books.setdefault(batch, each) == each

    def check_released(self) -> None:
        """What can be read, and the latest row of every record."""
        assert self.system.released_rows() == self.oracle.released_rows()
        assert self.system.latest() == self.oracle.latest()

    def check_versions(self) -> None:
        """Every version has one event id, and versions count the different things said."""
        versions = self.system.versions()
        assert len(set(versions.values())) == len(versions)
        numbers: dict[object, list[int]] = {}
        for record, number in versions.values():
            numbers.setdefault(record, []).append(number)
        counted = Counter({record: len(things) for record, things in self.oracle.things.items()})
        assert {record: sorted(found) for record, found in numbers.items()} == {
            record: list(range(1, count + 1)) for record, count in counted.items()
        }
