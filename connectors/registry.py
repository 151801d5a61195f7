"""Who delivers what, when: one yml an agency in ``connectors/agencies/``, named after its code.

Adding an agency on a known source is one file here and nothing else; ``problems`` says what else a source lacks.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from pipeline import contracts, names
from pipeline.errors import ConfigurationError

Sector = Literal["school", "open_university", "human_resources", "senior_university", "credit_bank", "reference"]
Area = Literal["province", "simulated", "outside"]
Mode = Literal["bulk", "delta", "append"]
TransportKind = Literal["file", "rest", "sql", "cdc"]
Tolerance = Literal["strict", "lenient"]
Language = Literal["zh", "en"]
Realm = Literal["real", "simulated"]

_REALMS: Mapping[Area, Realm | None] = {"province": "real", "simulated": "simulated", "outside": None}
_CRON = re.compile(r"\S+( \S+){4}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_REQUIRED = ("agency_code", "name_zh", "name_en", "sector", "source", "area", "mode", "time_zone", "owner")
_OPTIONAL = (
    "schedule", "expected_by", "paused", "term_calendar", "params", "secret_names", "transport", "tolerance",
    "language", "contract_versions",
)  # fmt: skip
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "sector": get_args(Sector),
    "area": get_args(Area),
    "mode": get_args(Mode),
    "transport": get_args(TransportKind),
    "tolerance": get_args(Tolerance),
    "language": get_args(Language),
}


@dataclass(frozen=True)
class Term:
    """One teaching term of an agency; ``ends`` is the first day that no longer belongs to it."""

    name: str
    begins: dt.date
    ends: dt.date


@dataclass(frozen=True)
class Agency:
    """One agency as its yml describes it; passwords are only named here, never held."""

    agency_code: str
    name_zh: str
    name_en: str
    sector: Sector
    source: str
    area: Area
    mode: Mode
    """``bulk``: a delivery is the whole truth, what is missing from it is deleted; ``delta``: it says what changed and
    what is deleted; ``append``: nothing changes or disappears"""
    time_zone: str
    owner: str
    schedule: str | None = None
    """cron in the agency's time zone; None = by event only"""
    expected_by: str | None = None
    """local time (HH:MM) on a scheduled day after which the delivery is late"""
    paused: bool = False
    term_calendar: tuple[Term, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict, hash=False)
    """what only this source understands, e.g. ``reference_date`` and ``base`` of a yearbook"""
    secret_names: tuple[str, ...] = ()
    transport: TransportKind = "file"
    """``file``: what lies in its drop folder; else how its system is asked"""
    tolerance: Tolerance = "lenient"
    """``lenient``: what can mean only one thing is repaired and the sender told; ``strict``: it is refused"""
    language: Language = "zh"
    """of its receipts"""
    contract_versions: Mapping[str, int] = field(default_factory=dict, hash=False)
    """major version it speaks, by concept (``{employments: 2}``); the oldest where nothing is said"""

    @property
    def realm(self) -> Realm | None:
        """World its records belong to; the real and the simulated never meet, and an outsider belongs to neither."""
        return _REALMS[self.area]


@dataclass(frozen=True)
class Problem:
    """Something a source or an agency still lacks, and what to do about it."""

    subject: str
    missing: str
    advice: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.missing}. {self.advice}"


def load_all(directory: Path) -> Mapping[str, Agency]:
    """All agencies by code, in the order of their codes.

    :raises ConfigurationError: naming the file and what is wrong in it
    """
    agencies = {agency.agency_code: agency for agency in map(read, sorted(directory.glob("*.yml")))}
    if not agencies:
        raise ConfigurationError(f"no agencies under {directory}: write one <code>.yml there")
    return agencies


def of_source(directory: Path, source: str) -> tuple[Agency, ...]:
    """Agencies that deliver in the form of one source."""
    return tuple(agency for agency in load_all(directory).values() if agency.source == source)


def sources(directory: Path) -> tuple[str, ...]:
    """Sources that have at least one agency, in alphabetical order."""
    return tuple(sorted({agency.source for agency in load_all(directory).values()}))


