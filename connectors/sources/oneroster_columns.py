"""Which column of a file is which: by name, and in lenient mode by the names other programs give it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from connectors.sources import delimited
from connectors.sources import oneroster_deviations as deviations
from connectors.sources.base import Repair
from connectors.sources.oneroster_deviations import Tolerance
from connectors.sources.oneroster_standard import EXTENSION, KEY, MODIFIED, STATUS, DataFile, Version
from connectors.sources.package import Member

_LOOSE = re.compile(r"[\W_]+")
EVERYWHERE: Mapping[str, str] = {"dataLastModified": MODIFIED}
"""Names seen in real exports and what they mean; case, spaces and dashes are looked past anyway."""
SPELLINGS: Mapping[str, Mapping[str, str]] = {
    "users": {
        "prefferedGivenName": "preferredGivenName",
        "prefferedMiddleName": "preferredMiddleName",
        "prefferedFamilyName": "preferredFamilyName",
        "grade": "grades",
    },
    "demographics": {"userSourcedId": KEY},
    # School Data Sync 2.x, which took most of OneRoster over and renamed the rest
    "classes": {"orgSourcedId": "schoolSourcedId", "sessionSourcedIds": "termSourcedIds"},
    "courses": {"code": "courseCode", "grade": "grades", "subject": "subjectCodes"},
    "roles": {"isPrimary": "roleType", "roleStartDate": "beginDate", "roleEndDate": "endDate"},
}
MADE_KEYS: Mapping[str, tuple[str, ...]] = {
    "enrollments": ("classSourcedId", "userSourcedId", "role"),
    "roles": ("userSourcedId", "orgSourcedId", "role", "beginDate"),
}
"""What names a record where a program writes no sourcedId: columns that name no two rows."""
IN_1P1: Mapping[str, Mapping[str, str]] = {"lineItems": {"gradingPeriodSourcedId": "academicSessionSourcedId"}}
"""Columns that 1.2 only renamed: a grading period is an academic session."""


def header(member: Member) -> list[str]:
    """The columns of a file as they are written."""
    return [column.strip() for column in delimited.first_record(member)]


def spellings(written: Sequence[str], file: DataFile, extensions: Sequence[str]) -> dict[str, str]:
    """What columns that are called otherwise mean, where no column has the right name."""
    right = {_loose(name): name for name in (*(column.name for column in file.columns), *extensions)}
    other = {_loose(old): new for old, new in {**EVERYWHERE, **SPELLINGS.get(file.name, {})}.items()}
    found: dict[str, str] = {}
    for column in written:
        meant = right.get(_loose(column)) or other.get(_loose(column))
        if meant and meant != column and meant not in written and meant not in found.values():
            found[column] = meant
    return found


def check(
    member: Member,
    file: DataFile,
    version: Version,
    written: Sequence[str],
    columns: Sequence[str],
    tolerance: Tolerance,
) -> Iterator[Repair]:
    """What is otherwise about the header.

    ``columns`` are those ``written``, called as they were found to mean, and behind them what is filled in.
    """
    for was, column in zip(written, columns, strict=False):
        if was != column:
            yield tolerance.met(deviations.HEADER, member, field=column, line=1)
    if empty := sum(not column for column in columns):
        yield tolerance.met(deviations.EMPTY_COLUMNS, member, line=1, rows=empty)
    known = [column.name for column in file.columns]
    standard = [column for column in columns[: len(written)] if column in known]
    unsaid = version == "1.0"  # no manifest says so: it may be a later one that came without
    current = {column.name for column in file.columns if unsaid or column.is_known_in(version)}
    strange = [column for column in columns if column and column not in current and not column.startswith(EXTENSION)]
    if strange:
        yield tolerance.met(deviations.UNKNOWN_COLUMNS, member, line=1, rows=len(strange))
    if standard != sorted(standard, key=known.index) or _stands_before(columns[: len(written)], known):
        yield tolerance.met(deviations.COLUMN_ORDER, member, line=1)
    for required in file.columns:
        if required.is_required_in(version) and required.name not in columns:
            yield tolerance.met(deviations.COLUMN_MISSING, member, field=required.name, line=1)


def check_doubled(member: Member, columns: Sequence[str]) -> None:
    """Two columns of one name cannot be told apart.

    :raises BadInput: naming the column, if it is one of the standard's
    """
    for column, times in Counter(columns).items():
        if column and times > 1:
            raise member.bad(
                "a column is there twice", line=1, advice="Keep one of them.", code="refused.doubled_column"
            )


def check_delta(member: Member, columns: Sequence[str]) -> None:
    """A delta file is nothing without its two columns.

    :raises BadInput: one of them is missing
    """
    for column in (STATUS, MODIFIED):
        if column not in columns:
            raise member.bad(
                f"the column {column} is missing",
                line=1,
                advice="A delta file needs it in every row.",
                code=deviations.COLUMN_MISSING.refusal,
            )


def _loose(name: str) -> str:
    return _LOOSE.sub("", name).casefold()


def _stands_before(columns: Sequence[str], known: Sequence[str]) -> bool:
    """Whether a column of the sender's own stands before one of the standard's."""
    own = [position for position, column in enumerate(columns) if column.startswith(EXTENSION)]
    standard = [position for position, column in enumerate(columns) if column in known]
    return bool(own and standard and min(own) < max(standard))
