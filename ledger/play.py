"""Plays the events about one holder in the order of their days and writes the holder's book.

A pure function of the events and the rules, so that deliveries may come in any order, twice or late: the same events
give the same postings. Nothing is spent that is not there, and what rested on a revoked outcome goes with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from ledger import conversion
from ledger.book import Book, Decided, Disagreement, Reason
from ledger.conversion import Assessed, Line, Room
from ledger.events import Application, Deposit, Event, Expiry, Origin, Revocation, Transfer, Withdrawal
from ledger.postings import Account, AccountKind, PostingKind, move
from ledger.rules import Rule, RuleBook

_NOTHING = Decimal(0)
_TURN: Mapping[type[object], int] = {
    Deposit: 0, Transfer: 1, Revocation: 2, Expiry: 3, Withdrawal: 4, Application: 5,
}  # fmt: skip

_GONE: Mapping[PostingKind, AccountKind] = {"expiry": "expired", "revocation": "revoked", "withdrawal": "withdrawn"}


def write(events: Iterable[Event], rules: RuleBook, today: dt.date) -> Book:
    """Play one holder's events up to ``today``; what is due later is not posted yet.

    The order of ``events`` plays no part. They must be of one agency.
    """
    player = _Player(rules)
    happened = [(day, event) for day, event in _dated(events) if day <= today]
    for (day, *_), group in groupby(sorted(happened, key=_turn), key=_turn):
        player.play(day, [event for _, event in group])
    return player.book


def due(events: Iterable[Event], today: dt.date) -> dt.date | None:
    """The next day on which something happens by itself, so that the holder must be looked at again."""
    return min((day for day, _ in _dated(events) if day > today), default=None)


def _dated(events: Iterable[Event]) -> Iterator[tuple[dt.date, Event]]:
    """Events with the day they take effect. What was applied for in time waits for its decision, not for expiry."""
    known = list(events)
    asked: dict[str, list[Application]] = {}
    for event in known:
        if isinstance(event, Application):
            asked.setdefault(event.outcome_id, []).append(event)
    for event in known:
        if isinstance(event, Expiry):
            decided = [a.day for a in asked.get(event.outcome_id, ()) if a.applied_on < event.day]
            days = [day for day in decided if day is not None]
            if len(days) == len(decided):
                yield max((event.day, *(day + dt.timedelta(days=1) for day in days))), event
        elif event.day is not None:
            yield event.day, event


def _turn(dated: tuple[dt.date, Event]) -> tuple[dt.date, int, str, str]:
    """The lines of an application are one turn; every other event has its own."""
    day, event = dated
    if isinstance(event, Application):
        return day, _TURN[Application], event.application_id, f"{event.institution_code}|{event.programme_code}"
    return day, _TURN[type(event)], event.origin.source_entity, event.origin.record_id


@dataclass(frozen=True, slots=True)
class _Use:
    """Where credits of an outcome went."""

    account: Account
    outcome_id: str
    is_online: bool


class _Player:
    """Plays events in their order and keeps what is left where."""

    def __init__(self, rules: RuleBook) -> None:
        self.book = Book()
        self._rules = rules
        self._deposits: dict[str, Deposit] = {}
        self._available: dict[str, Decimal] = {}
        self._uses: dict[_Use, Decimal] = {}
        self._void: set[str] = set()
        self._revoked: set[str] = set()

    def play(self, day: dt.date, events: Sequence[Event]) -> None:
        """One turn: the lines of one application, or one other event."""
        first = events[0]
        match first:
            case Application():
                self._apply(day, [event for event in events if isinstance(event, Application)])
            case Deposit():
                self._deposit(first)
            case Transfer():
                self._transfer(first)
            case Revocation():
                self._revoke(first)
            case Expiry():
                self._void.add(first.outcome_id)
                self._take_what_is_left("expiry", day, first)
            case Withdrawal():
                self._take_what_is_left("withdrawal", day, first)

    def _deposit(self, event: Deposit) -> None:
        outcome = event.outcome.outcome_id
        if event.is_elsewhere or outcome in self._deposits:
            return self._disagree(event, "deposited_before", event.credits, _NOTHING)
        if outcome in self._void:
            return self._disagree(event, "void_before_deposit", event.credits, _NOTHING)
        rule = self._rules.in_force(event.day)
        worth = (
            None
            if rule is None
            else rule.worth(event.outcome.kind, event.outcome.credits, event.outcome.framework, event.outcome.hours)
        )
        if worth is not None and worth != event.credits:
            self._disagree(event, "other_worth", event.credits, worth, rule=rule)
        amount = max(event.credits - self._used(outcome), _NOTHING)
        if amount != event.credits:
            self._disagree(event, "used_before_deposit", event.credits, amount)
        self._deposits[outcome], self._available[outcome] = event, amount
        issuer = Account(event.origin.agency_code, "issued", event.outcome.issuer_id)
        self._post("deposit", event.day, event.origin, event.owner, issuer, self._holds(outcome), amount, outcome)
        return None

    def _transfer(self, event: Transfer) -> None:
        outcome = event.outcome_id
        source = Account(event.origin.agency_code, "issued", event.teaching_institution_code)
        amount = event.credits
        if outcome is not None and outcome in self._void:
            return self._disagree(event, "void_before_transfer", event.credits, _NOTHING)
        if outcome is not None and outcome in self._deposits:
            source, amount = self._holds(outcome), min(amount, self._available[outcome])
            self._available[outcome] -= amount
        elif outcome is not None:
            amount = max(amount - self._used(outcome), _NOTHING)
        if amount != event.credits:
            self._disagree(event, "used_before_transfer", event.credits, amount)
        account = Account(
            event.origin.agency_code, "recognised", event.owner, event.institution_code, event.programme_code
        )
        shown_by = outcome or event.origin.record_id
        self._use(_Use(account, shown_by, is_online=False), amount)
        self._post("transfer", event.day, event.origin, event.owner, source, account, amount, shown_by)
        return None

    def _revoke(self, event: Revocation) -> None:
        """What is left of the outcome goes, and what any programme holds of it."""
        self._void.add(event.outcome_id)
        self._revoked.add(event.outcome_id)
        self._take_what_is_left("revocation", event.day, event)
        held: dict[Account, Decimal] = {}
        for use in [use for use in self._uses if use.outcome_id == event.outcome_id]:
            held[use.account] = held.get(use.account, _NOTHING) + self._uses.pop(use)
        for account, amount in held.items():
            gone = Account(account.agency_code, "revoked", account.owner)
            self._post("revocation", event.day, event.origin, account.owner, account, gone, amount, event.outcome_id)

    def _take_what_is_left(self, kind: PostingKind, day: dt.date, event: Revocation | Expiry | Withdrawal) -> None:
        outcome, to = event.outcome_id, _GONE[kind]
        if outcome in self._deposits:
            holds = self._holds(outcome)
            amount, self._available[outcome] = self._available[outcome], _NOTHING
            gone = Account(holds.agency_code, to, holds.owner)
            self._post(kind, day, event.origin, holds.owner, holds, gone, amount, outcome)

    def _apply(self, day: dt.date, applications: Sequence[Application]) -> None:
        first = applications[0]
        rule = self._rules.in_force(first.applied_on, first.institution_code)
        lines = [line for application in applications if (line := self._line(application, rule))]
        if rule is None or not lines:
            return
        for assessed in conversion.assess(lines, rule, self._room(first, rule)):
            self._convert(day, assessed, rule)

    def _line(self, application: Application, rule: Rule | None) -> Line | None:
        deposit = self._deposits.get(application.outcome_id)
        problem: Reason | None = None
        if deposit is None:
            problem = "outcome_not_deposited"
        elif deposit.owner != application.owner:
            problem = "other_account"
        elif rule is None:
            problem = "no_rule"
        if problem is not None or deposit is None:
            if application.said and problem:
                self._disagree(application, problem, application.said, _NOTHING)
            return None
        outcome = deposit.outcome
        return Line(application, outcome.kind, outcome.title, self._available[outcome.outcome_id])

    def _room(self, application: Application, rule: Rule) -> Room:
        at = (application.institution_code, application.programme_code)
        here = {
            use: amount
            for use, amount in self._uses.items()
            if (use.account.institution_code, use.account.programme_code) == at
        }
        highest: dict[str, Decimal] = {}
        used: dict[str, Decimal] = {}
        for outcome, deposit in self._deposits.items():
            title = rule.base_title(deposit.outcome.title)
            if outcome not in self._revoked:
                highest[title] = max(highest.get(title, _NOTHING), deposit.credits)
            used[title] = used.get(title, _NOTHING) + self._used(outcome)
        online = sum((amount for use, amount in here.items() if use.is_online), _NOTHING)
        return Room(sum(here.values(), _NOTHING), online, highest, used)

    def _convert(self, day: dt.date, assessed: Assessed, rule: Rule) -> None:
        application, amount = assessed.line.application, assessed.recognised
        self.book.decided.append(Decided(assessed, rule))
        holds = self._holds(application.outcome_id)
        account = Account(
            holds.agency_code, "recognised", application.owner, application.institution_code, application.programme_code
        )
        self._available[application.outcome_id] -= amount
        self._use(_Use(account, application.outcome_id, application.is_online), amount)
        self._post(
            "conversion", day, application.origin, application.owner, holds, account, amount, application.outcome_id,
            rule=rule,
        )  # fmt: skip
        if application.said > amount:
            self._disagree(application, "stopped_by_rules", application.said, amount, assessed.bit, rule)
        elif assessed.could_be_more:
            self._disagree(application, "less_than_rules_give", application.said, assessed.by_rules, rule=rule)

    def _holds(self, outcome: str) -> Account:
        deposit = self._deposits[outcome]
        return Account(deposit.origin.agency_code, "available", deposit.owner)

    def _used(self, outcome: str) -> Decimal:
        return sum((amount for use, amount in self._uses.items() if use.outcome_id == outcome), _NOTHING)

    def _use(self, use: _Use, amount: Decimal) -> None:
        if amount:
            self._uses[use] = self._uses.get(use, _NOTHING) + amount

    def _post(
        self, kind: PostingKind, day: dt.date, origin: Origin, owner: str, taken: Account, given: Account,
        amount: Decimal, outcome: str, *, rule: Rule | None = None,
    ) -> None:  # fmt: skip
        if amount:
            deposit = self._deposits.get(outcome)
            version, category = None if rule is None else rule.version, None if deposit is None else deposit.category
            posting = move(
                kind, day, origin, owner, taken, given, amount, outcome, rule_version=version, category=category
            )
            self.book.postings.append(posting)

    def _disagree(
        self,
        event: Deposit | Transfer | Application,
        reason: Reason,
        bank_says: Decimal,
        rules_give: Decimal,
        steps: Sequence[str] = (),
        rule: Rule | None = None,
    ) -> None:
        self.book.disagreements.append(
            Disagreement(
                event.origin,
                event.owner,
                reason,
                bank_says,
                rules_give,
                tuple(steps),
                None if rule is None else rule.version,
            )
        )
