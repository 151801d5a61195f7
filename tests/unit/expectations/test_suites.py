"""The loader refuses what a rule file must not hold, and says where; the rules of this checkout hold together."""

import shutil
from pathlib import Path

import pytest
import yaml

from expectations.rules import page as rules_page
from expectations.rules import reasons, suites
from expectations.rules.checks import History
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT

CONTRACTS = CHECKOUT / "contracts"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "rules"
RULE = {
    "id": "oneroster__orgs.type_code",
    **{f"{text}_{language}": "…" for text in ("title", "why", "mend") for language in ("zh", "en")},
    "owner": "someone",
    "severity": "critical",
    "dimension": "validity",
    "scope": "row",
    "expect": {"type": "ExpectColumnValuesToBeInSet", "column": "type", "value_set": ["school"]},
}


def load_with(tmp_path, *rules, **changes):
    """Load a checkout's suites with the organisations' replaced."""
    directory = tmp_path / "suites"
    shutil.copytree(suites.SUITES, directory)
    document = {"rules": list(rules) or [{**RULE, **changes}]}
    (directory / "oneroster__orgs.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    return suites.load(directory, CONTRACTS)


def test_rule_is_read_as_written(tmp_path):
    (rule,) = load_with(tmp_path)["oneroster__orgs"].rules
    assert (rule.id, rule.severity, rule.scope, rule.quarantines, rule.holds) == (
        RULE["id"],
        "critical",
        "row",
        True,
        False,
    )


def test_id_there_twice_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="is there twice"):
        load_with(tmp_path, RULE, RULE)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"colour": "red"}, "unknown key colour"),
        ({"id": "oneroster__users.type_code"}, r"must begin with oneroster__orgs\."),
        ({"title_zh": "  "}, "title needs both languages"),
        ({"severity": "grave"}, "severity must be one of critical"),
        ({"dimension": "beauty"}, "dimension must be one of"),
        ({"scope": "world"}, "scope must be one of"),
        ({"scope": "delivery"}, "has scope delivery"),
        ({"scope": "table"}, "scope table does not fit"),
        ({"sql": {"failing": "true"}}, "exactly one of expect, sql, reference"),
        ({"expect": {"type": "ExpectColumnMeanToBeBetween", "column": "type"}}, "not one of the expectations we use"),
        ({"expect": {"type": "ExpectColumnValuesToBeInSet", "column": "type"}}, "needs value_set"),
        ({"expect": {**RULE["expect"], "mostly": 0.9}}, "has no argument mostly"),
        ({"expect": {**RULE["expect"], "column": "colour"}}, "has no column 'colour'"),
        ({"expect": {**RULE["expect"], "value_set": {"codes": "planets"}}}, r"no code list planets\.csv"),
    ],
)
def test_wrong_rule_is_refused_with_its_place(tmp_path, changes, complaint):
    with pytest.raises(ConfigurationError, match=complaint) as told:
        load_with(tmp_path, **changes)
    assert "oneroster__orgs.yaml" in str(told.value)


@pytest.mark.parametrize(
    ("reference", "complaint"),
    [
        ({"entity": "planets", "column": "parent_sourced_id", "to": "sourced_id"}, "has no entity 'planets'"),
        ({"entity": "orgs", "column": "parent", "to": "sourced_id"}, "oneroster__orgs has no column 'parent'"),
        ({"entity": "users", "column": "parent_sourced_id", "to": "name"}, "oneroster__users has no column 'name'"),
        ({"entity": "orgs", "column": "parent_sourced_id"}, "missing to"),
    ],
)
def test_reference_to_nothing_is_refused(tmp_path, reference, complaint):
    rule = {key: value for key, value in RULE.items() if key != "expect"} | {
        "scope": "delivery",
        "reference": reference,
    }
    with pytest.raises(ConfigurationError, match=complaint):
        load_with(tmp_path, rule)


def test_missing_translation_is_refused(tmp_path):
    rule = {key: value for key, value in RULE.items() if key != "mend_zh"}
    with pytest.raises(ConfigurationError, match="missing mend_zh"):
        load_with(tmp_path, rule)


def test_entity_without_a_suite_and_suite_without_an_entity_are_refused(tmp_path):
    directory = tmp_path / "suites"
    shutil.copytree(suites.SUITES, directory)
    (directory / "oneroster__planets.yaml").write_text("rules: []", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no contract of that name"):
        suites.load(directory, CONTRACTS)
    (directory / "oneroster__planets.yaml").rename(directory / "oneroster__orgs.yaml")
    (directory / "oneroster__orgs.yaml").unlink()
    with pytest.raises(ConfigurationError, match=r"write its suite oneroster__orgs\.yaml"):
        suites.load(directory, CONTRACTS)


def test_every_rule_has_a_failing_row_to_prove_it():
    for table, suite in suites.load().items():
        source, entity = table.split("__")
        case = yaml.safe_load((FIXTURES / f"{source}.yaml").read_text(encoding="utf-8"))[entity]
        named = {rule.id.split(".")[1] for rule in suite.row_rules} - {"unique_key"}
        assert named == set(case["failing"]), table
        whole = {r.id.split(".")[1] for r in suite.rules if r.scope == "table" and not isinstance(r.check, History)}
        assert whole - {"mass_deletion"} == set(case.get("whole", {})), table


def test_rules_fixed_by_other_parts_are_there():
    wanted = {
        "oneroster__enrollments": "user_known class_known school_known begins_before_end role_code unique_key",
        "oneroster__demographics": "sex_code birth_date_plausible user_known",
        "oneroster__users": "resident_id_valid resident_id_present unique_key",
        "oneroster__orgs": "division_known type_code parent_known",
        "oulad__student_assessment": "score_in_range student_known assessment_known",
        "oulad__student_info": "gender_code unique_key final_result_code",
        "oulad__student_vle": "clicks_positive site_known",
        "oulad__student_registration": "unregistered_after_registered student_known",
        "census__population_by_age": "population_not_negative age_in_range sex_code",
        "census__county_yearbook": "sexes_add_up education_adds_up level_code",
    }
    known = reasons.known()
    for table, names in wanted.items():
        assert {f"{table}.{name}" for name in names.split()} <= set(known)


def test_division_codes_know_the_retired_ones():
    (rule,) = (r for r in suites.load()["oneroster__orgs"].rules if r.id.endswith(".division_known"))
    codes = rule.check.arguments["value_set"]
    assert {"330106", "330103", "330104", "331021"} <= set(codes)
    assert "339999" not in codes
    assert all(len(code) == 6 and code.startswith("33") and not code.endswith("00") for code in codes)


def test_rules_page_is_what_the_suites_give():
    written = (CHECKOUT / rules_page.PAGE).read_text(encoding="utf-8")
    assert written == rules_page.render(suites.load()), "run ./flyover docs"


def test_reason_without_a_rule_shows_its_id():
    assert reasons.explain("gone.rule", reasons.known()).title.en == "gone.rule"
