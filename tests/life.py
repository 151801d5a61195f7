"""A small world that agencies report on, for tests of core: the same things told again, late, wrong, and taken back."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol

from tests.released import LEARNING_SYSTEM, OFFICE, SENIOR_UNIVERSITY

FIRST_ROUND = dt.datetime(2025, 9, 1, 4, tzinfo=dt.UTC)
SCHOOL, UNIVERSITY = "sch-lishui", "ou-zhejiang"
CLASSES, PUPILS, STUDENTS = range(6), range(40), range(30)
WORKERS, CARDS = range(30), range(12)
FIRST_SHARE, LATER_SHARE = 0.9, 0.2  # of the records, in a round: most of a later round's facts are touched by others
DAYS = range(1, 29)
VERBS = "http://adlnet.gov/expapi/verbs/"
FIRST_DAYS = (None, None, "2025-02-01")
STATUSES = ("enrolled", "suspended", "completed", "withdrawn")


class Takes(Protocol):
    """What a life is told to: a warehouse (tests.released), or a script of what was told."""

    def release(
        self, table: str, agency: str, rows: Iterable[dict[str, Any]], *, quarantined: Sequence[dict[str, Any]] = ()
    ) -> uuid.UUID:
        """Land and release a batch."""

    def withdraw(self, batch_id: uuid.UUID) -> None:
        """Take a batch back."""

    def waive(self, batch_id: uuid.UUID) -> None:
        """Let a batch's quarantined rows pass."""

    def lapse(self, batch_id: uuid.UUID) -> None:
        """End that waiver."""


