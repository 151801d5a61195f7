"""Every word a page may need is there in both languages, and every rule says what it checks."""

from typing import get_args

from connectors import calendar
from expectations.decisions import decide, selection
from expectations.reports import words
from expectations.reports.facts import DIMENSIONS, PARTS
from expectations.rules import checks, suites

SUITES = suites.load()
RULES = [(rule, suite) for suite in SUITES.values() for rule in suite.rules]


def test_every_state_and_name_has_a_word():
    assert set(words.ARRIVALS) == set(get_args(calendar.State))
    assert set(words.DIMENSIONS) == set(words.QUESTIONS) == set(DIMENSIONS) == set(get_args(suites.Dimension))
    assert set(words.SEVERITIES) == set(get_args(suites.Severity))
    assert set(words.SCOPES) == set(get_args(suites.Scope))
    assert set(words.MEASURES) == set(get_args(checks.Measure))
    assert set(PARTS) < set(words.NAMES)
    assert set(words.ENTRY_STATES) == set(get_args(selection.Status))


def test_every_action_of_a_decision_has_a_word():
    assert set(words.ACTIONS) == {*get_args(decide.Action), "replay"}


def test_every_table_has_a_name_of_its_own():
    names = words.tables()
    assert set(names) == set(SUITES)
    assert len({name.zh for name in names.values()}) == len({name.en for name in names.values()}) == len(names)


def test_every_rule_says_what_it_checks():
    for rule, suite in RULES:
        said = words.checked(rule, suite)
        for text in (said.zh, said.en):
            assert text, rule.id
            assert text.count("`") % 2 == 0, rule.id
            assert "None" not in text, rule.id
        if isinstance(rule.check, suites.Failing | suites.Across):
            assert words.condition(rule), rule.id
