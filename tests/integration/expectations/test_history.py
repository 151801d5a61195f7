"""Rules about history on a real database: what is like before passes, what is not is held or reported with evidence."""

import datetime as dt
import random
import time
import uuid

import pytest

from expectations.judging import history, judge, profile
from expectations.rules import suites, versions
from pipeline.db import connect
from tests.landed import Landing, Line, bulk_orgs, land_tables

ORGS = suites.load()["oneroster__orgs"]


def ask(settings, query, *parameters):
    with connect(settings, "flyover_owner") as connection:
        return connection.execute(query, parameters).fetchall()


def deliver_orgs(settings, agency, sizes, wrong=0):
    """Whole registers, one a day; the verdict on the last."""
    for rows in sizes:
        bulk_orgs(settings, agency, rows, wrong)
        (verdict,) = judge.judge_ready(settings, "oneroster")
    return verdict


def result(settings, batch, rule):
    ((passed, observed, evidence),) = ask(
        settings,
        "select passed, observed, evidence from quality.rule_result where batch_id = %s and rule_id = %s",
        batch, rule,
    )  # fmt: skip
    return passed, observed, evidence


@pytest.fixture
def agency():
    return f"test-{uuid.uuid4().hex[:8]}"


def test_register_that_halves_is_held_and_the_evidence_says_why(settings, agency):
    deliver_orgs(settings, agency, [200, 201, 199, 202, 200, 198, 203, 200, 201, 200])
    verdict = deliver_orgs(settings, agency, [90])
    assert (verdict.status, verdict.held) == ("held", 90)
    assert verdict.failed_rules == ("oneroster__orgs.volume_like_before", "oneroster__orgs.volume_halved")
    passed, observed, evidence = result(settings, verdict.batch_id, "oneroster__orgs.volume_halved")
    assert (passed, observed) == (False, "90")
    assert (evidence["observed"], evidence["low"], evidence["high"], evidence["baseline"]) == (90, 100, None, 200)
    assert (evidence["batches"], len(evidence["batch_ids"])) == (10, 10)
    assert evidence["because"]["en"] == (
        "90 rows; the median of the 10 batches before is 200. Only what is further off than 6 robust deviations (8.9) "
        "and a factor of 2 and 10 alarms: expected at least 100"
    )
    assert "此前 10 批的中位数为 200" in evidence["because"]["zh"]


def test_register_like_those_before_it_raises_no_alarm(settings, agency):
    deliver_orgs(settings, agency, [200, 201, 199, 202, 200, 198, 203, 200, 201, 200])
    verdict = deliver_orgs(settings, agency, [205])
    assert (verdict.status, verdict.failed_rules) == ("released", ())


def test_without_enough_history_it_passes_and_says_so(settings, agency):
    verdict = deliver_orgs(settings, agency, [200, 90])
    assert (verdict.status, verdict.failed_rules) == ("released", ())
    passed, _, evidence = result(settings, verdict.batch_id, "oneroster__orgs.volume_halved")
    assert passed
    assert evidence["observed"] is None
    assert "not enough history yet: 1 batches" in evidence["because"]["en"]


def test_batch_that_was_held_or_refused_is_no_history(settings, agency):
    deliver_orgs(settings, agency, [200] * 8)
    held = deliver_orgs(settings, agency, [60])
    assert held.status == "held"
    verdict = deliver_orgs(settings, agency, [200])
    assert verdict.failed_rules == ()
    _, _, evidence = result(settings, verdict.batch_id, "oneroster__orgs.volume_halved")
    assert evidence["batches"] == 8
    assert str(held.batch_id) not in evidence["batch_ids"]


def test_what_another_agency_sends_is_no_history(settings, agency):
    deliver_orgs(settings, f"{agency}-b", [200] * 8)
    verdict = deliver_orgs(settings, agency, [60])
    assert verdict.failed_rules == ()


