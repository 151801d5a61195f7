"""Estimates the weights of a model from what registers say themselves: records of one valid id are of one person.

m is counted over such pairs, u over pairs drawn at random, both by Splink. The number's own level cannot be learnt so
(where both are valid they are equal); its m and u are set by hand, since a slip of the pen is one digit or two
neighbours (Damerau 1964: four in five of all slips).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from linkage import match
from linkage.model import ELSE, LEVELS, Model
from linkage.statements import Statement, load
from linkage.words import NONE

_BY_HAND = {"id_number": ((0.98, 1e-5), (0.02, 1 - 1e-5))}
_LEAST = 1e-7
RANDOM_PAIRS, SEED = 5_000_000, 1


def train(
    statements: Iterable[Statement],
    version: str,
    *,
    link_from: float,
    review_from: float,
    margin: float,
    random_pairs: int = RANDOM_PAIRS,
) -> Model:
    """A model estimated from statements; the thresholds are the caller's, who measures what they give."""
    with match.opened() as connection:
        load(connection, statements)
        match.take_words(connection, NONE)
        match.set_contested_apart(connection)
        connection.execute("create table stated as select * from statements")
        connection.execute(
            "create table entities as select statement_no as entity_no, * exclude (statement_no) from stated"
        )
        linker = match.linker_of(connection, None)
        linker.training.estimate_u_using_random_sampling(max_pairs=random_pairs, seed=SEED)
        linker.training.estimate_m_from_label_column("person_key")
        told = linker.misc.save_model_to_json()
        persons = connection.execute(
            "select count(*), count(distinct coalesce(person_key, entity_no::text)) from entities"
        )
        records, different = persons.fetchone() or (0, 0)
    weights = {
        comparison["output_column_name"]: {
            (level["label_for_charts"] if number < len(LEVELS[comparison["output_column_name"]]) else ELSE): (
                max(level.get("m_probability") or _LEAST, _LEAST),
                max(level.get("u_probability") or _LEAST, _LEAST),
            )
            for number, level in enumerate(comparison["comparison_levels"][1:])
        }
        for comparison in told["comparisons"]
    }
    for column, by_hand in _BY_HAND.items():
        labels = [label for label, _ in LEVELS[column]] + [ELSE]
        weights[column] = dict(zip(labels, by_hand, strict=True))
    pairs_of_one = records - different
    prior = 2 * pairs_of_one / (records * (records - 1)) if records > 1 else 1e-6
    return Model(version, prior, weights, link_from, review_from, margin)


def dated(day: dt.date) -> str:
    """Name for a version trained on a day."""
    return day.strftime("%Y%m%d")
