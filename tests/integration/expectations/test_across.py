"""Persons and records across entities and agencies: what contradicts is found, by whose word is never told."""

import uuid

import pytest

from expectations.decisions import batches
from expectations.decisions.people import Actor
from expectations.judging import judge
from expectations.judging.planning import rules_planned
from expectations.rules import rule_sql, suites
from pipeline.db import connect
from tests.landed import Landing, Line

MAN = {"birth_date": "1980-05-12", "sex": "male"}


def ask(settings, query, *parameters):
    with connect(settings, "flyover_owner") as connection:
        return connection.execute(query, parameters).fetchall()


def employment(key, number=1, **other):
    return {
        "employment_id": f"e{number}", "employment_form": "self", "start_date": "2019-09-01", "occupation_code": "9621",
        "workplace_division": "331102", "industry_code": "T9700", "_person_key": key, "_id_status": "valid",
    } | MAN | other  # fmt: skip


def enrolment(key, **other):
    return {
        "school_code": "4233100101", "term": "2024-autumn", "class_id": "k", "student_card_no": "s1",
        "course_code": "c",
        "enrol_date": "2024-09-02", "status": "enrolled", "residence_division": "330106", "_person_key": key,
        "_id_status": "valid",
    } | MAN | other  # fmt: skip


def outcome(key, **other):
    return {
        "outcome_id": "urn:o:1", "outcome_kind": "certificate", "title": "t", "issuer_id": "i",
        "awarded_on": "2020-06-01",
        "form": "csv", "_person_key": key, "_id_status": "valid",
    } | MAN | other  # fmt: skip


def judged(settings, source, entity, *rows, agency=None):
    landing = Landing(settings, source, agency)
    landing.deliver({entity: [row if isinstance(row, Line) else Line(row) for row in rows]})
    (verdict,) = judge.judge_ready(settings, source)
    return verdict


@pytest.fixture
def key():
    return f"v1.{uuid.uuid4().hex}"


def test_two_sexes_for_one_id_are_found_across_sources(settings, key):
    judged(settings, "hr", "employments", employment(key))
    verdict = judged(settings, "credit_bank", "learning_outcomes", outcome(key, sex="female"))
    assert verdict.failed_rules == ("credit_bank__learning_outcomes.sex_same_elsewhere",)
    assert verdict.released == 1


def test_words_for_a_sex_may_differ(settings, key):
    judged(settings, "hr", "employments", employment(key, sex="男"))
    assert judged(settings, "credit_bank", "learning_outcomes", outcome(key, sex="1")).failed_rules == ()
    assert judged(settings, "hr", "employments", employment(key, sex="9")).failed_rules == ()


def test_two_birth_dates_for_one_id_are_found_across_sources(settings, key):
    judged(settings, "hr", "employments", employment(key))
    verdict = judged(settings, "credit_bank", "learning_outcomes", outcome(key, birth_date="1981-05-12"))
    assert verdict.failed_rules == ("credit_bank__learning_outcomes.birth_date_same_elsewhere",)


def test_employed_before_16_is_found_by_a_birth_date_only_another_knows(settings, key):
    judged(settings, "credit_bank", "learning_outcomes", outcome(key))
    early = employment(key, start_date="1996-05-11", birth_date=None)
    verdict = judged(settings, "hr", "employments", early)
    assert verdict.failed_rules == ("hr__employments.of_working_age_elsewhere",)
    assert judged(settings, "hr", "employments", early | {"start_date": "1996-05-12"}).failed_rules == ()


def test_awarded_before_birth_is_found_by_a_birth_date_only_another_knows(settings, key):
    judged(settings, "hr", "employments", employment(key))
    verdict = judged(
        settings, "credit_bank", "learning_outcomes", outcome(key, birth_date=None, awarded_on="1979-01-01")
    )
    assert verdict.failed_rules == ("credit_bank__learning_outcomes.awarded_after_birth_elsewhere",)


def test_demographics_are_of_the_person_the_users_name(settings, key):
    judged(settings, "hr", "employments", employment(key))
    landing = Landing(settings, "oneroster")
    landing.deliver(
        {
            "users": [{"sourced_id": "u1", "enabled_user": True, "_person_key": key, "_id_status": "valid"}],
            "demographics": [{"sourced_id": "u1", "birth_date": "1980-05-12", "sex": "female"}],
        }
    )
    verdicts = {verdict.entity: verdict.failed_rules for verdict in judge.judge_ready(settings, "oneroster")}
    assert verdicts == {"users": (), "demographics": ("oneroster__demographics.sex_same_elsewhere",)}
    verdict = judged(settings, "senior", "enrolments", enrolment(key, sex="male"))
    assert "senior__enrolments.sex_same_elsewhere" in verdict.failed_rules, "what demographics say counts for others"


