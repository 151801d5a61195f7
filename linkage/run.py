"""One look at everybody: what registers say, weighed, beside what people decided; only what differs is written.

A second run without news changes nothing. What it holds in memory names people, so it logs counts alone.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from linkage import gather, model, store
from linkage.decide import Candidate, Link, Persons
from linkage.keys import SourcePerson, of_record
from linkage.link import Say, link
from linkage.statements import Statement
from linkage.store import Asked, Head, Wanted
from linkage.words import Words
from pipeline import locks
from pipeline.db import connect, patiently, stage_run
from pipeline.settings import Settings

ROLE = "flyover_linker"
ID_RULE, WORD_RULE = "id-1", "decision"
_ALONE = "alone:"


@dataclass(frozen=True)
class RunReport:
    """What one look came to."""

    statements: int
    recorded: int
    superseded: int
    opened: int
    closed: int
    released_seq: int | None
    """None: nothing that core holds has moved"""

    @property
    def moved_anything(self) -> bool:
        """Whether the warehouse has to take something in."""
        return self.released_seq is not None


def link_persons(settings: Settings, *, version: str = model.CURRENT, say: Say = lambda _: None) -> RunReport:
    """Find out who is whom and write what is new; waits for another look, or a decision, to end.

    Before the first build there is nobody to look at. Idempotent; safe to repeat.
    """
    return patiently(lambda: _link(settings, version, say))


@dataclass(frozen=True)
class _Seen:
    """Everybody, by statement number: persons without a name and without an id are nobody that could be compared."""

    persons: list[SourcePerson]
    stated: list[uuid.UUID | None]
    others: list[tuple[int, uuid.UUID]]

    def add(self, told: gather.Told) -> Statement | None:
        """Take someone in; their statement, if anything can be said of them."""
        if told.stated_learner_key is None and told.full_name is None:
            return None
        number = len(self.persons)
        self.persons.append(told.person)
        self.stated.append(told.stated_learner_key)
        self.others.extend((number, key) for key in told.other_learner_keys)
        return told.statement(number)


def _link(settings: Settings, version: str, say: Say) -> RunReport:
    started = dt.datetime.now(dt.UTC)
    with (
        stage_run(settings, ROLE, "link", "all") as outcome,
        connect(settings, ROLE, autocommit=True) as guard,
    ):
        guard.execute("select pg_advisory_lock(%s)", (locks.LINKAGE,))
        if not gather.is_built(guard):
            return RunReport(0, 0, 0, 0, 0, None)
        chosen, seen = model.load(version), _Seen([], [], [])
        with connect(settings, ROLE) as reading:
            seen_seq = store.built_up_to(reading)
            statements = [
                statement
                for told in gather.everybody(reading, settings.secrets.vault_master_key)
                if (statement := seen.add(told))
            ]
            known = store.decisions(reading)
            words = known.words(seen.persons)
        found = link(statements, chosen, words, say=say)
        count = len(statements)
        del statements
        with connect(settings, ROLE) as writing:
            written = store.write(
                writing,
                wanted=_wanted(found.links, seen, words, version),
                asked=[*_asked(found, seen), *_two_ids(seen, known)],
                head=Head(version, started, count, seen_seq),
            )
        outcome["rows"] = written.recorded + written.superseded
    return RunReport(count, **vars(written))


def _wanted(links: Sequence[Link], seen: _Seen, words: Words, version: str) -> Iterator[Wanted]:
    """The links that should hold; who stands alone without being doubted has none."""
    company = {one.person for one in links if one.person.startswith(_ALONE) and one.weight is not None}
    for one in links:
        person, stated = seen.persons[one.statement_no], seen.stated[one.statement_no]
        learner = _learner(one.person, seen)
        if one.statement_no in words.same:
            yield Wanted(person, uuid.UUID(words.same[one.statement_no]), stated, "review", WORD_RULE, None)
        elif one.weight is not None or one.person in company:
            yield Wanted(person, learner, stated, "model", version, one.weight)
        elif stated is not None and one.person.startswith(_ALONE):
            rule = WORD_RULE if (one.statement_no, str(stated)) in words.apart else version
            yield Wanted(person, learner, stated, "set_apart", rule, None)
        elif stated is not None:
            yield Wanted(person, stated, stated, "exact_person_key", ID_RULE, None)


def _asked(found: Persons, seen: _Seen) -> Iterator[Asked]:
    for one in found.candidates:
        yield _question(one, seen)


def _question(one: Candidate, seen: _Seen) -> Asked:
    other = None if one.own_person is None else _learner(one.own_person, seen)
    return Asked(
        seen.persons[one.statement_no], _learner(one.person, seen), other, one.why, one.weight, dict(one.evidence)
    )


def _two_ids(seen: _Seen, known: store.Decisions) -> Iterator[Asked]:
    """Records of one number at one agency that carry several ids."""
    for number, other in seen.others:
        stated = seen.stated[number]
        if stated is not None and not known.settles(stated, other):
            yield Asked(seen.persons[number], other, stated, "one number, two ids", None, {})


def _learner(person: str, seen: _Seen) -> uuid.UUID:
    if person.startswith(_ALONE):
        return of_record(seen.persons[int(person.removeprefix(_ALONE))])
    return uuid.UUID(person)
