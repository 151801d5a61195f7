"""Random lives at the bank: whatever happens, in whatever order it is told, the ledger keeps its promises."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from ledger import play, rules
from ledger.book import Book
from ledger.events import Application, Deposit, Event, Revocation, Transfer
from ledger.postings import MAY_OWE, Booked, Posting, balances, difference, is_balanced, live, reversal
from tests.bank import deposit, history, on

RULES = rules.load()
TODAY = on(400)
HISTORIES = 300
SEEDS = range(HISTORIES)


class Paper:
    """A ledger of lists: what the one in the database does, without the database."""

    def __init__(self) -> None:
        self.lines: list[Booked] = []
        self.clock = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

    def post(self, events: Iterable[Event], today: dt.date = TODAY) -> int:
        self.clock += dt.timedelta(days=1)
        told = [(line, line.posting.key) for line in live(self.lines)]
        surplus, missing = difference(told, play.write(events, RULES, today).postings)
        before = len(self.lines)
        for line in surplus:
            self._add(reversal(line.posting), line.posting_id)
        for posting in missing:
            self._add(posting, None)
        return len(self.lines) - before

    def _add(self, posting: Posting, reverses: int | None) -> None:
        self.lines.append(Booked(len(self.lines) + 1, posting, self.clock, reverses))


def written(events: Iterable[Event]) -> Book:
    return play.write(events, RULES, TODAY)


def days_of(postings: Iterable[Posting]) -> list[dt.date]:
    return sorted({posting.effective_on for posting in postings})


def assert_never_negative(lines: Sequence[Booked], known: dt.datetime | None = None) -> None:
    for day in days_of(line.posting for line in lines):
        for (account, outcome, _), amount in balances(lines, day, known).items():
            assert amount >= 0 or account.kind in MAY_OWE, (account, outcome, day, amount)


def told_in_pieces(events: Sequence[Event], draw: random.Random) -> list[list[Event]]:
    """Deliveries that add to one another, in any order of the events; all of them in the end."""
    shuffled = draw.sample(events, len(events))
    cuts = sorted(draw.sample(range(len(shuffled) + 1), min(3, len(shuffled) + 1)))
    return [*(shuffled[:cut] for cut in cuts), shuffled]


def test_histories_have_everything_in_them():
    """The tests below say nothing about what never happens."""
    kinds, reasons, steps = set(), set(), set()
    for seed in SEEDS:
        lives = written(history(seed))
        kinds |= {posting.kind for posting in lives.postings}
        reasons |= {d.reason for d in lives.disagreements}
        steps |= {step for d in lives.disagreements for step in d.steps}
    assert kinds == {"deposit", "conversion", "transfer", "expiry", "revocation", "withdrawal"}
    assert reasons >= {
        "deposited_before", "void_before_deposit", "used_before_deposit", "void_before_transfer",
        "used_before_transfer", "outcome_not_deposited", "other_account", "stopped_by_rules", "less_than_rules_give",
    }  # fmt: skip
    assert steps == {"in_account", "overlap", "duplicates", "online_cap", "total_cap"}


def test_every_posting_sums_to_zero_and_so_does_the_whole():
    for seed in SEEDS:
        paper = Paper()
        for delivery in told_in_pieces(history(seed), random.Random(seed)):
            paper.post(delivery)
        assert all(is_balanced(line.posting) for line in paper.lines)
        assert all(entry.amount for line in paper.lines for entry in line.posting.entries)
        assert sum(balances(paper.lines, TODAY).values()) == 0


def test_no_account_is_overdrawn_on_any_day_as_known_at_any_time():
    for seed in SEEDS:
        paper = Paper()
        for delivery in told_in_pieces(history(seed), random.Random(seed)):
            paper.post(delivery)
            assert_never_negative(paper.lines)
        for known in {line.recorded_at for line in paper.lines}:
            assert_never_negative(paper.lines, known)


def test_nothing_is_spent_twice():
    """All that was ever recognised of an outcome, wherever, is no more than was laid in (or was transferred once)."""
    for seed in SEEDS:
        events = history(seed)
        used: dict[str, list] = defaultdict(list)
        laid_in: dict[str, list] = defaultdict(list)
        for posting in written(events).postings:
            for entry in posting.entries:
                if posting.kind in ("conversion", "transfer") and entry.amount > 0:
                    used[entry.outcome_id].append(entry.amount)
                if posting.kind == "deposit" and entry.amount > 0:
                    laid_in[entry.outcome_id].append(entry.amount)
        for outcome, amounts in used.items():
            stated = [e.credits for e in events if isinstance(e, Deposit) and e.outcome.outcome_id == outcome]
            stated += [e.credits for e in events if isinstance(e, Transfer) and e.outcome_id == outcome]
            assert len(laid_in[outcome]) <= 1
            assert sum(amounts) <= max(stated)


def test_caps_hold_in_every_programme():
    for seed in SEEDS:
        events = history(seed)
        most = defaultdict(int)
        for event in events:
            if isinstance(event, Application):
                most[event.programme_code] = max(most[event.programme_code], event.programme_credits / 2)
        for day in days_of(lives := written(events).postings):
            held: dict[str, list] = defaultdict(list)
            lines = [Booked(n, posting, dt.datetime.now(dt.UTC)) for n, posting in enumerate(lives)]
            for (account, *_), amount in balances(lines, day).items():
                if account.kind == "recognised" and account.programme_code in most:
                    held[account.programme_code].append(amount)
            assert all(sum(amounts) <= most[programme] for programme, amounts in held.items())


def test_telling_it_again_changes_nothing():
    for seed in SEEDS:
        paper, events = Paper(), history(seed)
        paper.post(events)
        assert paper.post(events) == 0
        assert paper.post(random.Random(seed).sample(events, len(events))) == 0
        assert paper.post([*events]) == 0


def test_the_order_of_telling_does_not_matter():
    for seed in SEEDS:
        events, orderly, paper = history(seed), Paper(), Paper()
        orderly.post(events)
        for delivery in told_in_pieces(events, random.Random(seed + 1)):
            paper.post(delivery)
        for day in [*days_of(line.posting for line in paper.lines), TODAY]:
            assert balances(paper.lines, day) == balances(orderly.lines, day)
        assert {line.posting.key for line in live(paper.lines)} == {line.posting.key for line in live(orderly.lines)}


def test_a_late_correction_is_a_reversal_and_what_was_known_stays_known():
    corrected = 0
    for seed in SEEDS:
        draw, paper, events = random.Random(seed), Paper(), history(seed)
        paper.post(events)
        before, then = balances(paper.lines, TODAY), paper.clock
        at = draw.choice([n for n, event in enumerate(events) if isinstance(event, Deposit)])
        paper.post([*events[:at], replace(events[at], credits=events[at].credits + 1), *events[at + 1 :]])
        assert balances(paper.lines, TODAY, then) == before
        corrected += any(line.reverses for line in paper.lines)
        for line in paper.lines:
            if line.reverses:
                undone = paper.lines[line.reverses - 1]
                assert line.posting.effective_on == undone.posting.effective_on
                assert undone.recorded_at < line.recorded_at
    assert corrected > HISTORIES / 3


def test_revocation_unwinds_what_rested_on_it():
    unwound = 0
    for seed in SEEDS:
        events = history(seed)
        outcome = random.Random(seed).choice([e for e in events if isinstance(e, Deposit)]).outcome.outcome_id
        events = [e for e in events if not (isinstance(e, Revocation) and e.outcome_id == outcome)]
        whole = written(events).postings
        last = max((posting.effective_on for posting in whole), default=on(0))
        revoked = [*events, Revocation(last + dt.timedelta(days=1), events[0].origin, outcome)]
        lines = [Booked(n, p, dt.datetime.now(dt.UTC)) for n, p in enumerate(written(revoked).postings)]
        left = {place: amount for place, amount in balances(lines, TODAY).items() if place[1] == outcome}
        assert all(account.kind in ("issued", "revoked", "expired", "withdrawn") for account, *_ in left)
        before = [Booked(n, p, dt.datetime.now(dt.UTC)) for n, p in enumerate(whole)]
        held = [p for p, amount in balances(before, TODAY).items() if p[1] == outcome and p[0].kind == "recognised"]
        unwound += bool(held)
    assert unwound > HISTORIES / 10


def test_nothing_that_is_due_later_is_posted_today():
    for seed in SEEDS:
        events = history(seed)
        paper = Paper()
        for today in (on(20), on(50), on(90), TODAY):
            paper.post(events, today)
            assert all(line.posting.effective_on <= today for line in paper.lines)
            if due := play.due(events, today):
                assert due > today
                assert paper.post(events, due - dt.timedelta(days=1)) == 0
        assert not any(line.reverses for line in paper.lines), "time alone undoes nothing"


def test_what_was_applied_for_in_time_waits_for_its_decision():
    from tests.bank import apply, expire

    events = [deposit(0, "a", 6), apply(40, "a", 4, applied=20), expire(30, "a")]
    paper = Paper()
    paper.post(events)
    lines = [(line.posting.kind, line.posting.effective_on, line.posting.entries[0].amount) for line in paper.lines]
    assert lines == [("deposit", on(0), 6), ("conversion", on(40), 4), ("expiry", on(41), 2)]
    pending = [deposit(0, "a", 6), apply(None, "a", 4, applied=20), expire(30, "a")]
    assert [posting.kind for posting in written(pending).postings] == ["deposit"]
    late = [deposit(0, "a", 6), apply(40, "a", 4, applied=35), expire(30, "a")]
    assert [posting.kind for posting in written(late).postings] == ["deposit", "expiry"]


@pytest.mark.parametrize("day", [10, 20])
def test_only_one_account_receives_an_outcome(day):
    first, second = deposit(10, "a", 6, record="d-1"), deposit(20, "a", 6, account="6230-0002", record="d-2")
    lives = written([first, second, replace(deposit(day, "b", 3), is_elsewhere=True)])
    assert [(posting.owner, posting.entries[0].outcome_id) for posting in lives.postings] == [("6230-0001", "a")]
    assert [d.reason for d in lives.disagreements] == ["deposited_before"] * 2
