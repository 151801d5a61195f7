"""What senders do otherwise than OneRoster has it: a lenient agency is told, a strict one refused, by the same list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from connectors.sources.base import Repair
from pipeline.errors import BadInput


class Subject(Protocol):
    """What can be complained of: a file of a package, or an address of a service."""

    def bad(self, problem: str, *, line: int | None = None, advice: str | None = None, code: str = ...) -> BadInput:
        """Complaint about it."""
        ...


class Deviation(NamedTuple):
    """One way to deviate: the code of what we do about it, the code of refusing it, and the refusal in words."""

    repair: str
    refusal: str
    problem: str
    advice: str


_AS_AGREED = "Export it as the standard has it, or ask us to read it leniently."
NO_MANIFEST = Deviation(
    "repair.oneroster_no_manifest",
    "refused.oneroster_no_manifest",
    "there is no manifest.csv",
    "OneRoster 1.1 and 1.2 packages have one beside the data files; export as one of these.",
)
MANIFEST_WORDS = Deviation(
    "repair.oneroster_manifest",
    "refused.oneroster_manifest",
    "the manifest is not written as the standard has it",
    _AS_AGREED,
)
ENCLOSING = Deviation(
    "repair.enclosing_folder",
    "refused.oneroster_enclosing_folder",
    "the files lie in a folder of the package",
    "Put them at its root.",
)
FILE_NAME = Deviation(
    "repair.oneroster_file_name",
    "refused.oneroster_file_name",
    "the file's name is written in another case",
    "Mind the case of its letters.",
)
UNKNOWN_FILE = Deviation(
    "note.oneroster_unknown_file",
    "refused.oneroster_unknown_file",
    "OneRoster knows no such file",
    "Take it out of the package.",
)
NO_ROWS = Deviation(
    "repair.oneroster_no_rows",
    "refused.no_rows",
    "there is a header and no rows",
    "Leave the file out and declare it absent.",
)
HEADER = Deviation(
    "repair.header_name",
    "refused.oneroster_header",
    "a column is not called as in the standard",
    "Mind spelling and case.",
)
EMPTY_COLUMNS = Deviation(
    "repair.oneroster_empty_columns",
    "refused.oneroster_empty_columns",
    "there are columns without a name",
    "Take the empty columns out.",
)
COLUMN_ORDER = Deviation(
    "repair.oneroster_column_order",
    "refused.oneroster_column_order",
    "the columns are not in the standard's order",
    _AS_AGREED,
)
UNKNOWN_COLUMNS = Deviation(
    "note.oneroster_unknown_columns",
    "refused.oneroster_unknown_columns",
    "there are columns OneRoster does not know",
    "Columns of your own begin with metadata. and stand last.",
)
COLUMN_MISSING = Deviation(
    "note.oneroster_column_missing",
    "refused.missing_column",
    "a column is missing",
    "The header must name the columns as agreed.",
)
CELLS_MISSING = Deviation(
    "note.oneroster_cells_missing",
    "refused.oneroster_cells_missing",
    "a required value is missing",
    "Fill it in for every row.",
)
ONLY_IN_DELTA = Deviation(
    "repair.oneroster_only_in_delta",
    "refused.oneroster_only_in_delta",
    "status and dateLastModified must be empty in a bulk file",
    "Leave both empty, or declare the file as delta.",
)
STATUS_MISSING = Deviation(
    "repair.oneroster_status_missing",
    "refused.oneroster_status_missing",
    "status and dateLastModified must be filled in a delta file",
    "Fill in both for every row.",
)
STATUS_INACTIVE = Deviation(
    "repair.oneroster_status_inactive",
    "refused.oneroster_status_inactive",
    "the status inactive ended with OneRoster 1.0",
    "Write tobedeleted.",
)
WORD = Deviation(
    "repair.oneroster_word",
    "refused.oneroster_word",
    "a word is not written as in the standard",
    "Mind spelling and case.",
)
DATE = Deviation("repair.oneroster_date", "refused.oneroster_date", "a date is not YYYY-MM-DD", "Write it so.")
TIME = Deviation(
    "repair.oneroster_time",
    "refused.oneroster_time",
    "a time is not as in ISO 8601 with Z",
    "Write it so: 2026-09-01T08:00:00.000Z.",
)
TIME_UNCLEAR = Deviation(
    "note.oneroster_time_unclear",
    "refused.oneroster_time",
    "a time is not as in ISO 8601 with Z",
    "Write it so: 2026-09-01T08:00:00.000Z.",
)
KEY_MADE = Deviation(
    "repair.oneroster_key_made",
    "refused.missing_column",
    "the column sourcedId is missing",
    "The header must name the columns as agreed.",
)
SCHOOL_OF_CLASS = Deviation(
    "repair.oneroster_school_of_class",
    "refused.missing_column",
    "the column schoolSourcedId is missing",
    "The header must name the columns as agreed.",
)


@dataclass(frozen=True)
class Tolerance:
    """How an agency's deviations are met."""

    is_strict: bool

    def met(
        self,
        deviation: Deviation,
        subject: Subject,
        *,
        field: str | None = None,
        line: int | None = None,
        rows: int = 1,
    ) -> Repair:
        """What the sender is told of a deviation in ``subject``.

        :raises BadInput: to a strict agency
        """
        if self.is_strict:
            where = f" ({field})" if field else ""
            raise subject.bad(deviation.problem + where, line=line, advice=deviation.advice, code=deviation.refusal)
        return Repair(deviation.repair, field, rows=rows)
