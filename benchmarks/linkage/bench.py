"""``./flyover bench linkage``: a million records of invented people, linked by the model and by a plain join."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.frame import Contender, Contest, Progress, compete
from benchmarks.linkage import known, quality
from benchmarks.linkage.quality import Quality
from benchmarks.meter import Meter, wall
from benchmarks.report import Goal, Report, Table, at_most, contest_table, machine, parts_table, runs_of

ROWS, SEED = 1_000_000, 1
MODEL, BY_HAND = "linkage", "by hand: id, else name, birth date and sex"
LEAST_PRECISION, LEAST_RECALL, MOST_S, MOST_MB = 0.999, 0.98, 60.0, 2048.0
_AIMED_AT = tuple(group for group in (quality.ALL, *known.GROUPS) if group != known.NO_VALID_ID)


@dataclass(frozen=True)
class Place:
    """Where the statements are, and where a contender writes whom it took each to be."""

    statements: Path
    persons: Path


def run(command: str, progress: Progress, *, rows: int | None = None, rounds: int = 5) -> Report:
    """Run the benchmark; it needs no server.

    :raises SystemTrouble: when a contender fails
    """
    facts = machine()
    with tempfile.TemporaryDirectory(prefix="flyover-bench-") as folder:
        path = Path(folder) / "statements.jsonl"
        progress(f"inventing {rows or ROWS:,} records of people")
        truth = known.write(path, rows or ROWS, SEED)
        place, look = partial(_place, path), partial(_look, truth)
        contest = compete(
            (
                Contender(BY_HAND, by_hand, place, import_engines, look),
                Contender(MODEL, link, place, import_engines, look),
            ),
            rounds=rounds,
            postmaster=None,
            progress=progress,
        )
    return _report(command, facts, contest, len(truth))


def link(place: Place, meter: Meter) -> None:
    """By the code that the task runs."""
    from linkage.link import link

    steps: Mapping[str, str] = {"loaded": "names, loading", "weighed": "blocking, weighing", "decided": "deciding"}
    persons = link(known.read(place.statements), reached=lambda step: meter.part(steps[step]))
    meter.part("rest")
    place.persons.write_bytes(msgspec.json.encode([one.person for one in persons.links]))


def by_hand(place: Place, meter: Meter) -> None:
    """What an engineer writes first: the id, else those of whom name, birth date and sex are the same."""
    from linkage import match, statements

    with match.opened() as connection:
        statements.load(connection, known.read(place.statements))
        meter.part("names, loading")
        found = connection.execute(_BY_HAND).fetchall()
        meter.part("joining")
    place.persons.write_bytes(msgspec.json.encode([person for (person,) in found]))


_BY_HAND = """
with known as (
    select name, born, sex, min(person_key) as person_key
    from statements
    where person_key is not null
    group by all
)
select coalesce(s.person_key, k.person_key, concat_ws('|', s.name, s.born, s.sex, s.statement_no))
from statements as s
left join known as k on s.name = k.name and s.born = k.born and s.sex = k.sex
order by s.statement_no
"""


def import_engines() -> None:
    """What a long-lived process has behind it."""
    import linkage.link  # noqa: F401 - for its being imported


@contextmanager
def _place(statements: Path) -> Iterator[Place]:
    persons = statements.with_name("persons.json")
    yield Place(statements, persons)
    persons.unlink(missing_ok=True)


def _look(truth: Sequence[known.Truth], place: Place) -> Mapping[str, Any]:
    persons = msgspec.json.decode(place.persons.read_bytes(), type=list[str])
    return {one.group: asdict(one) for one in quality.measure(truth, persons)}


def _report(command: str, facts: dict[str, Any], contest: Contest, rows: int) -> Report:
    found = {name: [Quality(**told) for told in runs[-1].outcome.values()] for name, runs in contest.runs.items()}
    columns = ("contender", "group", "true pairs", "found", "right", "precision", "recall")
    lines = [
        (name, one.group, one.true_pairs, one.found_pairs, one.right_pairs, _cut(one.precision), _cut(one.recall))
        for name, each in found.items()
        for one in each
    ]
    return Report(
        benchmark="linkage",
        command=command,
        machine=facts,
        tables=(
            contest_table("linkage", f"{rows:,} records linked to persons", contest),
            parts_table("parts", "Where the time went", contest, contest.runs),
            Table("quality", "Pairs found, overall and where a group has a part in them", columns, lines),
        ),
        goals=(*_goals(found[MODEL]), *_costs(contest)),
        runs=runs_of(contest),
    )


def _goals(found: Sequence[Quality]) -> Iterator[Goal]:
    aimed_at = [one for one in found if one.group in _AIMED_AT]
    for what, aim, worst in (
        ("precision", LEAST_PRECISION, min(aimed_at, key=lambda one: one.precision)),
        ("recall", LEAST_RECALL, min(aimed_at, key=lambda one: one.recall)),
    ):
        least = getattr(worst, what)
        yield Goal(f"{what}, worst group", f"≥ {aim:g}", f"{_cut(least)} ({worst.group})", least >= aim)


def _costs(contest: Contest) -> Iterator[Goal]:
    yield at_most("time", MOST_S, contest.median(MODEL, wall), " s")
    yield at_most("memory", MOST_MB, contest.peak_rss_mb(MODEL), " MB")


def _cut(share: float) -> float:
    """Five decimals, cut and not rounded: what is not whole never reads 1."""
    return int(share * 100_000) / 100_000