def read(path: Path) -> Agency:
    """Read and check one agency's yml."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path.name}: cannot be read as YAML: {error}") from error
    if not isinstance(document, dict):
        raise ConfigurationError(f"{path.name}: write one setting a line, as in the other agencies' files")
    for complaint in _complaints(document, path):
        raise ConfigurationError(f"{path.name}: {complaint}")
    return Agency(
        **{key: document[key] for key in _REQUIRED},
        schedule=document.get("schedule"),
        expected_by=document.get("expected_by"),
        paused=document.get("paused", False),
        term_calendar=tuple(Term(**term) for term in document.get("term_calendar") or ()),
        params={str(key): str(value) for key, value in (document.get("params") or {}).items()},
        secret_names=tuple(document.get("secret_names") or ()),
        **{
            key: document[key] for key in ("transport", "tolerance", "language", "contract_versions") if key in document
        },
    )


def problems(checkout: Path, *, source: str | None = None, agency: str | None = None) -> list[Problem]:
    """What the sources (all, or one, or an agency's) lack before their records can flow from file to warehouse.

    An agency whose yml is wrong is a problem too, not an exception, so that one look lists everything.
    """
    found: list[Problem] = []
    wanted = {source} if source else set() if agency else _with_contracts(checkout)
    for path in sorted((checkout / "connectors" / "agencies").glob("*.yml")):
        if agency not in (None, path.stem):
            continue
        try:
            known = read(path)
        except ConfigurationError as error:
            found.append(Problem(path.stem, str(error), f"Mend {path.relative_to(checkout)}."))
            continue
        if source is None:
            wanted.add(known.source)
    if agency and not (checkout / "connectors" / "agencies" / f"{agency}.yml").exists():
        found.append(Problem(agency, "no such agency", f"Write connectors/agencies/{agency}.yml."))
    for name in sorted(wanted):
        found.extend(_source_problems(checkout, name))
    return found


def _with_contracts(checkout: Path) -> set[str]:
    return {path.parent.name for path in (checkout / "contracts").glob("*/*.odcs.yaml")}


def _complaints(document: dict[str, Any], path: Path) -> Iterator[str]:
    yield from (f"{key} is missing" for key in _REQUIRED if not document.get(key))
    yield from (f"{key} is not a setting we know" for key in document if key not in _REQUIRED + _OPTIONAL)
    for key, choices in _CHOICES.items():
        if document.get(key, choices[0]) not in choices:
            yield f"{key} must be one of {', '.join(choices)}, not {document[key]!r}"
    if names.agency(str(document["agency_code"])) != path.stem:
        yield f"agency_code must be {path.stem}, like the file's name"
    names.table(str(document["source"]), "rows")
    if document["time_zone"] not in _time_zones():
        yield f"time_zone {document['time_zone']!r} is not known (example: Asia/Shanghai)"
    schedule = document.get("schedule")
    if schedule is not None and not _CRON.fullmatch(str(schedule)):
        yield f"schedule {schedule!r} must be five cron fields in quotes, or null for deliveries by event only"
    expected = document.get("expected_by")
    if expected is not None and not (isinstance(expected, str) and _CLOCK.fullmatch(expected)):
        yield 'expected_by must be a local time in quotes, like "06:30"'
    if not isinstance(document.get("paused", False), bool):
        yield "paused must be true or false"
    if not isinstance(document.get("params") or {}, dict):
        yield "params must be names and values"
    versions = document.get("contract_versions", {})
    if not isinstance(versions, dict) or not all(isinstance(major, int) for major in versions.values()):
        yield "contract_versions must be names of entities and whole numbers"
    yield from _term_complaints(document.get("term_calendar") or [])


@functools.cache
def _time_zones() -> frozenset[str]:
    """Every zone this machine knows: hundreds of files, so they are looked through once."""
    return frozenset(zoneinfo.available_timezones())


def _term_complaints(terms: list[Any]) -> Iterator[str]:
    for term in terms:
        if not isinstance(term, dict) or set(term) != {"name", "begins", "ends"}:
            yield "each term of term_calendar needs name, begins and ends"
        elif not all(isinstance(term[edge], dt.date) for edge in ("begins", "ends")) or term["begins"] >= term["ends"]:
            yield f"term {term['name']!r} must begin before it ends, both as YYYY-MM-DD"


def _source_problems(checkout: Path, source: str) -> Iterator[Problem]:
    needed = {
        f"contracts/{source}": "Write one ODCS contract an entity, <entity>.odcs.yaml.",
        f"connectors/sources/{source}.py": "Write the module that reads the agency's files and name it SOURCE there.",
        f"dbt_project/models/staging/{source}": "Write one staging model an entity.",
        f"tests/fixtures/{source}": "Put a small synthetic delivery there, right and wrong.",
    }
    for place, advice in needed.items():
        if not (checkout / place).exists():
            yield Problem(source, f"{place} is missing", advice)
    for path in sorted((checkout / "contracts" / source).glob("*.odcs.yaml")):
        try:
            contract = contracts.read(path)
        except ConfigurationError as error:
            yield Problem(source, str(error), f"Mend {path.relative_to(checkout)}.")
            continue
        suite = f"expectations/suites/{contract.table}.yaml"
        model = f"dbt_project/models/staging/{source}/{names.staging_model(source, contract.entity)}.sql"
        if not (checkout / suite).exists():
            yield Problem(contract.name, f"{suite} is missing", "Write its rules, in Chinese and English.")
        if not (checkout / model).exists():
            yield Problem(contract.name, f"{model} is missing", "Write its staging model.")
