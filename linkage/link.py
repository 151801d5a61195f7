"""Statements in, persons out: the whole of linkage, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from linkage import match, model
from linkage.decide import Persons, decide
from linkage.model import Model
from linkage.statements import Statement, load
from linkage.words import NONE, Words

Say = Callable[[str], None]


def link(
    statements: Iterable[Statement],
    with_model: Model | None = None,
    words: Words = NONE,
    *,
    say: Say = lambda _: None,
    reached: Say = lambda _: None,
) -> Persons:
    """Find out which statements are of one person.

    ``say`` is told counts as the work goes on, and never a value; ``reached`` each step that has ended: loaded,
    weighed, decided.
    """
    used = with_model or model.load()
    with match.opened() as connection:
        say(f"{load(connection, statements):,} statements")
        reached("loaded")
        match.take_words(connection, words)
        say(f"{match.set_contested_apart(connection):,} contradict the id they carry")
        match.gather_entities(connection)
        say(f"{match.weigh(connection, used):,} pairs worth a look")
        reached("weighed")
        persons = decide(connection, used)
        reached("decided")
    say(f"{sum(one.weight is not None for one in persons.links):,} linked by what they say of a person")
    say(f"{len(persons.candidates):,} for a person to decide")
    return persons
