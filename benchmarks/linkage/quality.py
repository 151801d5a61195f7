"""Pairwise precision and recall, over all pairs and over those a group has a part in.

A pair counts for a group when at least one of its two records belongs to it. Pairs are counted, not listed: a set of
n records holds n(n-1)/2 of them, and those a group has no part in are the pairs of the records outside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.linkage.known import GROUPS, Truth

ALL = "all records"


@dataclass(frozen=True)
class Quality:
    """How well the pairs of one group were found."""

    group: str
    true_pairs: int
    found_pairs: int
    right_pairs: int

    @property
    def recall(self) -> float:
        """Share of the true pairs that were found."""
        return self.right_pairs / self.true_pairs if self.true_pairs else 1.0

    @property
    def precision(self) -> float:
        """Share of the found pairs that are true."""
        return self.right_pairs / self.found_pairs if self.found_pairs else 1.0


def measure(truth: Sequence[Truth], persons: Sequence[str]) -> list[Quality]:
    """Quality over all records and in each group; ``persons`` in the order of the truth."""
    rows = list(zip(truth, persons, strict=True))
    outside = {group: [row for row in rows if group not in row[0].groups] for group in GROUPS}
    return [_of_group(ALL, rows, []), *(_of_group(group, rows, others) for group, others in outside.items())]


def _of_group(group: str, rows: Sequence[tuple[Truth, str]], outside: Sequence[tuple[Truth, str]]) -> Quality:
    def pairs(key: Callable[[tuple[Truth, str]], Hashable]) -> int:
        return _pairs(map(key, rows)) - _pairs(map(key, outside))

    return Quality(
        group,
        true_pairs=pairs(lambda row: row[0].person_no),
        found_pairs=pairs(lambda row: row[1]),
        right_pairs=pairs(lambda row: (row[0].person_no, row[1])),
    )


def _pairs(keys: Iterable[Hashable]) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(keys).values())
