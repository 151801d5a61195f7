"""Looser variants of a rule: each lets some row through that the rule keeps back.

An expectation is loosened in its arguments, a condition in SQL by its syntax tree: an alternative is taken out of an
``or``, ``>=`` becomes ``>``, a bound moves by one step. Left out are variants that no fixed example can tell from the
rule: bounds that move with the day of publishing, and other writings of a word that only we write (columns that begin
with an underscore).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlglot
from sqlglot import exp

from expectations.rules.suites import Expect, Failing, Rule

_MOVES = {exp.GTE: exp.GT, exp.LTE: exp.LT}
"""Of a condition true for a failing row: the same bound, now let through."""
_SHIFTS: Mapping[type[exp.Expression], int] = {exp.GT: 1, exp.GTE: 1, exp.LT: -1, exp.LTE: -1}
"""Which way a bound moves so that fewer rows lie behind it."""


@dataclass(frozen=True)
class Mutant:
    """A rule that was tampered with, and how."""

    rule: Rule
    how: str

    @property
    def name(self) -> str:
        """The rule and what was done to it."""
        return f"{self.rule.id}: {self.how}"


def of(rule: Rule) -> Iterator[Mutant]:
    """The rule switched off, and every looser variant of it."""
    yield Mutant(replace(rule, check=Failing("false")), "switched off")
    variants = _KINDS.get(type(rule.check))
    if variants is None:
        return
    for how, check in variants(rule.check):
        yield Mutant(replace(rule, check=check), how)


def _of_expectation(check: Expect) -> Iterator[tuple[str, Expect]]:
    arguments = check.arguments
    for bound, step in (("min_value", -1), ("max_value", 1)):
        limit = arguments.get(bound)
        if limit is not None:
            by = step if isinstance(limit, int) else step * 0.001
            yield f"{bound} {limit} moved by {by}", _with(check, **{bound: limit + by})
    if "regex" in arguments:
        for how, looser in _looser_patterns(arguments["regex"]):
            yield how, _with(check, regex=looser)
    if check.type == "ExpectColumnPairValuesAToBeGreaterThanB" and not arguments.get("or_equal"):
        yield "equal values let through", _with(check, or_equal=True)
    for code in arguments.get("value_set", ())[:1]:
        if isinstance(code, str) and code.lower() != code.upper() and not arguments["column"].startswith("_"):
            other = code.upper() if code != code.upper() else code.lower()
            yield f"{other!r} let through", _with(check, value_set=[*arguments["value_set"], other])


def _looser_patterns(pattern: str) -> Iterator[tuple[str, str]]:
    if pattern.startswith("^"):
        yield "anything before it let through", pattern[1:]
    if pattern.endswith("$"):
        yield "anything after it let through", pattern[:-1]
    for found in re.finditer(r"\{(\d+)\}", pattern):
        count = int(found[1])
        looser = f"{pattern[: found.start()]}{{{count - 1},{count + 1}}}{pattern[found.end() :]}"
        yield f"{found[0]} at {found.start()} one more or less", looser


def _with(check: Expect, **changed: Any) -> Expect:
    return replace(check, arguments={**check.arguments, **changed})


def _of_condition(check: Failing) -> Iterator[tuple[str, Failing]]:
    tree = sqlglot.parse_one(check.sql, dialect="postgres")
    seen = {_sql(tree)}
    for variant in _weaker(tree):
        text = _sql(variant)
        if text not in seen:
            seen.add(text)
            yield f"fails only when {text}", Failing(text)


def _weaker(node: exp.Expression) -> Iterator[exp.Expression]:
    """Conditions true for fewer rows."""
    if isinstance(node, exp.Paren):
        yield from (exp.Paren(this=inner) for inner in _weaker(node.this))
    elif isinstance(node, exp.Or):
        yield node.left.copy()
        yield node.right.copy()
        yield from _one_side(node, _weaker)
    elif isinstance(node, exp.And):
        yield from _one_side(node, _weaker)
    elif isinstance(node, exp.Not):
        yield from (exp.Not(this=inner) for inner in _stronger(node.this))
    elif isinstance(node, exp.Between):
        yield exp.And(this=exp.GT(this=node.this.copy(), expression=node.args["low"].copy()),
                      expression=exp.LTE(this=node.this.copy(), expression=node.args["high"].copy()))  # fmt: skip
        yield exp.And(this=exp.GTE(this=node.this.copy(), expression=node.args["low"].copy()),
                      expression=exp.LT(this=node.this.copy(), expression=node.args["high"].copy()))  # fmt: skip
    elif type(node) in _SHIFTS:
        if type(node) in _MOVES and not any(column.name == "_published_at" for column in node.find_all(exp.Column)):
            yield _MOVES[type(node)](this=node.left.copy(), expression=node.right.copy())
        yield from _moved(node, _SHIFTS[type(node)])


def _stronger(node: exp.Expression) -> Iterator[exp.Expression]:
    """Conditions true for more rows."""
    if isinstance(node, exp.Paren):
        yield from (exp.Paren(this=inner) for inner in _stronger(node.this))
    elif isinstance(node, exp.And):
        yield node.left.copy()
        yield node.right.copy()
        yield from _one_side(node, _stronger)
    elif isinstance(node, exp.Or):
        yield from _one_side(node, _stronger)
    elif isinstance(node, exp.Not):
        yield from (exp.Not(this=inner) for inner in _weaker(node.this))
    elif isinstance(node, exp.Between):
        for end, by in (("low", -1), ("high", 1)):
            wider = node.copy()
            wider.args[end].replace(_plus(node.args[end], by * _step(node.args[end])))
            yield wider
    elif isinstance(node, (exp.GT, exp.LT)):
        wider = exp.GTE if isinstance(node, exp.GT) else exp.LTE
        yield wider(this=node.left.copy(), expression=node.right.copy())
    elif isinstance(node, (exp.GTE, exp.LTE)):
        yield from _moved(node, -_SHIFTS[type(node)])


def _one_side(node: exp.Connector, change: Any) -> Iterator[exp.Expression]:
    for left in change(node.left):
        yield type(node)(this=left, expression=node.right.copy())
    for right in change(node.right):
        yield type(node)(this=node.left.copy(), expression=right)


def _moved(node: exp.Binary, by: int) -> Iterator[exp.Expression]:
    """The bound moved by one step, where it is a number that was written down."""
    literals = [literal for literal in node.right.find_all(exp.Literal) if not literal.is_string]
    if literals and not node.right.find(exp.Column):
        yield type(node)(this=node.left.copy(), expression=_plus(node.right, by * _step(node.right)))


def _step(node: exp.Expression) -> float:
    """The last place of a number that was written down: 1 of 60, 0.1 of 0.7."""
    written = [literal.this for literal in node.find_all(exp.Literal) if not literal.is_string]
    decimals = max((len(number.partition(".")[2]) for number in written), default=0)
    return float(f"1e-{decimals}") if decimals else 1


def _plus(node: exp.Expression, by: float) -> exp.Expression:
    return exp.Paren(this=exp.Add(this=copy.deepcopy(node), expression=exp.Literal.number(str(by))))


def _sql(node: exp.Expression) -> str:
    return node.sql(dialect="postgres")


_KINDS: Mapping[type, Any] = {Expect: _of_expectation, Failing: _of_condition}
