"""Drives a System through any order of events hypothesis can think of, and holds it against the oracle."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar
from unittest import TestCase

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from .driver import Driver
from .oracle import MAY_DECIDE
from .system import Batch, Content, EntryKey, Flaw, Mode, Row, Said, System, Unreadable

Thing = TypeVar("Thing")
AGENCIES, ENTITIES, RECORD_IDS = ("north", "south"), ("learners", "schools"), ("r1", "r2", "r3")
GOOD, BETTER, BAD = Content(0, Flaw.NONE), Content(1, Flaw.NONE), Content(0, Flaw.CRITICAL)
DOUBTFUL, HOLDS = Content(0, Flaw.WARNING), Content(0, Flaw.TABLE)
# few different contents, so that agencies often repeat themselves
contents = st.sampled_from([GOOD, GOOD, BETTER, BETTER, BAD, BAD, DOUBTFUL, HOLDS])
said = st.builds(Said, st.sampled_from(RECORD_IDS), st.one_of(contents, contents, contents, st.none()))
unreadable = st.builds(Unreadable, st.sampled_from([None, *RECORD_IDS]))
rows = st.lists(st.one_of(said, said, said, said, unreadable), max_size=4)
tables = st.dictionaries(st.sampled_from(ENTITIES), rows, min_size=1, max_size=2)
modes: st.SearchStrategy[Mode] = st.sampled_from(["bulk", "delta"])
picks = st.integers(0, 10_000)
shuffles = st.integers(0, 10_000)


class Meanings(RuleBasedStateMachine):
    """Rules are what can happen; the invariant is what the meanings promise after each."""

    system_factory: Callable[[], System]

    @initialize()
    def start(self) -> None:
        self.driver = Driver(type(self).system_factory())

    # agencies and the broker -------------------------------------------------------------------------------------

    @rule(agency=st.sampled_from(AGENCIES), mode=modes, tables=tables, judge_at_once=st.booleans())
    def pull(self, agency: str, mode: Mode, tables: dict[str, list[Row]], judge_at_once: bool) -> None:
        self.driver.pull(agency, mode, tables)
        if judge_at_once:
            self.driver.settle()

    @precondition(lambda self: self.driver.oracle.things)
    @rule(agency=st.sampled_from(AGENCIES), entity=st.sampled_from(ENTITIES), back=st.integers(0, 2))
    def send_again_what_was_said_before(self, agency: str, entity: str, back: int) -> None:
        """The whole file once more: as it last was (0), or as it was one or two changes ago."""
        mine = {r.record_id: things for r, things in self.driver.oracle.things.items() if r[:2] == (agency, entity)}
        before = [Said(record_id, things[max(-1 - back, -len(things))].content) for record_id, things in mine.items()]
        self.driver.pull(agency, "bulk", {entity: before})
        self.driver.settle()

    @precondition(lambda self: self.driver.manifests)
    @rule(chosen=st.lists(picks, min_size=1, max_size=6))
    def land_some_lines_in_any_order_and_any_number(self, chosen: list[int]) -> None:
        lines = self.driver.lines()
        self.driver.land([_one(lines, pick) for pick in chosen])

    @precondition(lambda self: self.driver.manifests)
    @rule(pick=picks, shuffle=shuffles)
    def redeliver_a_whole_batch(self, pick: int, shuffle: int) -> None:
        batch = _one(list(self.driver.manifests), pick)
        self.driver.land(_shuffled([line for line in self.driver.lines() if line[0] == batch], shuffle))

    @precondition(lambda self: self.driver.missing())
    @rule(shuffle=shuffles)
    def land_the_rest_and_judge(self, shuffle: int) -> None:
        self.driver.land(_shuffled(self.driver.missing(), shuffle))
        self.driver.judge()

    @rule()
    def judge(self) -> None:
        self.driver.judge()

    # officers ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.driver.oracle.decided)
    @rule(action=st.sampled_from([*MAY_DECIDE, "mend", "waive"]), pick=picks, content=contents)
    def decide_a_quarantined_row(self, action: str, pick: int, content: Content) -> None:
        entry = self._entry_for(action, pick)
        if action == "mend":
            record_id = self.driver.oracle.record_of(entry) or _one(RECORD_IDS, pick)
            self.driver.mend(entry, record_id, content)
        else:
            self.driver.decide(action, entry)

    def _entry_for(self, action: str, pick: int) -> EntryKey:
        """One for which the action makes sense, rather one that was decided before; else any."""
        oracle = self.driver.oracle
        possible = [entry for entry in sorted(oracle.decided) if oracle.may_decide(action, entry)]
        decided_before = [entry for entry in possible if oracle.decided[entry] != "open"]
        return _one(decided_before or possible or sorted(oracle.decided), pick)

    @precondition(lambda self: "mended" in self.driver.oracle.decided.values())
    @rule(pick=picks)
    def replay_mended_rows(self, pick: int) -> None:
        decided = self.driver.oracle.decided
        self.driver.replay(_one(sorted({entry.batch for entry in decided if decided[entry] == "mended"}), pick))

    @precondition(lambda self: {"open", "returned"} & set(self.driver.oracle.decided.values()))
    @rule(pick=picks, content=contents)
    def mend_and_replay_at_once(self, pick: int, content: Content) -> None:
        self.decide_a_quarantined_row(action="mend", pick=pick, content=content)
        self.replay_mended_rows(pick=pick)

    @precondition(lambda self: any(sent.status for sent in self.driver.oracle.sent.values()))
    @rule(action=st.sampled_from(["release_held", "refuse_held", "withdraw"]), pick=picks)
    def decide_a_batch(self, action: str, pick: int) -> None:
        wanted = "released" if action == "withdraw" else "held"
        sent = self.driver.oracle.sent
        possible: list[Batch] = [batch for batch in sent if sent[batch].status == wanted]
        self.driver.decide_batch(action, _one(possible or [batch for batch in sent if sent[batch].status], pick))

    # what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def everything_is_as_the_log_says(self) -> None:
        self.driver.check()

    def teardown(self) -> None:
        if hasattr(self, "driver"):
            self.driver.settle()
            self.driver.check()


def _one(things: list[Thing] | tuple[Thing, ...], pick: int) -> Thing:
    return things[pick % len(things)]


def _shuffled(things: list[Thing], shuffle: int) -> list[Thing]:
    return random.Random(shuffle).sample(things, len(things))


def make_machine(
    system_factory: Callable[[], System], *, max_examples: int, steps: int = 40, on_servers: bool = False
) -> type[TestCase]:
    """A test case that holds the systems of a factory, one fresh system an example, against the meanings.

    On servers the same examples come each time, and a failure is told as it was found: a smaller one costs minutes.
    """
    machine = type("MeaningsUnderTest", (Meanings,), {"system_factory": staticmethod(system_factory)})
    case: type[TestCase] = machine.TestCase
    case.settings = settings(
        max_examples=max_examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=on_servers,
        phases=[Phase.generate] if on_servers else [Phase.generate, Phase.shrink],
        report_multiple_bugs=not on_servers,
        suppress_health_check=list(HealthCheck),
    )
    return case
