"""People of nobody, and deliveries about them: every value that tells who someone is can be looked for afterwards."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.identity import resident_id
from tests.deliveries import FIXTURES

_SURNAMES = "赵钱孙李周吴郑冯陈褚卫蒋沈韩杨"
_GIVEN = "鑫淼焱垚犇猋骉麤羴鱻贔譶飍馫驫"


@dataclass(frozen=True)
class Person:
    """Someone who does not exist: the area of the resident id belongs to no place."""

    number: int
    born: dt.date
    sex: str
    resident_id: str
    family: str
    given: str

    @property
    def name(self) -> str:
        """Full name."""
        return self.family + self.given

    @property
    def student_id(self) -> str:
        """学籍号, which contains the resident id."""
        return f"G{self.resident_id}"

    @property
    def phone(self) -> str:
        """Mobile number of a series that is not given out."""
        return f"1000{self.number:07d}"

    @property
    def email(self) -> str:
        """Mail address."""
        return f"canary.{self.number}@mail.invalid"

    @property
    def username(self) -> str:
        """Account name."""
        return f"canary-account-{self.number}"

    @property
    def telling(self) -> Mapping[str, str]:
        """What must be found nowhere, by kind. A given name of one character alone would be found by chance."""
        return {
            "resident id": self.resident_id,
            "name": self.name,
            "given name": self.given,
            "student id": self.student_id,
            "phone": self.phone,
            "mail": self.email,
            "account": self.username,
        }


def make(count: int) -> list[Person]:
    """As many different people."""
    made = []
    for number in range(count):
        sex = "male" if number % 2 else "female"
        born = dt.date(2010, 1, 1) + dt.timedelta(days=number % 300)
        number_of_the_day = number // 300
        given = _GIVEN[number % 15] + _GIVEN[number // 15 % 15] + _GIVEN[number // 225 % 15]
        made.append(
            Person(
                number, born, sex, resident_id("339901", born, number_of_the_day, sex), _SURNAMES[number % 15], given
            )
        )
    return made


def school_bundle(folder: Path, people: Iterable[Person]) -> Path:
    """OneRoster 1.2: each person once as a user with all they have, with demographics, a role and an enrolment."""
    shutil.copytree(FIXTURES / "oneroster" / "bulk_1p2", folder)
    known = list(people)
    _replace(
        folder / "users.csv",
        [
            {
                "sourcedId": p.student_id if p.number % 3 == 0 else f"user-{p.number}",
                "enabledUser": "true",
                "username": p.username,
                "givenName": p.given,
                "familyName": p.family,
                "identifier": p.student_id,
                "email": p.email,
                "sms": p.phone,
                "phone": p.phone,
                "userMasterIdentifier": p.resident_id,
                "primaryOrgSourcedId": "school-1",
                "metadata.cn.residenceDivision": "330106",
            }
            for p in known
        ],
    )
    ids = {p.number: p.student_id if p.number % 3 == 0 else f"user-{p.number}" for p in known}
    _replace(
        folder / "demographics.csv",
        [{"sourcedId": ids[p.number], "birthDate": p.born.isoformat(), "sex": p.sex} for p in known],
    )
    _replace(
        folder / "roles.csv",
        [
            {
                "sourcedId": f"role-{p.number}",
                "userSourcedId": ids[p.number],
                "roleType": "primary",
                "role": "student",
                "beginDate": "2025-09-01",
                "orgSourcedId": "school-1",
            }
            for p in known
        ],
    )
    _replace(
        folder / "enrollments.csv",
        [
            {
                "sourcedId": f"enrolment-{p.number}",
                "classSourcedId": "class-1",
                "schoolSourcedId": "school-1",
                "userSourcedId": ids[p.number],
                "role": "student",
                "beginDate": "2025-09-01",
                "endDate": "2026-09-01",
            }
            for p in known
        ],
    )
    return folder


def university_folder(folder: Path, people: Iterable[Person]) -> Path:
    """OULAD tables: each person once as a student."""
    shutil.copytree(FIXTURES / "oulad" / "seven_tables", folder)
    known = list(people)
    _replace(
        folder / "studentInfo.csv",
        [
            {
                "code_module": "AAA",
                "code_presentation": "2024J",
                "id_student": str(20_000 + p.number),
                "gender": p.sex[0].upper(),
                "region": "浙江",
                "highest_education": "HE Qualification",
                "age_band": "0-35",
                "num_of_prev_attempts": "0",
                "studied_credits": "60",
                "disability": "N",
                "final_result": "Pass",
                "cn_resident_id": p.resident_id,
                "cn_full_name": p.name,
                "cn_birth_date": p.born.isoformat(),
                "cn_residence_division": "330106",
            }
            for p in known
        ],
    )
    return folder


def add_line(file: Path, line: str) -> None:
    """Append a line as it is, right or wrong."""
    with file.open("a", encoding="utf-8", newline="") as out:
        out.write(line + "\n")


def _replace(file: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Keep a file's header and write other rows below it."""
    with file.open(encoding="utf-8-sig", newline="") as old:
        header = next(csv.reader(old))
    unknown = {column for row in rows for column in row} - set(header)
    assert not unknown, f"{file.name} has no columns {unknown}"
    with file.open("w", encoding="utf-8", newline="") as new:
        writer = csv.DictWriter(new, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
