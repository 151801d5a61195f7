"""What people have decided, as the linkage takes it in: it wins over the id and over every model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Words:
    """Statements go by number, persons as in :class:`~linkage.statements.Statement`."""

    same: Mapping[int, str] = field(default_factory=dict)
    """the person a statement is of"""
    apart: frozenset[tuple[int, str]] = frozenset()
    """a statement, and a person it is not of"""
    apart_statements: frozenset[tuple[int, int]] = frozenset()
    """two statements without an id that are not of one person, the lower number first"""
    apart_persons: frozenset[tuple[str, str]] = frozenset()
    """two persons with ids who are not one, in order"""
    stands_for: Mapping[str, str] = field(default_factory=dict)
    """persons that were merged, and whom each of them stands for"""


NONE = Words()
