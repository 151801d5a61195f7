"""The prefecture education bureaus' deliveries: OneRoster 1.2 CSV in bulk, one zip a bureau."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Final, Self

from simulator.churn import UNCHANGED, Fate
from simulator.divisions import UNKNOWN_DIVISION, counties_of
from simulator.files import Table, deliver_zip, writing_place
from simulator.identity import credit_code
from simulator.kinds import DIVISION_UNKNOWN
from simulator.layouts import ENTITY, ONEROSTER, ONEROSTER_ABSENT
from simulator.plan import GRADES, School
from simulator.school_names import SIMULATED_ZH
from simulator.timeline import (
    BEFORE_LAST_TERM_BEGIN,
    BEFORE_LAST_TERM_END,
    LAST_TERM_BEGIN,
    LAST_TERM_END,
    TERM_BEGIN,
    TERM_END,
    delivery_date,
)
from simulator.truth import Truth

CLASS_SIZE: Final = 42
THIS_YEAR: Final = "ay2026"
LAST_YEAR: Final = "ay2025"
BEFORE_LAST_YEAR: Final = "ay2024"
_WITH_BOM: Final = "sch-lishui"
"""This bureau's files begin with a byte order mark, which the standard tells readers to skip."""

URBAN_RURAL: Final = {
    "city": ("111", "112"),
    "mountain": ("121", "122", "210", "220"),
    "island": ("121", "210", "220"),
}
"""Urban-rural codes of the places that schools of a landscape lie in."""

_SESSIONS: Final = (
    (BEFORE_LAST_YEAR, "2023-2024学年", "schoolYear", BEFORE_LAST_TERM_BEGIN, BEFORE_LAST_TERM_END, "", 2024),
    (LAST_YEAR, "2024-2025学年", "schoolYear", LAST_TERM_BEGIN, LAST_TERM_END, "", 2025),
    (THIS_YEAR, "2025-2026学年", "schoolYear", TERM_BEGIN, TERM_END, "", 2026),
    ("ay2026-1", "2025-2026学年第一学期", "semester", TERM_BEGIN, TERM_END.replace(month=2, day=1), THIS_YEAR, 2026),
    ("ay2026-2", "2025-2026学年第二学期", "semester", TERM_END.replace(month=2, day=1), TERM_END, THIS_YEAR, 2026),
)


