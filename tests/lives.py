"""One person's life as five sectors report it, released by hand: for tests of the file."""

from __future__ import annotations

import uuid

from connectors import data_keys
from pipeline import sealing
from pipeline.db import connect
from tests.released import OFFICE, SENIOR_UNIVERSITY, Released

SCHOOL, UNIVERSITY, BANK = "sch-lishui", "ou-zhejiang", "bank-zhejiang"
PERSON, CHILD = "1.grown", "1.child"
EMPLOYER, PROVIDER = "91339902MA0000013P", "52339902MA0000015K"


def live(warehouse: Released) -> None:
    """A woman of 1960 with something in every sector, and a pupil of 2016."""
    school = [
        ("oneroster__orgs", {"sourced_id": "s1", "name": "丽水一小", "type": "school", "identifier": "2133000001"}),
        ("oneroster__courses", {"sourced_id": "k1", "title": "数学", "org_sourced_id": "s1"}),
        (
            "oneroster__academic_sessions",
            {
                "sourced_id": "t1", "title": "2025", "type": "term", "school_year": 2026, "start_date": "2025-09-01",
                "end_date": "2026-07-01",
            },
        ),
        (
            "oneroster__classes",
            {
                "sourced_id": "c1", "title": "三(1)班", "course_sourced_id": "k1", "class_type": "scheduled",
                "school_sourced_id": "s1", "term_sourced_ids": "t1",
            },
        ),
        ("oneroster__users", {"sourced_id": "u1", "_person_key": CHILD}),
        ("oneroster__demographics", {"sourced_id": "u1", "birth_date": "2016-05-05", "sex": "male"}),
        (
            "oneroster__enrollments",
            {
                "sourced_id": "e1", "class_sourced_id": "c1", "school_sourced_id": "s1", "user_sourced_id": "u1",
                "role": "student",
            },
        ),
    ]  # fmt: skip
    for table, row in school:
        warehouse.release(table, SCHOOL, [row])
    student = {"code_module": "AAA", "code_presentation": "2015B", "id_student": "7"}
    course = {"code_module": "AAA", "code_presentation": "2015B", "module_presentation_length": 200}
    warehouse.release("oulad__courses", UNIVERSITY, [course])
    warehouse.release(
        "oulad__assessments", UNIVERSITY,
        [{"code_module": "AAA", "code_presentation": "2015B", "id_assessment": "9", "assessment_type": "TMA"}],
    )  # fmt: skip
    info = {
        **student, "_person_key": PERSON, "gender": "F", "cn_birth_date": "1960-02-29", "final_result": "Distinction",
        "cn_residence_division": "330106",
    }  # fmt: skip
    warehouse.release("oulad__student_info", UNIVERSITY, [info])
    warehouse.release("oulad__student_registration", UNIVERSITY, [{**student, "date_registration": -10}])
    warehouse.release(
        "oulad__student_assessment", UNIVERSITY,
        [{"id_assessment": "9", "id_student": "7", "date_submitted": 30, "is_banked": False, "score": 81}],
    )  # fmt: skip
    warehouse.release(
        "senior__enrolments", SENIOR_UNIVERSITY,
        [
            {
                "school_code": "4233100101", "term": "2024-autumn", "class_id": "c", "student_card_no": "5",
                "course_code": "书法", "_person_key": PERSON, "status": "completed", "enrol_date": "2024-08-20",
                "hours_attended": 30.0, "residence_division": "331102", "sex": "female",
            }
        ],
    )  # fmt: skip
    warehouse.release(
        "credit_bank__learning_outcomes", BANK,
        [
            {
                "outcome_id": f"urn:{title}", "_person_key": PERSON, "outcome_kind": "micro_credential", "title": title,
                "issuer_id": "urn:i", "issuer_title": "浙江学分银行", "credits": 2.5, "result": "优秀", "form": "csv",
                "awarded_on": "2025-06-01", "revoked_on": revoked,
            }
            for title, revoked in (("数据素养", None), ("插花", "2025-07-01"))
        ],
    )  # fmt: skip
    worker = {"_person_key": PERSON, "sex": "女"}
    warehouse.release(
        "hr__employments", OFFICE,
        [
            {
                **worker, "employment_id": "w1", "start_date": "1990-01-01", "end_date": "2015-02-28",
                "employer_uscc": EMPLOYER, "occupation_code": "6-18-01-01", "occupation_scheme": "GBT6565",
            }
        ],
    )  # fmt: skip
    warehouse.release(
        "hr__trainings", OFFICE,
        [
            {
                **worker, "training_id": "t1", "programme_name": "车工", "kind": "in-service",
                "provider_uscc": PROVIDER, "start_date": "2001-03-01", "end_date": "2001-04-30",
                "hours": 80, "result": "completed",
            }
        ],
    )  # fmt: skip
    warehouse.release(
        "hr__skill_certificates", OFFICE,
        [
            {
                **worker, "certificate_no": "z1", "certificate_kind": "职业技能等级", "occupation_code": "6-18-01-01",
                "skill_level": "三级", "issue_date": "2002-01-01", "valid_to": "2007-01-01", "issuer_uscc": PROVIDER,
            }
        ],
    )  # fmt: skip


def keep_name(
    warehouse: Released, table: str, agency: str, record_id: str, identity: bytes, *, subject: str = PERSON
) -> None:
    """Put the sealed side-car of a record into the vault; ``identity`` is its JSON."""
    source, entity = table.split("__")
    with connect(warehouse.settings, "flyover_owner") as connection:
        key = data_keys.ensure(connection, warehouse.settings.secrets.vault_master_key, [subject])[subject]
        connection.execute(
            "insert into vault.identity (agency_code, source, entity, record_id, version, person_key, subject, sealed) "
            "values (%s, %s, %s, %s, 1, %s, %s, %s)",
            (
                agency, source, entity, record_id, subject, subject,
                sealing.seal(key, identity, data_keys.context(subject)),
            ),
        )  # fmt: skip


def learner_of(warehouse: Released, person: str) -> uuid.UUID:
    """Key of the learner with this pseudonym."""
    ((key,),) = warehouse.rows(
        "select distinct learner_key from intermediate.int_persons__resolved where person_key = %s", person
    )
    return key
