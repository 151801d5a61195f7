"""OneRoster CSV: what school systems export about schools, classes, people and enrolments.

====================  ==================================================================================================
Standard              1EdTech OneRoster 1.1, 1.2.0 and 1.2.1, CSV binding; our extension columns ``metadata.cn.*``
Form                  one zip, or a folder, with ``manifest.csv`` and one file a table, UTF-8 with or without mark
Taken in              orgs, academicSessions, courses, classes, users, roles (1.2), enrollments, demographics
Left out              the other fourteen files: their presence is checked against the manifest, their rows are not read
Secrets left out      ``password``, ``userIds``, ``pronouns``, ethnicity and birth place never leave this module
Mode                  per file, as the manifest declares: ``bulk`` (what is missing now is deleted) or ``delta``
Deletes               ``status`` = tobedeleted (or 1.0's inactive), in either mode
Time of change        ``dateLastModified`` where it is ISO 8601, for information only; nothing is ordered by it
Why it is safe        columns are found by name, so 1.2.0 and 1.2.1 both read right; a bulk set is trusted only when the
                      manifest and the files agree, so a forgotten file never deletes a table
Strictness            lenient unless the agency's ``params.strict`` is "true"; then one enclosing folder, another case
                      of file names, files the standard does not know and common misspellings of columns are refused
====================  ==================================================================================================
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from connectors.registry import Agency
from connectors.sources import delimited
from connectors.sources.base import Rejected, Row, Table, TableMode
from connectors.sources.delimited import Heading
from connectors.sources.package import Member, Package, Sender, open_package
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.settings import CHECKOUT

Declared = Literal["absent", "bulk", "delta"]

VERSIONS = ("1.1", "1.2")
FILES = (
    "academicSessions",
    "categories",
    "classes",
    "classResources",
    "courses",
    "courseResources",
    "demographics",
    "enrollments",
    "lineItemLearningObjectiveIds",
    "lineItems",
    "lineItemScoreScales",
    "orgs",
    "resources",
    "resultLearningObjectiveIds",
    "results",
    "resultScoreScales",
    "roles",
    "scoreScales",
    "userProfiles",
    "userResources",
    "users",
)
"""All data files of the standard; the manifest has to say of each whether it is there."""
_DECLARATIONS: Mapping[str, Declared] = {"absent": "absent", "bulk": "bulk", "delta": "delta"}
_GONE = frozenset({"tobedeleted", "inactive"})
_STATUS, _MODIFIED = "status", "dateLastModified"
_MISSPELT: Mapping[str, str] = {
    "dataLastModified": _MODIFIED,
    "prefferedGivenName": "preferredGivenName",
    "prefferedMiddleName": "preferredMiddleName",
    "prefferedFamilyName": "preferredFamilyName",
}
_MISSPELT_IN_DEMOGRAPHICS: Mapping[str, str] = {"userSourcedId": "sourcedId", "birthdate": "birthDate"}


class OneRoster:
    """Reads OneRoster deliveries."""

    name = "oneroster"

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """Check the package against its manifest and every file's header; then the tables, in manifest order."""
        strict = agency.params.get("strict") == "true"
        with open_package(origin, Sender(agency.agency_code, self.name)) as package:
            if strict and package.enclosing:
                raise package.bad(f"the files lie in a folder {package.enclosing}", advice="Put them at the root.")
            declared = _manifest(package)
            _check_presence(package, declared, strict=strict)
            owned = {contract.file: contract for contract in contracts.of_source(CHECKOUT / "contracts", self.name)}
            yield [
                _table(member, owned[f"{file}.csv"], mode, agency, strict=strict)
                for file, mode in declared.items()
                if mode != "absent" and f"{file}.csv" in owned and (member := package.find(f"{file}.csv"))
            ]


SOURCE = OneRoster()