def certificate(number, chance, **other):
    return {
        "birth_date": None, "sex": None, "certificate_no": f"c{number}", "certificate_kind": "职业技能等级",
        "occupation_code": "6-18-01", "skill_level": chance.choice(["五级", "四级", "三级"]), "issuer_uscc": None,
        "issue_date": dt.datetime.now(dt.UTC).date(), "valid_to": None, "revoked_date": None,
    } | other  # fmt: skip


def test_mix_of_codes_that_shifts_is_reported_with_what_moved(settings, agency):
    chance = random.Random(5)
    for _ in range(8):
        land_tables(settings, "hr", agency, {"skill_certificates": [certificate(n, chance) for n in range(220)]})
        (verdict,) = judge.judge_ready(settings, "hr")
        assert verdict.failed_rules == ()
    rows = [certificate(n, chance, skill_level="一级") for n in range(230)]
    land_tables(settings, "hr", agency, {"skill_certificates": rows})
    (verdict,) = judge.judge_ready(settings, "hr")
    assert (verdict.status, verdict.failed_rules) == ("released", ("hr__skill_certificates.level_mix_like_before",))
    _, _, evidence = result(settings, verdict.batch_id, "hr__skill_certificates.level_mix_like_before")
    assert evidence["observed"] > 1 > evidence["high"]
    assert "一级 0% → 100%" in evidence["because"]["en"]


def headcounts(year, factor):
    return [
        {
            "school_year": year, "institution_code": f"4133{n:06}", "form": "ordinary_ug", "origin_province": "33",
            "division_code": "330106", "headcount": (900 + 10 * n) * factor,
        }
        for n in range(40)
    ]  # fmt: skip


def test_return_in_another_unit_is_held(settings, agency):
    for year, factor, status in ((2023, 1, "released"), (2024, 1, "released"), (2025, 12, "held")):
        land_tables(settings, "returns", agency, {"higher_education": headcounts(year, factor)})
        (verdict,) = judge.judge_ready(settings, "returns")
        assert verdict.status == status
    assert "returns__higher_education.headcount_same_magnitude" in verdict.failed_rules


def term(number, start):
    return {
        "sourced_id": f"t{number}", "title": f"T{number}", "type": "semester", "start_date": start,
        "end_date": f"{start[:4]}-12-31", "parent_sourced_id": None, "school_year": int(start[:4]),
    }  # fmt: skip


def test_term_with_half_the_enrolments_of_the_last_is_reported(settings, agency):
    landing = Landing(settings, "oneroster", agency)

    def deliver(number, start, learners, first=0):
        """A term begins: the register lists its class and enrolments, those of the term before are gone."""
        school = {"sourced_id": "s", "name": "学校", "type": "school", "division_code": "330106"}
        klass = {"sourced_id": f"k{number}", "title": "k", "school_sourced_id": "s", "term_sourced_ids": f"t{number}"}
        landing.deliver(
            {
                "orgs": [Line(school, event_id=uuid.uuid4())],
                "academic_sessions": [Line(term(number, start), event_id=uuid.uuid4())],
                "classes": [Line(klass, event_id=uuid.uuid4())],
                "users": [Line({"sourced_id": f"u{n}", "enabled_user": True}) for n in range(first, learners)],
            }
        )
        judge.judge_ready(settings, "oneroster")
        enrolments = [
            {
                "sourced_id": f"k{number}-{n}", "class_sourced_id": f"k{number}", "school_sourced_id": "s",
                "user_sourced_id": f"u{n}", "role": "student", "begin_date": start,
            }
            for n in range(first, learners)
        ]  # fmt: skip
        landing.deliver({"enrollments": enrolments})
        (verdict,) = judge.judge_ready(settings, "oneroster")
        return verdict

    assert deliver(1, "2024-09-01", 198).failed_rules == (), "there is no term before"
    verdict = deliver(2, "2025-09-01", 90)
    assert verdict.failed_rules == ("oneroster__enrollments.against_last_term",)
    _, _, evidence = result(settings, verdict.batch_id, "oneroster__enrollments.against_last_term")
    assert (evidence["observed"], evidence["low"], evidence["baseline"]) == (90, 99, 198)
    assert deliver(2, "2025-09-01", 190, first=90).failed_rules == ()


