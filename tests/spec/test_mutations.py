"""Break the model, one meaning at a time: a specification that lets any of these pass would be worth nothing."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from .kept import BatchFile, Entry, Line, State
from .machine import Meanings
from .model import Model
from .system import Batch, Books, Content, EntryKey, NotAllowedError, Record, ReleasedRow


class VersionByContentAlone(Model):
    """A content the record once had is no news: A, B, A gives two versions."""

    def _differs(self, record: Record, state: State | None, content: Content | None) -> bool:
        said = [n.content for file in self.batches.values() for n in file.lines if n.record == record]
        return super()._differs(record, state, content) and content not in said


class MendingForgotten(Model):
    """What an officer wrote counts as what the agency said: the same row from the agency is no news."""

    def _differs(self, record: Record, state: State | None, content: Content | None) -> bool:
        return state is None or self._is_void(state) or state.content != content


class EveryRowPublishedAgain(Model):
    """Unchanged rows make new versions."""

    def _differs(self, record: Record, state: State | None, content: Content | None) -> bool:
        return True


class RefusedBatchBelieved(Model):
    """After a batch is refused, the same rows sent again count as unchanged and never arrive."""

    def _is_void(self, state: State) -> bool:
        return False


class AbsenceIgnored(Model):
    """A record that is gone from a whole file stays."""

    def _disappeared(self, batch: Batch, agency: str, present: set[Record]) -> Iterable[Line]:
        return ()


class DeletesNotHeldBack(Model):
    """A row whose key cannot be read lets its record count as gone."""

    def _deletes_wait(self, key_unknown: bool) -> bool:
        return False


class RepeatsShow(Model):
    """The same event twice in one delivery is released twice."""

    def _is_duplicate(self, line: Line) -> bool:
        return False


class RedeliveriesCount(Model):
    """Every copy the broker delivers is judged."""

    def _one_copy_each(self, file: BatchFile) -> list[int]:
        return list(file.arrived)


class JudgedBeforeWhole(Model):
    """A batch is judged on what has landed so far."""

    def _is_whole(self, batch: Batch) -> bool:
        return len(self.batches[batch].arrived) >= len(self.batches[batch].lines)


class LateCopiesShow(Model):
    """A copy that lands after the judgement can be read once more."""

    def _is_further_copy(self, copy: tuple[Batch, int], shown: set[tuple[Batch, int]]) -> bool:
        return False


class LatestByArrival(Model):
    """The row that landed last wins."""

    def _rank(self, place: int, row: ReleasedRow) -> int:
        return place


class OldMendOverrules(Model):
    """A mend of an old version is replayed over what the agency has said since."""

    def _superseded(self, entry: Entry, original: Batch) -> bool:
        return False


class ReplayRewritesTheFirstBatch(Model):
    """The mended rows move from quarantined to released in the books of the batch they came with."""

    def replay(self, delivery: str, original: Batch) -> int:
        lines = super().replay(delivery, original)
        books = self.batches[original].books
        assert books is not None
        moved = books._replace(quarantined=books.quarantined - lines, released=books.released + lines)
        self.batches[original].books = moved
        return lines


class WaiversNeverEnd(Model):
    """A row waived once can be read for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.once_waived: set[EntryKey] = set()

    def waive(self, entry: EntryKey) -> None:
        super().waive(entry)
        self.once_waived.add(entry)

    def _is_kept_back(self, key: EntryKey) -> bool:
        return super()._is_kept_back(key) and key not in self.once_waived


class RejectedRowsVanish(Model):
    """Rows that could not be read are not kept for anyone to mend."""

    def _judge(self, batch: Batch) -> None:
        super()._judge(batch)
        self.quarantine = {key: e for key, e in self.quarantine.items() if e.line.operation != "rejected"}


class WithdrawnRowsStay(Model):
    """Withdrawing a batch changes its books and not what can be read."""

    def withdraw(self, batch: Batch) -> None:
        books = self._decided(batch, "released")
        self.batches[batch].books = books._replace(status="refused", refused=books.released, released=0)


class RefusedBatchLeaks(Model):
    """Rows of a refused batch can be read."""

    def _decide(self, batch: Batch, books: Books) -> None:
        super()._decide(batch, books)
        if books.status == "refused" and books.refused:
            self.batches[batch].status = "released"


class ReturnedRowsLocked(Model):
    """A row returned to its agency can no longer be mended here."""

    def _entry(self, key: EntryKey, *allowed: str) -> Entry:
        entry = self.quarantine[key]
        if entry.status == "returned" or entry.status not in allowed:
            raise NotAllowedError("the row is with its agency")
        return entry


MUTANTS = [each for each in list(vars().values()) if isinstance(each, type) and Model in each.__bases__]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_meaning_is_caught(mutant):
    machine = type("Mutated", (Meanings,), {"system_factory": mutant})
    quick = settings(
        max_examples=1000,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises((AssertionError, NotAllowedError, KeyError)):
        run_state_machine_as_test(machine, settings=quick)