def test_own_earlier_word_is_no_contradiction(settings, key):
    agency = f"test-{uuid.uuid4().hex[:8]}"
    judged(settings, "hr", "employments", employment(key), agency=agency)
    corrected = Line(employment(key, sex="female"), version=2)
    assert judged(settings, "hr", "employments", corrected, agency=agency).failed_rules == ()


def test_two_rows_of_one_batch_that_disagree_are_both_reported(settings, key):
    verdict = judged(
        settings, "hr", "employments", employment(key), employment(key, 2, sex="female", start_date="2020-01-01")
    )
    assert verdict.failed_rules == ("hr__employments.sex_same_elsewhere",)
    ((failed,),) = ask(
        settings,
        "select failed from quality.rule_result where batch_id = %s and rule_id = 'hr__employments.sex_same_elsewhere'",
        verdict.batch_id,
    )
    assert failed == 2


def test_what_was_deleted_withdrawn_or_kept_back_proves_nothing(settings, key):
    agency = f"test-{uuid.uuid4().hex[:8]}"
    judged(settings, "hr", "employments", employment(key), agency=agency)
    judged(settings, "hr", "employments", Line(deleted=True, record_id="e1", version=2), agency=agency)
    wrong = judged(settings, "hr", "employments", employment(key, workplace_division="339999"))
    assert wrong.quarantined == 1
    withdrawn = judged(settings, "hr", "employments", employment(key))
    batches.withdraw(settings, withdrawn.batch_id, reason="sent by mistake", actor=Actor("li"))
    assert judged(settings, "credit_bank", "learning_outcomes", outcome(key, sex="female")).failed_rules == ()


def test_nobody_is_told_whose_word_it_was(settings, key):
    columns = ask(
        settings,
        "select column_name from information_schema.columns where table_schema = 'landing' "
        "and table_name = 'person_elsewhere'",
    )
    assert {name for (name,) in columns} == {"batch_id", "row_id", "sex_differs", "birth_date_differs", "birth_date"}
    judged(settings, "hr", "employments", employment(key))
    verdict = judged(
        settings, "credit_bank", "learning_outcomes", outcome(key, birth_date="1981-05-12", outcome_id="x")
    )
    told = ask(settings, "select * from quality.rule_result where batch_id = %s and not passed", verdict.batch_id)
    assert "1980" not in str(told)


def test_looking_persons_up_does_not_read_the_whole_past(settings, key):
    judged(settings, "hr", "employments", employment(key))
    plan = "select f.sex from (select %s as person_key) as p inner join landing.person_fact as f using (person_key)"
    with connect(settings, "flyover_owner") as connection:
        connection.execute(
            "insert into landing.person_fact select 'a', 'hr__employments', n::text, 'v1.' || n, 'male', null, 1, "
            "gen_random_uuid() from generate_series(1, 20000) as n"
        )
        connection.execute("analyze landing.person_fact")
        told = "\n".join(line for (line,) in connection.execute(f"explain {plan}", ("v1.7",)))
        connection.rollback()
    assert "Seq Scan" not in told


@pytest.mark.parametrize("rule", ["two_schools_at_once", "school_of_class", "begins_after_birth"])
def test_what_a_rule_sees_of_other_entities_is_read_once_a_batch(settings, rule):
    """Else each row would search the other table, and a large delivery would take hours."""
    (found,) = (r for r in suites.load()["oneroster__enrollments"].rules if r.id.endswith(f".{rule}"))
    query = rule_sql.query(found, "oneroster__enrollments").format(batch="judging.oneroster__enrollments")
    with connect(settings, "flyover_owner") as connection:
        connection.execute("select set_config('flyover.batch_id', %s, true)", (str(uuid.uuid4()),))
        with rules_planned(connection):
            told = "\n".join(line for (line,) in connection.execute(rule_sql.trusted(f"explain {query}"), {}))
    assert "hashed SubPlan" in told or "Semi Join" in told
    looped = [line for line in told.splitlines() if "Join Filter" in line and "sourced_id" in line and " = " in line]
    assert not looped, "without statistics a join of what has just landed must still be hashed"
