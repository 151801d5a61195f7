"""The SQL of a rule quotes its values, and treats null as passing unless the rule is about null."""

import re

import pytest

from expectations.rules import rule_sql, suites
from expectations.rules.suites import Expect, Failing, Rule, Text

WORDS = Text("…", "…")


def rule(check, scope="row"):
    return Rule("t.r", WORDS, WORDS, WORDS, "o", "critical", "validity", scope, check)


@pytest.mark.parametrize(
    ("check", "sql"),
    [
        (Expect("ExpectColumnValuesToNotBeNull", {"column": "a"}), '(r."a" is null)'),
        (
            Expect("ExpectColumnValuesToBeInSet", {"column": "a", "value_set": ["x", "it's"]}),
            "(r.\"a\" not in ('x', 'it''s'))",
        ),
        (Expect("ExpectColumnValuesToBeBetween", {"column": "a", "min_value": 0}), '(r."a" < 0)'),
        (
            Expect("ExpectColumnValueLengthsToBeBetween", {"column": "a", "min_value": 1, "max_value": 2}),
            '(length(r."a") < 1 or length(r."a") > 2)',
        ),
        (
            Expect("ExpectColumnPairValuesAToBeGreaterThanB", {"column_A": "a", "column_B": "b", "or_equal": True}),
            '(not r."a" >= r."b")',
        ),
        (Expect("ExpectTableRowCountToBeBetween", {"min_value": 1}), "(m.judged_rows < 1)"),
    ],
)
def test_expectation_becomes_sql(check, sql):
    assert rule_sql.failing(rule(check), "t") == sql


def test_query_for_the_library_doubles_braces_and_always_joins():
    query = rule_sql.query(rule(Failing("r.a ~ '^[0-9]{2}$'")), "t")
    assert "[0-9]{{2}}" in query
    assert " cross join " in query
    assert query.format(batch="judging.t").startswith("select r._row_id from judging.t as r")


def test_percent_signs_of_a_rule_are_not_placeholders():
    assert rule_sql.trusted("r.a like 'x%'").as_string(None) == "r.a like 'x%%'"


def test_reference_is_uncorrelated_so_that_it_is_hashed_once():
    (known,) = (r for r in suites.load()["oneroster__enrollments"].rules if r.id.endswith(".user_known"))
    sql = rule_sql.failing(known, "oneroster__enrollments")
    inside = sql.split(" not in (", 1)[1]
    assert not re.search(r"\br\.", inside)
