"""Drives a System through any order of events hypothesis can think of, and holds it against the oracle."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import TypeVar
from unittest import TestCase

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from .oracle import MAY_DECIDE, Oracle
from .system import Batch, Books, Content, Flaw, Mode, NotAllowedError, Row, Said, System, Unreadable

Thing = TypeVar("Thing")
AGENCIES, ENTITIES, RECORD_IDS = ("north", "south"), ("learners", "schools"), ("r1", "r2", "r3")
GOOD, BETTER, BAD = Content(0, Flaw.NONE), Content(1, Flaw.NONE), Content(0, Flaw.CRITICAL)
# few different contents, so that agencies often repeat themselves
contents = st.sampled_from([GOOD, GOOD, BETTER, BETTER, BAD, BAD, Content(0, Flaw.WARNING), Content(0, Flaw.TABLE)])
said = st.builds(Said, st.sampled_from(RECORD_IDS), st.one_of(contents, contents, contents, st.none()))
unreadable = st.builds(Unreadable, st.sampled_from([None, *RECORD_IDS]))
rows = st.lists(st.one_of(said, said, said, said, unreadable), max_size=4)
tables = st.dictionaries(st.sampled_from(ENTITIES), rows, min_size=1, max_size=2)
modes: st.SearchStrategy[Mode] = st.sampled_from(["bulk", "delta"])
picks = st.integers(0, 10_000)
shuffles = st.integers(0, 10_000)


class Meanings(RuleBasedStateMachine):
    """Rules are what can happen; invariants are what the meanings promise after each."""

    system_factory: Callable[[], System]

    @initialize()
    def start(self) -> None:
        self.system = type(self).system_factory()
        self.oracle = Oracle()
        self.manifests: dict[Batch, int] = {}
        self.landed: set[tuple[Batch, int]] = set()
        self.decided_books: dict[Batch, Books] = {}
        self.deliveries = 0

    # agencies and the broker -------------------------------------------------------------------------------------

    @rule(agency=st.sampled_from(AGENCIES), mode=modes, tables=tables, judge_at_once=st.booleans())
    def pull(self, agency: str, mode: Mode, tables: dict[str, list[Row]], judge_at_once: bool) -> None:
        delivery = self._next_delivery()
        pulled = self.system.pull(delivery, agency, mode, tables)
        assert pulled == self.oracle.pulled(delivery, agency, mode, tables)
        self.manifests |= {Batch(delivery, entity): each.lines for entity, each in pulled.batches.items()}
        if judge_at_once and self.manifests:
            self.land_the_rest_and_judge_all(shuffle=0)

    @precondition(lambda self: self.oracle.things)
    @rule(agency=st.sampled_from(AGENCIES), entity=st.sampled_from(ENTITIES), back=st.integers(0, 2))
    def send_again_what_was_said_before(self, agency: str, entity: str, back: int) -> None:
        """The whole file once more: as it last was (0), or as it was one or two changes ago."""
        mine = {r.record_id: things for r, things in self.oracle.things.items() if r[:2] == (agency, entity)}
        before = [Said(record_id, things[max(-1 - back, -len(things))].content) for record_id, things in mine.items()]
        self.pull(agency=agency, mode="bulk", tables={entity: before}, judge_at_once=True)

    @precondition(lambda self: self.manifests)
    @rule(chosen=st.lists(picks, min_size=1, max_size=6))
    def land_some_lines_in_any_order_and_any_number(self, chosen: list[int]) -> None:
        lines = self._lines()
        self._land([lines[pick % len(lines)] for pick in chosen])

    @precondition(lambda self: self.manifests)
    @rule(pick=picks, shuffle=shuffles)
    def redeliver_a_whole_batch(self, pick: int, shuffle: int) -> None:
        batch = self._one(list(self.manifests), pick)
        self._land(_shuffled([(batch, seq) for seq in range(self.manifests[batch])], shuffle))

    @precondition(lambda self: self.manifests)
    @rule(shuffle=shuffles)
    def land_the_rest_and_judge_all(self, shuffle: int) -> None:
        self._land(_shuffled([line for line in self._lines() if line not in self.landed], shuffle))
        self.judge()

    @rule()
    def judge(self) -> None:
        partial = {batch.delivery for batch, seq in self._lines() if (batch, seq) not in self.landed}
        ready = {b.delivery for b, sent in self.oracle.sent.items() if sent.status is None} - partial
        assert self.system.judge() == ready
        for delivery in ready:
            self.oracle.judged(delivery)

    # officers ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.oracle.decided)
    @rule(action=st.sampled_from([*MAY_DECIDE, "mend", "waive"]), pick=picks, content=contents)
    def decide_a_quarantined_row(self, action: str, pick: int, content: Content) -> None:
        possible = [key for key in sorted(self.oracle.decided) if self.oracle.may_decide(action, key)]
        looked_at_before = [key for key in possible if self.oracle.decided[key] != "open"]
        key = self._one(looked_at_before or possible or sorted(self.oracle.decided), pick)
        arguments = (key, content) if action == "mend" else (key,)
        if possible:
            getattr(self.system, action)(*arguments)
            self.oracle.decided_on(action, key, content)
        else:
            self._refused(lambda: getattr(self.system, action)(*arguments))

    @precondition(lambda self: any(self.oracle.may_decide("mend", key) for key in self.oracle.decided))
    @rule(pick=picks, content=contents)
    def mend_and_replay_at_once(self, pick: int, content: Content) -> None:
        self.decide_a_quarantined_row(action="mend", pick=pick, content=content)
        self.replay_mended_rows(pick=pick)

    @precondition(lambda self: "mended" in self.oracle.decided.values())
    @rule(pick=picks)
    def replay_mended_rows(self, pick: int) -> None:
        original = self._one(sorted({k.batch for k, s in self.oracle.decided.items() if s == "mended"}), pick)
        delivery = self._next_delivery()
        lines = self.system.replay(delivery, original)
        assert lines == self.oracle.replayed(delivery, original)
        if lines:
            self.manifests[Batch(delivery, original.entity)] = lines

    @precondition(lambda self: self.decided_books)
    @rule(action=st.sampled_from(["release_held", "refuse_held", "withdraw"]), pick=picks)
    def decide_a_batch(self, action: str, pick: int) -> None:
        before = "released" if action == "withdraw" else "held"
        possible = [batch for batch, books in self.decided_books.items() if books.status == before]
        if not possible:
            self._refused(lambda: getattr(self.system, action)(self._one(list(self.decided_books), pick)))
            return
        batch = self._one(possible, pick)
        getattr(self.system, action)(batch)
        self.oracle.batch_decided(batch, "released" if action == "release_held" else "refused")
        del self.decided_books[batch]

    # what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def books_balance_and_are_right(self) -> None:
        books = self.system.books()
        assert set(books) == set(self.manifests)
        for batch, each in books.items():
            expected = self.oracle.books(batch)
            if expected is None:
                whole = all((batch, seq) in self.landed for seq in range(self.manifests[batch]))
                assert each == Books("landed" if whole else "landing", self.manifests[batch])
            else:
                assert each == expected
                parts = each.released + each.quarantined + each.duplicate + each.refused + each.held
                assert each.received == parts
                assert each.status == "held" or each.held == 0

    @invariant()
    def counts_once_decided_never_change(self) -> None:
        for batch, books in self.system.books().items():
            if books.status not in ("landing", "landed"):
                assert self.decided_books.setdefault(batch, books) == books

    @invariant()
    def what_can_be_read_is_right(self) -> None:
        assert self.system.released_rows() == self.oracle.released_rows()

    @invariant()
    def the_latest_row_of_every_record_is_right(self) -> None:
        assert self.system.latest() == self.oracle.latest()

    @invariant()
    def every_version_has_one_event_id(self) -> None:
        versions = self.system.versions()
        assert max(Counter(versions.values()).values(), default=1) == 1
        said_of = Counter(version.record for version in versions.values())
        assert said_of == Counter({record: len(things) for record, things in self.oracle.things.items()})
        assert {version.version for version in versions.values()} <= set(range(1, max(said_of.values(), default=0) + 1))

    @invariant()
    def quarantine_is_right(self) -> None:
        assert self.system.entries() == self.oracle.decided

    def teardown(self) -> None:
        if hasattr(self, "manifests") and self.manifests:
            self.land_the_rest_and_judge_all(0)
            self.books_balance_and_are_right()
            self.what_can_be_read_is_right()
            self.the_latest_row_of_every_record_is_right()

    # helpers -----------------------------------------------------------------------------------------------------

    def _next_delivery(self) -> str:
        self.deliveries += 1
        return f"d{self.deliveries:03}"

    def _lines(self) -> list[tuple[Batch, int]]:
        return [(batch, seq) for batch, expected in self.manifests.items() for seq in range(expected)]

    def _land(self, lines: list[tuple[Batch, int]]) -> None:
        self.system.land(lines)
        self.landed |= set(lines)

    def _one(self, things: list[Thing], pick: int) -> Thing:
        return things[pick % len(things)]

    def _refused(self, command: Callable[[], None]) -> None:
        try:
            command()
        except NotAllowedError:
            return
        raise AssertionError("a command that makes no sense here was obeyed")


def _shuffled(things: list[Thing], shuffle: int) -> list[Thing]:
    random.Random(shuffle).shuffle(things)
    return things


def make_machine(system_factory: Callable[[], System], *, max_examples: int, steps: int = 40) -> type[TestCase]:
    """A test case that holds the systems of a factory, one fresh system an example, against the meanings."""
    machine = type("MeaningsUnderTest", (Meanings,), {"system_factory": staticmethod(system_factory)})
    case: type[TestCase] = machine.TestCase
    case.settings = settings(
        max_examples=max_examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    return case
