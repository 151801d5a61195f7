"""SQL that notes which rules a row fails: one bit a rule, since nearly every row needs only the answer "none".

An array of rule ids for every row would cost more than most rules do; it is made of the bits of the rows that fail.
"""

from __future__ import annotations

from collections.abc import Sequence

from expectations.rules import rule_sql
from expectations.rules.suites import Rule
from pipeline.db import Literal

BITS = 62
"""Rules that one bigint has room for."""


class Marks:
    """The three pieces of SQL for the rules of one table; the row is ``r``."""

    def __init__(self, rules: Sequence[Rule], table: str) -> None:
        chunks = [rules[start : start + BITS] for start in range(0, len(rules), BITS)]
        places = [(number, bit, rule) for number, chunk in enumerate(chunks) for bit, rule in enumerate(chunk)]
        self.columns = ", ".join(f"{_sum(chunk, table)} as _failed_{number}" for number, chunk in enumerate(chunks))
        """``_failed_0, …`` of a row ``r``"""
        self.is_failing = " or ".join(f"_failed_{number} <> 0" for number, _ in enumerate(chunks))
        """whether any rule fails, of those columns"""
        self.rule_ids = ", ".join(
            f"case when _failed_{number} & {_bit(bit)} <> 0 then {_literal(rule.id)} end"
            for number, bit, rule in places
        )
        """id of each rule that fails, null for each that does not, of those columns"""


def _sum(rules: Sequence[Rule], table: str) -> str:
    return " + ".join(
        f"case when {rule_sql.failing(rule, table)} then {_bit(bit)} else 0 end" for bit, rule in enumerate(rules)
    )


def _bit(place: int) -> str:
    return f"{1 << place}::bigint"


def _literal(text: str) -> str:
    return Literal(text).as_string(None)
