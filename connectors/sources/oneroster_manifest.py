"""What a OneRoster package says it holds, held against what it holds.

A bulk set is trusted only when manifest and files agree: a forgotten file must never delete a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from connectors.registry import Agency
from connectors.sources import delimited
from connectors.sources import oneroster_deviations as deviations
from connectors.sources.base import Rejected, Repair, TableMode
from connectors.sources.delimited import Heading
from connectors.sources.oneroster_deviations import Tolerance
from connectors.sources.oneroster_standard import DataFile, Version, files
from connectors.sources.package import Member, Package

Declared = Literal["absent", "bulk", "delta"]
MANIFEST = "manifest.csv"

_DECLARATIONS: Mapping[str, Declared] = {"absent": "absent", "bulk": "bulk", "delta": "delta"}
_VERSIONS: Mapping[str, Version] = {"1.1": "1.1", "1.2": "1.2"}
_ALSO_WRITTEN: Mapping[str, Version] = {"1.1.0": "1.1", "1.2.0": "1.2", "1.2.1": "1.2"}
_AGREE = "Manifest and files must agree; nothing was taken in, so that nothing is deleted by mistake."
_READ_AS = "Export as OneRoster 1.1 or 1.2."


@dataclass(frozen=True)
class Part:
    """One file of a package, and how it is to be taken."""

    file: DataFile
    member: Member
    mode: TableMode
    is_delta: bool
    """its rows say what became of them; else the file is the whole truth of its kind"""
    repairs: tuple[Repair, ...]


@dataclass(frozen=True)
class Contents:
    """A package's files; ``notes`` are about the package as a whole and about files that are none of these."""

    version: Version
    parts: tuple[Part, ...]
    notes: tuple[Repair, ...]


def contents(package: Package, agency: Agency, tolerance: Tolerance) -> Contents:
    """Check the package as a whole.

    :raises BadInput: manifest and files do not agree, or the manifest cannot be read
    """
    manifest = package.find(MANIFEST)
    notes: list[Repair] = []
    if package.enclosing and tolerance.is_strict:  # a lenient agency is told so by the package
        tolerance.met(deviations.ENCLOSING, _any(package))
    version: Version
    if manifest is None:
        version, declared = "1.0", _undeclared(package)
        notes.append(tolerance.met(deviations.NO_MANIFEST, _any(package))._replace(file=MANIFEST))
    else:
        version, declared, met = _read(manifest, tolerance)
        notes += met
    _check_presence(package, declared)
    parts = tuple(_parts(package, declared, agency, tolerance))
    return Contents(version, parts, (*notes, *_unknown(package, tolerance)))


def _any(package: Package) -> Member:
    """A member to complain of the package with: under the package's own name."""
    member = next(iter(package.members.values()))
    return Member(package.label, package.label, package.sender, member.open)


def _undeclared(package: Package) -> dict[str, Declared]:
    """OneRoster 1.0: what is there is there; what is not is not spoken of, so nothing of it is deleted."""
    declared: dict[str, Declared] = {name: "bulk" if package.find(f"{name}.csv") else "absent" for name in files()}
    if "bulk" not in declared.values():
        raise package.bad(
            "none of its files is one of OneRoster's",
            code="refused.oneroster_no_files",
            advice="Export as OneRoster CSV: orgs.csv, users.csv, classes.csv, enrollments.csv and so on.",
        )
    return declared


def _read(manifest: Member, tolerance: Tolerance) -> tuple[Version, dict[str, Declared], list[Repair]]:
    said, repairs = _properties(manifest), []
    for name in ("manifest.version", "oneroster.version"):
        if name not in said:
            raise _bad_manifest(manifest, f"{name} is not given", _READ_AS)
    if said["manifest.version"] != "1.0":
        raise _bad_manifest(manifest, f"manifest.version {said['manifest.version'][:20]!r} is not 1.0", _READ_AS)
    written = said["oneroster.version"]
    version = _VERSIONS.get(written) or _ALSO_WRITTEN.get(written)
    if version is None:
        raise _bad_manifest(manifest, f"oneroster.version {written[:20]!r} is not one we read (1.1, 1.2)", _READ_AS)
    if written not in _VERSIONS:
        repairs.append(tolerance.met(deviations.MANIFEST_WORDS, manifest)._replace(file=manifest.name))
    declared: dict[str, Declared] = {}
    for name, file in files().items():
        written = said.get(f"file.{name}", "absent")
        mode = _DECLARATIONS.get(written.lower())
        if mode is None:
            problem = f"file.{name} must be absent, bulk or delta, not {written[:40]!r}"
            raise _bad_manifest(manifest, problem, "Correct the manifest.")
        if written != mode or (f"file.{name}" not in said and file.since <= version):
            repairs.append(tolerance.met(deviations.MANIFEST_WORDS, manifest)._replace(file=manifest.name))
        declared[name] = mode
    return version, declared, repairs


def _properties(manifest: Member) -> dict[str, str]:
    header = [column.strip() for column in delimited.first_record(manifest)]
    if header != ["propertyName", "value"]:
        raise _bad_manifest(manifest, "the header must be propertyName,value", "Export the package again.", line=1)
    properties = {}
    for record in Heading(manifest, ("propertyName", "value"), ()).records():
        if isinstance(record, Rejected):
            problem = "this is not a name and a value"
            raise _bad_manifest(manifest, problem, "Export the package again.", line=record.line)
        _, (name, value) = record
        properties[name.strip()] = value.strip()
    return properties


def _bad_manifest(manifest: Member, problem: str, advice: str, line: int | None = None) -> Exception:
    return manifest.bad(problem, line=line, advice=advice, code="refused.oneroster_manifest")


def _check_presence(package: Package, declared: Mapping[str, Declared]) -> None:
    code = "refused.oneroster_manifest_disagrees"
    for name, mode in declared.items():
        member = package.find(f"{name}.csv")
        if mode != "absent" and member is None:
            raise package.bad(
                f"manifest.csv declares {name}.csv as {mode}, but it is not there", advice=_AGREE, code=code
            )
        if mode == "absent" and member is not None:
            raise member.bad("manifest.csv does not declare this file", advice=_AGREE, code=code)
    if all(mode == "absent" for mode in declared.values()):
        raise package.bad("manifest.csv declares every file absent", advice=_AGREE, code=code)


def _parts(package: Package, declared: Mapping[str, Declared], agency: Agency, tolerance: Tolerance) -> Iterator[Part]:
    for name, said in declared.items():
        member = package.find(f"{name}.csv")
        if said == "absent" or member is None:
            continue
        renamed = member.name != f"{name}.csv"
        repairs = (tolerance.met(deviations.FILE_NAME, member),) if renamed else ()
        mode: TableMode = "delta" if said == "delta" else agency.mode
        yield Part(files()[name], member, mode, said == "delta", repairs)


def _unknown(package: Package, tolerance: Tolerance) -> Iterator[Repair]:
    known = {f"{name}.csv".lower() for name in files()} | {MANIFEST}
    for name, member in package.members.items():
        if name not in known:
            yield tolerance.met(deviations.UNKNOWN_FILE, member)._replace(file=member.name)
