"""Rules about history and across entities are refused with their place when wrong; versions tell checks apart."""

import dataclasses

import pytest

from expectations.rules import changes, checks, page, rule_sql, suites, versions
from pipeline import contracts
from pipeline.errors import BadInput, ConfigurationError
from pipeline.settings import CHECKOUT

KNOWN = contracts.load_all(CHECKOUT / "contracts")
ENROLMENTS = KNOWN["oneroster", "enrollments"]
SUITES = suites.load()


@pytest.mark.parametrize(
    ("check", "complaint"),
    [
        ({"across": {"failing": "r.role in ({classes})"}}, "classes is not among what it sees"),
        ({"across": {"failing": "r.role = 'x'", "sees": ["classes"]}}, "sees classes and never looks"),
        ({"across": {"failing": "{planets}", "sees": ["planets"]}}, "has no entity 'planets'"),
        ({"across": {"failing": "{elsewhere}"}}, "says nothing of persons"),
        ({"across": {"sees": ["classes"]}}, "missing failing"),
        ({"history": {"measure": "beauty"}}, "measure must be one of volume"),
        ({"history": {"measure": "volume", "sides": "left"}}, "sides must be one of"),
        ({"history": {"measure": "volume", "column": "role"}}, "volume is not about a column"),
        ({"history": {"measure": "mean"}}, "mean is about a column"),
        ({"history": {"measure": "null_share", "column": "colour"}}, "has no column 'colour'"),
        ({"history": {"measure": "volume", "rows": 5}}, "volume has no threshold rows"),
    ],
)
def test_wrong_check_is_refused_with_its_place(check, complaint):
    with pytest.raises(ConfigurationError, match=f"here: .*{complaint}"):
        checks.read(check, ENROLMENTS, KNOWN, "here")


def test_history_has_its_usual_thresholds_unless_told_otherwise():
    check = checks.read({"history": {"measure": "null_share", "column": "role", "rows": 30}}, ENROLMENTS, KNOWN, "here")
    assert check.thresholds == {"batches": 8, "spread": 6, "change": 0.1, "rows": 30}
    assert check.sides == "high"


def test_every_reference_of_a_contract_has_its_rule():
    """OneRoster's referential closure, and that of every other source: each column that names a record is looked up."""
    for table, suite in SUITES.items():
        looked_up = {rule.check.column for rule in suite.rules if isinstance(rule.check, checks.Reference)}
        named = {field.column for field in suite.contract.landed_fields if field.reference}
        assert named <= looked_up, table


def test_what_a_rule_sees_never_mentions_the_row():
    """A relation that mentioned r would be read once a row instead of once a batch."""
    for suite in SUITES.values():
        for rule in suite.rules:
            if isinstance(rule.check, checks.Across):
                for seen in rule.check.sees.values():
                    assert " r." not in rule_sql._current(seen.table)
                assert "{" not in rule_sql.failing(rule, suite.table).replace("{6}", ""), rule.id


def test_version_is_of_the_check_and_nothing_else():
    rule = changes.find("oneroster__categories.weight_in_range")[1]
    same = dataclasses.replace(rule, title=suites.Text("另一标题", "Another title"), severity="info")
    assert versions.fingerprint(same) == versions.fingerprint(rule)
    assert versions.fingerprint(changes.with_thresholds(rule, ["max_value=99"])) != versions.fingerprint(rule)


def test_versions_of_different_rules_seldom_meet():
    known = [versions.fingerprint(rule) for suite in SUITES.values() for rule in suite.rules]
    assert all(len(version) == 16 for version in known)


def test_every_definition_can_be_kept_and_every_check_be_told():
    for suite in SUITES.values():
        for rule in suite.rules:
            assert versions.definition(rule)["check"]["kind"]
            assert page.check_text(rule)


def test_rule_that_is_not_there_is_told():
    with pytest.raises(BadInput, match=r"there is no rule planets\.x"):
        changes.find("planets.x")


def test_file_without_the_rule_is_told(tmp_path):
    suite, rule = changes.find("oneroster__categories.weight_in_range")
    (tmp_path / "a.yaml").write_text("rules: []", encoding="utf-8")
    with pytest.raises(BadInput, match=r"has no rule oneroster__categories\.weight_in_range"):
        changes.from_file(tmp_path / "a.yaml", rule, suite)
    with pytest.raises(BadInput, match="there is no file"):
        changes.from_file(tmp_path / "b.yaml", rule, suite)


def test_looser_threshold_is_the_rule_but_for_it():
    _, rule = changes.find("hr__employments.volume_halved")
    changed = changes.with_thresholds(rule, ["times=3"])
    assert changed.check.thresholds == {**rule.check.thresholds, "times": 3}
    assert (changed.id, changed.severity, changed.check.sides) == (rule.id, rule.severity, rule.check.sides)
