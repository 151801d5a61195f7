"""OneRoster: what school systems export, or tell when asked, about schools, classes, people, enrolments and marks.

====================  ==================================================================================================
Publisher             1EdTech (IMS Global); exports by the agencies' school administration systems
Standard              OneRoster 1.0, 1.1, 1.2.0 and 1.2.1, CSV binding, and 1.2 REST; our columns ``metadata.cn.*``
Form                  one zip, or a folder, with ``manifest.csv`` and one file a table, UTF-8 with or without mark; or
                      REST with OAuth 2 (:mod:`connectors.transports.oneroster_rest`)
Entities              orgs, academicSessions, courses, classes, users, roles (1.2), demographics, enrollments,
                      categories, lineItems, results: one record a ``sourcedId``
Left out              the other ten files: read, checked and counted (``note.not_kept``), no row of them is kept
Secrets left out      ``password``, ``userIds``, ``pronouns``, ethnicity and birth place never leave this module
Mode                  per file, as the manifest declares: ``bulk`` (what is missing now is deleted, what comes back is
                      active again) or ``delta``; without manifest (1.0) what is there is bulk, what is not is not
                      spoken of
Deletes               ``status`` = tobedeleted (or 1.0's inactive), in either mode; another word sets the row aside
Days                  ``endDate`` is the first day that no longer counts, in every version; nothing is shifted
Time of change        ``dateLastModified``, for information only; nothing is ordered by it
Why it is safe        columns are found by name, so 1.2.0 and 1.2.1 both read right; a bulk set is trusted only when the
                      manifest and the files agree, so a forgotten file never deletes a table, nor does an empty one
Strictness            ``tolerance: strict`` refuses whatever the standard forbids (``refused.oneroster_…``); ``lenient``
                      repairs what has only one meaning and says so (``repair.oneroster_…``), among it the names that
                      School Data Sync 2.x gives to OneRoster's columns
Limits                references are judged by the rules, not here; a word the standard does not know is left to them
Run it alone          ``./flyover preview oneroster --path FOLDER_OR_ZIP``
====================  ==================================================================================================
"""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.registry import Agency
from connectors.sources import delimited, oneroster_unkept
from connectors.sources import oneroster_columns as columns
from connectors.sources import oneroster_deviations as deviations
from connectors.sources.base import Rejected, Repair, Row, Table
from connectors.sources.delimited import Heading
from connectors.sources.oneroster_deviations import Tolerance
from connectors.sources.oneroster_manifest import Part, contents
from connectors.sources.oneroster_standard import EXTENSION, KEY, MODIFIED, STATUS, Version
from connectors.sources.oneroster_values import Cells, Order, UnknownStatusError, dated, is_gone, order_of
from connectors.sources.package import Member, Sender, open_package
from connectors.sources.splitting import layout_of
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.settings import CHECKOUT

if TYPE_CHECKING:
    from connectors.transports.base import Transport

SCHOOL = "schoolSourcedId"


class OneRoster:
    """Reads OneRoster deliveries."""

    name = "oneroster"
    transports: Mapping[str, Callable[[], Transport]] = {"rest": lambda: _rest()}

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """Check the package against its manifest and every file's header; then the tables, in manifest order."""
        tolerance = Tolerance(agency.tolerance == "strict")
        with open_package(origin, Sender.of(agency)) as package:
            found = contents(package, agency, tolerance)
            spoken = contracts.spoken(CHECKOUT / "contracts", self.name, agency.contract_versions)
            owned = {contract.file: contract for contract in spoken}
            notes, kept = list(found.notes), []
            for part in found.parts:
                contract = owned.get(f"{part.file.name}.csv")
                if _is_header_alone(part.member):
                    note = tolerance.met(deviations.NO_ROWS, part.member, line=1)
                    notes.append(note._replace(file=part.member.name))
                elif contract is None:
                    notes += oneroster_unkept.notes(part, found.version, tolerance)
                else:
                    kept.append(_File(part, contract, found.version, tolerance, package.find("classes.csv")))
            yield [file.table(tuple(notes) if file is kept[0] else ()) for file in kept]


SOURCE = OneRoster()


def _rest() -> Transport:
    from connectors.transports.oneroster_rest import OneRosterRest

    return OneRosterRest()