class Life:
    """Versions rise, some are held back and delivered later; what a version says never changes again."""

    def __init__(self, warehouse: Takes, seed: int) -> None:
        self.warehouse, self.random = warehouse, random.Random(seed)
        self.rounds = 0
        self.versions: Counter[tuple[str, str]] = Counter()
        self.late: list[tuple[str, str, dict]] = []
        self.batches: list = []
        self.waivable: list = []
        self.waived: list = []

    def live_a_while(self, only: Collection[str] = ()) -> None:
        """Something of everything; then a batch withdrawn, a waiver given, a waiver ended. Or ``only`` some tables."""
        if not only:
            self._deliver_late()
        share = LATER_SHARE if self.rounds else FIRST_SHARE
        self.rounds += 1
        for agency, table, keys, make in self._world():
            if only and table not in only:
                continue
            likely = max(share, 2 / len(keys))  # of a few terms or courses one must change to touch many facts
            rows = [self._next(table, key, make(key)) for key in keys if self.random.random() < likely]
            held_back = [row for row in rows if self.random.random() < 0.1]
            self.late += [(agency, table, row) for row in held_back]
            good = [row for row in rows if row not in held_back]
            for part in (good[::2], good[1::2]):
                bad = [part.pop()] if len(part) > 1 and self.random.random() < 0.3 else []
                if part:
                    self.batches.append(self.warehouse.release(table, agency, part, quarantined=bad))
                if bad:
                    self.waivable.append(self.batches[-1])
        if only:
            return
        for decide, choices, kept in (
            (self.warehouse.lapse, self.waived, None),
            (self.warehouse.waive, self.waivable, self.waived),
            (self.warehouse.withdraw, self.batches, None),
        ):
            if choices:
                batch = choices.pop(self.random.randrange(len(choices)))
                decide(batch)
                if kept is not None:
                    kept.append(batch)

    def _deliver_late(self) -> None:
        """What was held back arrives after newer versions of the same records."""
        self.random.shuffle(self.late)
        while len(self.late) > 3:
            agency, table, row = self.late.pop()
            self.batches.append(self.warehouse.release(table, agency, [row]))

    def _next(self, table: str, key: str, row: dict) -> dict:
        self.versions[table, key] += 1
        day = FIRST_ROUND + dt.timedelta(days=30 * self.rounds + self.random.randrange(30))
        stated = self.random.choice((None, None, day - dt.timedelta(days=self.random.randrange(90))))
        return {
            **row, "_version": self.versions[table, key], "_is_deleted": self.random.random() < 0.05,
            "_published_at": day, "_source_modified_at": stated,
        }  # fmt: skip

    def _world(self):
        pick = self.random.choice
        term = lambda key: {"sourced_id": key, "title": key, "type": "term", "school_year": 2026}  # noqa: E731
        presentation = {"code_module": "M1", "code_presentation": "2025B"}
        student = lambda key: {**presentation, "id_student": key}  # noqa: E731
        person = lambda key: {"_person_key": pick((None, f"1.{key}", "1.shared"))}  # noqa: E731
        yield SCHOOL, "oneroster__academic_sessions", ["t1", "t2", "t3", "t4"], lambda key: {
            **term(key), "start_date": f"2025-09-{pick(DAYS):02}", "end_date": f"2026-07-{pick(DAYS):02}",
        }  # fmt: skip
        yield SCHOOL, "oneroster__classes", [f"c{n}" for n in CLASSES], lambda key: {
            "sourced_id": key, "title": key, "course_sourced_id": pick(("k1", "k2")), "class_type": "homeroom",
            "school_sourced_id": "s1", "term_sourced_ids": pick(("t1", "t2", "t3,t4", "t4, t1")),
        }  # fmt: skip
        yield SCHOOL, "oneroster__users", [f"u{n}" for n in PUPILS], lambda key: {
            "sourced_id": key, **person(key), "residence_division": pick(("331102", "331125", None)),
        }  # fmt: skip
        yield SCHOOL, "oneroster__roles", [f"r{n}" for n in PUPILS], lambda key: {
            "sourced_id": key, "user_sourced_id": f"u{pick(PUPILS)}", "org_sourced_id": pick(("s1", "s2")),
            "role": pick(("student", "student", "teacher")), "role_type": "primary",
            "begin_date": pick((None, "2025-09-01", "2025-12-01")), "end_date": pick((None, "2026-07-01")),
        }  # fmt: skip
        yield SCHOOL, "oneroster__demographics", [f"u{n}" for n in PUPILS], lambda key: {
            "sourced_id": key, "birth_date": pick(("2010-02-28", "2011-01-01")),
            "sex": pick(("male", "female", "other")),
        }  # fmt: skip
        yield SCHOOL, "oneroster__enrollments", [f"e{n}" for n in PUPILS], lambda key: {
            "sourced_id": key, "class_sourced_id": f"c{pick(CLASSES)}", "school_sourced_id": "s1",
            "user_sourced_id": f"u{pick(PUPILS)}", "role": pick(("student", "student", "teacher")),
            "begin_date": pick(FIRST_DAYS), "end_date": pick(("2026-07-01", None)),
        }  # fmt: skip
        yield SCHOOL, "oneroster__line_items", ["l1", "l2", "l3"], lambda key: {
            "sourced_id": key, "title": key, "class_sourced_id": f"c{pick(CLASSES)}", "result_value_min": 0.0,
            "result_value_max": pick((10.0, 100.0, None)),
        }  # fmt: skip
        yield SCHOOL, "oneroster__results", [f"r{n}" for n in PUPILS], lambda key: {
            "sourced_id": key, "line_item_sourced_id": pick(("l1", "l2", "l3")), "score": pick((4.0, 9.0)),
            "student_sourced_id": f"u{pick(PUPILS)}", "score_status": pick(("fully graded", "exempt")),
        }  # fmt: skip
        yield UNIVERSITY, "oulad__courses", ["M1"], lambda key: {
            **presentation, "module_presentation_length": pick((200, 268)),
        }  # fmt: skip
        yield UNIVERSITY, "oulad__assessments", ["7", "8"], lambda key: {
            **presentation, "id_assessment": key, "code_module": pick(("M1", "M2")), "assessment_type": "TMA",
        }  # fmt: skip
        yield UNIVERSITY, "oulad__student_info", [str(n) for n in STUDENTS], lambda key: {
            **student(key), **person(key), "gender": pick("MF"),
            "final_result": pick(("Pass", "Fail", "Withdrawn", None)),
            "cn_birth_date": pick(("1980-01-01", None)), "cn_residence_division": pick(("331102", "330185", None)),
        }  # fmt: skip
        yield UNIVERSITY, "oulad__student_registration", [str(n) for n in STUDENTS], lambda key: {
            **student(key), "date_registration": pick((-20, 5, None)), "date_unregistration": pick((-30, 40, None)),
        }  # fmt: skip
        yield UNIVERSITY, "oulad__student_assessment", [str(n) for n in STUDENTS], lambda key: {
            "id_assessment": pick(("7", "8")), "id_student": key, "_record_id": f"a|{key}",
            "date_submitted": pick((3, 30)), "is_banked": pick((True, False)), "score": pick((None, 30, 80)),
        }  # fmt: skip
        yield UNIVERSITY, "oulad__student_vle", [str(n) for n in STUDENTS], lambda key: {
            **student(key), "id_site": "1", "date": pick((-3, 9)), "sum_click": pick((0, 4)), "_record_id": f"v|{key}",
        }  # fmt: skip
        yield from self._workers(person)
        yield from self._older_students(person)
        yield from self._online_learners()
        for office in ("stats-sim-south", "stats-zj"):  # whoever learnt in a realm is counted over its residents
            yield office, "census__population_by_age", [str(age) for age in range(25, 65)], lambda key: {
                "reference_date": "2025-12-31", "base": "resident", "division_code": "331102", "age": int(key),
                "sex": "male", "population": pick((10, 20)),
            }  # fmt: skip

    def _workers(self, person):
        pick = self.random.choice
        workers = [f"w{n}" for n in WORKERS]
        yield OFFICE, "hr__employments", workers, lambda key: {
            "employment_id": key, **person(key), "start_date": "2020-01-01", "employer_uscc": pick("AB"),
             "end_date": pick((None, "2024-12-31")),
            "occupation_code": pick(("6-18-01-01", "9621", "2411")), "occupation_scheme": pick(("ISCO08", "GBT6565")),
            "industry_code": pick(("C3421", "62", None)), "workplace_division": "330106", "sex": pick(("男", None)),
        }  # fmt: skip
        yield OFFICE, "hr__skill_certificates", workers, lambda key: {
            "certificate_no": key, **person(key), "certificate_kind": pick(("职业技能等级", "职称")),
            "occupation_code": "6-18-01-01", "skill_level": pick(("三级", "高级", "7")), "issue_date": "2020-01-01",
            "revoked_date": pick((None, "2022-02-02")),
        }  # fmt: skip
        yield OFFICE, "hr__trainings", workers, lambda key: {
            "training_id": key, **person(key), "programme_name": pick(("车工", "电工", None)), "kind": "in-service",
            "provider_uscc": pick((None, "52339902MA0000015K")), "start_date": "2025-03-01",
            "end_date": pick((None, "2025-04-30")), "hours": pick((16, 80)), "result": pick(("completed", None)),
        }  # fmt: skip

    def _online_learners(self):
        pick = self.random.choice
        actor = lambda: pick(("a1", "a2", "a3", "a4"))  # noqa: E731
        told = {"timestamp": "2025-03-03T20:00:00Z", "object": "https://lms/c/1", "groupings": "https://lms/c"}
        yield LEARNING_SYSTEM, "xapi__statements", [f"s{n}" for n in WORKERS], lambda key: {
            "id": key, "actor": actor(), **told, "verb": VERBS + pick(("experienced", "answered", "registered")),
            "voids": pick((None, None, None, "s1", "s2", "s3")), "_person_key": pick((None, None, "1.shared")),
        }  # fmt: skip
        yield LEARNING_SYSTEM, "caliper__events", [f"e{n}" for n in WORKERS], lambda key: {
            "id": key, "actor": actor(), "actor_type": pick(("Person", "SoftwareApplication")), "type": "ViewEvent",
            "action": "Viewed", "event_time": "2025-03-03T20:00:00Z", "roles": pick((None, "Learner", "Instructor")),
        }  # fmt: skip

    def _older_students(self, person):
        pick = self.random.choice
        places = [f"4233100101|{term}|c{card % 3}|{card}" for term in ("2025-autumn", "2026-spring") for card in CARDS]
        yield SENIOR_UNIVERSITY, "senior__enrolments", places, lambda key: {
            **dict(zip(("school_code", "term", "class_id", "student_card_no"), key.split("|"), strict=True)),
            **person(key.rpartition("|")[2]), "course_code": pick(("k1", "k2")), "status": pick(STATUSES),
            "course_category": pick(("arts", "crafts")), "enrol_date": pick(("2025-08-20", "2026-04-01")),
            "hours_attended": pick((None, 12.5)), "residence_division": pick(("331102", None)), "sex": "female",
        }  # fmt: skip