def _manifest(package: Package) -> dict[str, Declared]:
    """Declaration of each file of the standard; a file the manifest does not mention is absent."""
    member = package.find("manifest.csv")
    if member is None:
        raise package.bad(
            "there is no manifest.csv",
            advice="OneRoster 1.1 and 1.2 packages have one beside the data files; export as one of these.",
        )
    properties = _properties(member)
    _check_version(member, properties, "manifest.version", ("1.0",))
    _check_version(member, properties, "oneroster.version", VERSIONS)
    declared: dict[str, Declared] = {}
    for file in FILES:
        said = properties.get(f"file.{file}", "absent")
        if said not in _DECLARATIONS:
            raise member.bad(
                f"file.{file} must be absent, bulk or delta, not {said[:40]!r}", advice="Correct the manifest."
            )
        declared[file] = _DECLARATIONS[said]
    return declared


def _properties(member: Member) -> dict[str, str]:
    header = [column.strip() for column in delimited.first_record(member)]
    if header != ["propertyName", "value"]:
        raise member.bad("the header must be propertyName,value", line=1, advice="Export the package again.")
    properties = {}
    for record in Heading(member, ("propertyName", "value"), ()).records():
        if isinstance(record, Rejected):
            raise member.bad("this is not a name and a value", line=record.line, advice="Export the package again.")
        _, (name, value) = record
        properties[name.strip()] = value.strip()
    return properties


def _check_version(member: Member, properties: Mapping[str, str], name: str, known: Sequence[str]) -> None:
    said = properties.get(name)
    if said is None:
        raise member.bad(f"{name} is not given", advice=f"Export as OneRoster {' or '.join(VERSIONS)}.")
    if said not in known:
        raise member.bad(
            f"{name} {said!r} is not one we read ({', '.join(known)})", advice="Export it as one of these."
        )


def _check_presence(package: Package, declared: Mapping[str, Declared], *, strict: bool) -> None:
    for file, mode in declared.items():
        member = package.find(f"{file}.csv")
        if mode != "absent" and member is None:
            raise package.bad(f"manifest.csv declares {file}.csv as {mode}, but it is not there", advice=_AGREE)
        if mode == "absent" and member is not None:
            raise member.bad("manifest.csv does not declare this file", advice=_AGREE)
        if strict and member is not None and member.name != f"{file}.csv":
            raise member.bad(f"the file must be called {file}.csv", advice="Mind the case of its letters.")
    if all(mode == "absent" for mode in declared.values()):
        raise package.bad("manifest.csv declares every file absent", advice=_AGREE)
    known = {f"{file}.csv".lower() for file in FILES} | {"manifest.csv"}
    for name, member in package.members.items():
        if strict and name not in known:
            raise member.bad("OneRoster knows no such file", advice="Take it out of the package.")


_AGREE = "Manifest and files must agree; nothing was taken in, so that nothing is deleted by mistake."


def _table(member: Member, contract: Contract, mode: Declared, agency: Agency, *, strict: bool) -> Table:
    required = {field.name for field in contract.fields if field.required}
    aliases = (
        {} if strict else {**_MISSPELT, **(_MISSPELT_IN_DEMOGRAPHICS if contract.entity == "demographics" else {})}
    )
    heading = delimited.heading(member, contract, required=required, aliases=aliases)
    if mode == "delta":
        for column in (_STATUS, _MODIFIED):
            if heading.position(column) is None:
                raise member.bad(
                    f"the column {column} is missing", line=1, advice="A delta file needs it in every row."
                )
    table_mode: TableMode = "delta" if mode == "delta" else agency.mode
    return Table(contract.entity, table_mode, functools.partial(_rows, heading, contract))


def _rows(heading: Heading, contract: Contract) -> Iterator[Row | Rejected]:
    values = delimited.picker(heading, contract, missing_tokens=())
    status, modified = heading.position(_STATUS), heading.position(_MODIFIED)
    for record in heading.records():
        if isinstance(record, Rejected):
            yield record
            continue
        line, fields = record
        gone = status is not None and fields[status].strip().lower() in _GONE
        changed = _time(fields[modified]) if modified is not None and fields[modified] else None
        yield Row(line, values(fields), gone, changed)


def _time(text: str) -> str | None:
    """ISO 8601 with offset, or None for the many other ways systems write a time; without offset it is UTC."""
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).isoformat()