class _File:
    """One file that is kept: its header checked, its rows to be read any number of times."""

    def __init__(
        self, part: Part, contract: Contract, version: Version, tolerance: Tolerance, classes: Member | None
    ) -> None:
        self._part, self._contract, self._version, self._tolerance = part, contract, version, tolerance
        self._classes = classes
        written = columns.header(part.member)
        extensions = [field.name for field in contract.fields if field.name.startswith(EXTENSION)]
        meant = columns.spellings(written, part.file, extensions)
        named = [meant.get(column, column) for column in written]
        if part.is_delta:
            columns.check_delta(part.member, named)
        made = columns.MADE_KEYS.get(part.file.name, ()) if KEY not in named and not tolerance.is_strict else ()
        self._made_key = made if set(made[:2]) <= set(named) else ()
        self._needs_school = (
            part.file.name == "enrollments" and SCHOOL not in named and not tolerance.is_strict and classes is not None
        )
        filled_in = {KEY: bool(self._made_key), SCHOOL: self._needs_school}
        self._filled_in = tuple(name for name, is_so in filled_in.items() if is_so)
        required = {field.name for field in contract.fields if field.required}.difference(self._filled_in)
        renamed = {} if version == "1.2" else columns.IN_1P1.get(part.file.name, {})
        self._heading = delimited.heading(part.member, contract, required=required, aliases={**meant, **renamed})
        self._repairs = (
            *part.repairs,
            *(repair for repair in self._heading.repairs if repair.code != deviations.HEADER.repair),  # named below
            *columns.check(part.member, part.file, version, written, [*named, *self._filled_in], tolerance),
            *((tolerance.met(deviations.KEY_MADE, part.member, field=KEY),) if self._made_key else ()),
            *((tolerance.met(deviations.SCHOOL_OF_CLASS, part.member, field=SCHOOL),) if self._needs_school else ()),
        )

    def table(self, notes: tuple[Repair, ...]) -> Table:
        """The table of it; ``notes`` are about files that are not kept."""
        file = self._part.member.name
        columns = (*self._heading.columns, *self._filled_in)
        return Table(self._contract.entity, self._part.mode, self._rows, file, (*self._repairs, *notes), columns)

    def _rows(self) -> Iterator[Row | Rejected]:
        status, modified = self._heading.position(STATUS), self._heading.position(MODIFIED)
        landed = {field.name for field in self._contract.landed_fields}
        mended = [column for column in self._part.file.columns if column.name in landed]
        cells = Cells(mended, self._part.member, self._tolerance, functools.cache(self._order))
        complete = self._completer()
        aside: dict[int, Rejected] = {}

        def finish(row: Row, fields: list[str]) -> Row:
            repairs = cells.mend(row.line, row.values)
            complete(row.values)
            try:
                gone, said = self._status("" if status is None else fields[status], row.line)
            except UnknownStatusError:
                hint = row.values.get(KEY)
                aside[row.line] = Rejected(row.line, _text(fields), "reader.oneroster_status", hint, STATUS)
                return row
            moment, timed = self._modified("" if modified is None else fields[modified], row.line, cells)
            return row._replace(deleted=gone, modified_at=moment, repairs=(*row.repairs, *repairs, *said, *timed))

        for row in delimited.rows(self._heading, self._contract, finish=finish):
            yield aside.pop(row.line, row)

    def _status(self, text: str, line: int) -> tuple[bool, tuple[Repair, ...]]:
        member, tolerance = self._part.member, self._tolerance
        if not text.strip():
            if not self._part.is_delta:
                return False, ()
            return False, (tolerance.met(deviations.STATUS_MISSING, member, field=STATUS, line=line),)
        gone, is_standard = is_gone(text, self._version)
        repairs: tuple[Repair, ...] = self._not_for_bulk(STATUS, line)
        if not is_standard:
            deviation = deviations.STATUS_INACTIVE if text.strip().lower() == "inactive" else deviations.WORD
            repairs += (tolerance.met(deviation, member, field=STATUS, line=line),)
        return gone, repairs

    def _modified(self, text: str, line: int, cells: Cells) -> tuple[str | None, tuple[Repair, ...]]:
        if text.strip():
            moment, repairs = cells.modified(line, text.strip())
            return moment, (*self._not_for_bulk(MODIFIED, line), *repairs)
        if not self._part.is_delta:
            return None, ()
        met = self._tolerance.met(deviations.STATUS_MISSING, self._part.member, field=MODIFIED, line=line)
        return None, (met,)

    def _not_for_bulk(self, field: str, line: int) -> tuple[Repair, ...]:
        """OneRoster 1.0 filled both columns in always; later versions only in delta files."""
        if self._part.is_delta or self._version == "1.0":
            return ()
        return (self._tolerance.met(deviations.ONLY_IN_DELTA, self._part.member, field=field, line=line),)

    def _completer(self) -> Callable[[dict[str, str | None]], None]:
        """Function that fills in what the file lacks and can only be one thing."""
        key, school_of = self._made_key, _schools(self._classes) if self._needs_school and self._classes else {}

        def complete(row: dict[str, str | None]) -> None:
            if key and all(row.get(name) for name in key[:2]):
                row[KEY] = "/".join(row.get(name) or "" for name in key)
            if school_of:
                row[SCHOOL] = school_of.get(row.get("classSourcedId") or "")

        return complete

    def _order(self) -> Order | None:
        """Which of day and month stands first, by all dates of the file."""
        wanted = dated(self._part.file.columns)
        positions = [position for position, name in enumerate(self._heading.columns) if name in wanted]
        records = (record for record in self._heading.records() if not isinstance(record, Rejected))
        return order_of(fields[position] for _, fields in records for position in positions)


def _schools(classes: Member) -> Mapping[str, str]:
    """School by class: there are few classes, so they fit into memory."""
    written = columns.header(classes)
    named = tuple("schoolSourcedId" if name == "orgSourcedId" else name for name in written)
    if KEY not in named or SCHOOL not in named:
        return {}
    key, school = named.index(KEY), named.index(SCHOOL)
    records = (record for record in Heading(classes, named, ()).records() if not isinstance(record, Rejected))
    return {fields[key].strip(): fields[school].strip() for _, fields in records if fields[school].strip()}


def _is_header_alone(member: Member) -> bool:
    layout = layout_of(member)
    return layout.header is not None and not layout.has_rows


def _text(fields: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(fields)
    return out.getvalue()