class Bureau:
    """One bureau's bundle while it is written. Bulk: status and dateLastModified stay empty."""

    def __init__(self, root: Path, agency: str, truth: Truth, day: int) -> None:
        self.agency = agency
        self.truth = truth
        self._final = root / agency / f"oneroster_{delivery_date(day):%Y%m%d}.zip"
        self._place = writing_place(self._final)
        self._bom = agency == _WITH_BOM
        self.fate: Fate = UNCHANGED
        """What becomes today of the records being written; set by who writes a person."""
        self.tables = {
            name: Table(self._place / f"{name}.csv", header, bom=self._bom, end="\r\n")
            for name, header in ONEROSTER.items()
        }

    def add(self, name: str, record_id: str, *values: object) -> Table:
        """Write one row, unless its person has vanished, and note what that changes; returns the table."""
        table = self.tables[name]
        if self.fate.change:
            self.note(self.fate.change, name, record_id)
        if self.fate.present:
            table.write((record_id, "", "", *values))
        return table

    def add_sparse(self, name: str, record_id: str, values: dict[str, object]) -> Table:
        """Write one row of a wide file from the columns that hold something."""
        return self.add(name, record_id, *(values.get(column, "") for column in ONEROSTER[name][3:]))

    def note(self, change: str, name: str, record_id: str) -> None:
        """Note that a record of the named file is not as it was the day before."""
        self.truth.change(change, self.agency, ENTITY.get(name, name), record_id)

    def write_frame(self, unknown: int) -> None:
        """Sessions, the bureau itself, its county bureaus, and schools whose division no list holds."""
        for session, title, kind, begin, end, parent, year in _SESSIONS:
            self.add("academicSessions", session, title, kind, begin, end, parent, year)
        counties = counties_of(self.agency)
        prefecture = counties[0].prefecture_zh
        root = _bureau_id(counties[0].prefecture_code)
        self.add("orgs", root, f"{prefecture}教育局{SIMULATED_ZH}", "local", "", "", "", "", "", "", "")
        for county in counties:
            name = f"{county.name_zh}教育局{SIMULATED_ZH}"
            self.add("orgs", _bureau_id(county.code), name, "district", "", root, county.code, "", "", "", "")
        for serial in range(unknown):
            code = f"1133{int(counties[0].code) % 1000 * 1000 + 900 + serial:06d}"
            name = f"{prefecture}未定区划第{serial + 1}幼儿园{SIMULATED_ZH}"
            table = self.add("orgs", code, name, "school", code, root, UNKNOWN_DIVISION, "", "11", "122", "private")
            self.truth.defect(DIVISION_UNKNOWN, self.agency, code, table)

    def write_school(self, school: School) -> None:
        """The school, a course a grade and its classes of this year and, for leavers, of the last."""
        owner = ownership(school)
        uscc = credit_code("52" if owner == "private" else "12", school.county.code, school.serial)
        where = (
            _bureau_id(school.county.code),
            school.county.code,
            uscc,
            school.kind,
            urban_rural(school),
        )
        self.add("orgs", school.code, school.name, "school", school.code, *where, owner)
        if not school.size:
            return
        for grade, pupils in zip(GRADES[school.kind], grade_sizes(school), strict=True):
            self._write_grade(school, grade, pupils)
        if school.leavers:
            self.write_leaver_class(school, LAST_YEAR)

    def write_leaver_class(self, school: School, year: str) -> None:
        """The class that left a senior school at the end of a school year."""
        self._write_class(school, leaver_class(school, year), "已毕业班", "12", "homeroom", year)

    def _write_grade(self, school: School, grade: str, pupils: int) -> None:
        course = course_id(school, grade)
        self.add("courses", course, THIS_YEAR, f"{grade}年级课程", f"C{grade}", grade, school.code, "综合", "00")
        for number in range(class_count(pupils)):
            self._write_class(school, homeroom(school, grade, number), f"{grade}年级{number + 1}班", grade, "homeroom")
            if has_electives(school):
                title = f"{grade}年级选修{number + 1}"
                self._write_class(school, elective(school, grade, number), title, grade, "scheduled")

    def _write_class(
        self, school: School, class_id: str, title: str, grade: str, kind: str, term: str = THIS_YEAR
    ) -> None:
        course = course_id(school, grade)
        values = (title, grade, course, class_id[-5:], kind, "", school.code, term, "综合", "00", "")
        self.add("classes", class_id, *values)

    def _write_manifest(self) -> None:
        rows: list[tuple[str, str]] = [("manifest.version", "1.0"), ("oneroster.version", "1.2")]
        states = {**dict.fromkeys(ONEROSTER, "bulk"), **dict.fromkeys(ONEROSTER_ABSENT, "absent")}
        rows += [(f"file.{name}", states[name]) for name in sorted(states, key=str.lower)]
        rows += [("source.systemName", f"{self.agency} (simulated)"), ("source.systemCode", self.agency)]
        manifest = self._place / "manifest.csv"
        with Table(manifest, ("propertyName", "value"), bom=self._bom, end="\r\n") as table:
            for row in rows:
                table.write(row)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for table in self.tables.values():
            table.close()
        if kind is None:
            for name, table in self.tables.items():
                self.truth.rows(self.agency, ENTITY.get(name, name), table)
            self._write_manifest()
            deliver_zip(self._place, ["manifest.csv", *(f"{name}.csv" for name in self.tables)], self._final)


def ownership(school: School) -> str:
    """Who runs a school, as the bureau's bundle says it: public or private."""
    return "private" if school.serial % 7 == 3 else "public"


def urban_rural(school: School) -> str:
    """The urban-rural code of a school's place."""
    codes = URBAN_RURAL[school.county.landscape]
    return codes[school.serial % len(codes)]


def grade_sizes(school: School) -> list[int]:
    """Pupils by grade, the lower grades one more where it does not divide."""
    grades = len(GRADES[school.kind])
    return [school.size // grades + (place < school.size % grades) for place in range(grades)]


def class_count(pupils: int) -> int:
    """Homeroom classes a grade is divided into."""
    return max(1, -(-pupils // CLASS_SIZE))


def has_electives(school: School) -> bool:
    """Whether pupils also sit in scheduled classes."""
    return school.kind in ("31", "34")


def homeroom(school: School, grade: str, number: int) -> str:
    """The sourcedId of a homeroom class."""
    return f"{school.code}-{grade}-{number + 1:02d}"


def elective(school: School, grade: str, number: int) -> str:
    """The sourcedId of a scheduled class."""
    return f"{school.code}-{grade}-x{number + 1:02d}"


def leaver_class(school: School, year: str) -> str:
    """The sourcedId of the class that left at the end of a school year."""
    return f"{school.code}-{year.removeprefix('ay')}-12"


def course_id(school: School, grade: str) -> str:
    """The sourcedId of a grade's course."""
    return f"{school.code}-c{grade}"


def _bureau_id(division: str) -> str:
    return f"edu-{division}"