def test_profile_holds_no_personal_value_and_no_value_outside_a_code_list(settings, agency):
    rows = [
        {"sourced_id": f"u{n}", "name": "王秘密", "type": "李机密" if n == 0 else "school", "division_code": "330106"}
        for n in range(5)
    ]
    batch = Landing(settings, "oneroster", agency).deliver({"orgs": rows})["orgs"]
    judge.judge_ready(settings, "oneroster")
    kept = ask(settings, "select measure, field, value, detail from quality.profile where batch_id = %s", batch)
    assert not any("秘密" in str(row) or "机密" in str(row) for row in kept)
    by_field = {(measure, field): (value, detail) for measure, field, value, detail in kept}
    assert by_field["codes", "type"][1] == {"school": 4, profile.OTHER: 1}
    assert by_field["null_share", "uscc"][0] == 1
    assert by_field["rows", ""][0] == 5


def test_personal_columns_give_the_share_of_their_nulls_alone(settings, agency):
    chance = random.Random(3)
    rows = [certificate(n, chance, birth_date="1970-03-04", sex="male") for n in range(20)]
    batch = land_tables(settings, "hr", agency, {"skill_certificates": rows})["skill_certificates"]
    judge.judge_ready(settings, "hr")
    kept = ask(
        settings,
        "select measure from quality.profile where batch_id = %s and field = any(%s)",
        batch,
        ["birth_date", "sex"],
    )
    assert kept == [("null_share",)] * 2


def test_profile_of_a_large_batch_costs_little(settings, agency):
    batch = bulk_orgs(settings, agency, 20_000, 0)
    with connect(settings, "flyover_judge") as connection:
        profile.write(connection, ORGS, batch)
        started = time.perf_counter()
        found = profile.write(connection, ORGS, batch)
        seconds = time.perf_counter() - started
    assert found.value("rows") == 20_000
    assert seconds < 1.5, "ten times slower than measured"


def test_absurd_figures_do_not_stop_the_judge(settings, agency):
    rows = [{**row, "headcount": 2_000_000_000} for row in headcounts(2025, 1)]
    land_tables(settings, "returns", agency, {"higher_education": rows})
    weights = [{"sourced_id": f"g{n}", "title": "g", "weight": float(w)} for n, w in enumerate(("nan", "inf", "1e308"))]
    batch = land_tables(settings, "oneroster", agency, {"categories": weights})["categories"]
    judge.judge_ready(settings, "returns")
    judge.judge_ready(settings, "oneroster")
    ((detail,),) = ask(settings, "select detail from quality.profile where batch_id = %s and measure = 'number'", batch)
    assert detail["n"] == 0


def test_results_name_the_version_that_judged(settings, agency):
    verdict = deliver_orgs(settings, agency, [10])
    found = dict(
        ask(settings, "select rule_id, fingerprint from quality.rule_result where batch_id = %s", verdict.batch_id)
    )
    assert found == {rule.id: versions.fingerprint(rule) for rule in ORGS.rules}
    known = ask(
        settings,
        "select rule_id, fingerprint, definition from quality.rule where rule_id like 'oneroster\\_\\_orgs.%%'",
    )
    assert {(rule, version) for rule, version, _ in known} == set(found.items())
    assert all(definition["title"]["zh"] and definition["check"]["kind"] for _, _, definition in known)


def test_measuring_again_changes_nothing(settings, agency):
    deliver_orgs(settings, agency, [30] * 9)
    batch = bulk_orgs(settings, agency, 30, 0)
    kept = []
    for _ in range(2):
        with connect(settings, "flyover_judge") as connection:
            history.note(connection, ORGS, batch)
        kept.append(
            [
                ask(settings, f"select * from quality.{table} where batch_id = %s order by 1, 2, 3", batch)
                for table in ("profile", "history")
            ]
        )
    assert kept[0] == kept[1]
    judge.judge_ready(settings, "oneroster")
