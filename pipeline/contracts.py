"""Reads the data contracts: one ODCS v3.1 file per entity, from which everything else about it is made.

``contracts/<source>/<entity>.odcs.yaml``. Beside the standard's own properties a contract uses these custom ones:

A breaking change is a contract of its own beside the old one, ``<entity>_v2.odcs.yaml`` with version 2.0.0, a topic, a
landing table and a suite of its own; each agency says in its yml which one it speaks.

on the contract
    ``source``, ``entity``, ``file`` (name in the agency's package), ``recordIdentity``: ``key`` (the primary key
    names a record) or ``occurrence`` (rows repeat: natural key + payload hash + occurrence number).
on a property
    ``identifier``: kind of personal identifier (``resident_id``, ``full_name``, ``given_name``, ``family_name``,
    ``phone``, ``email``, ``account``): kept out of every ordinary topic, sent sealed to the vault;
    ``linkage``: ``birth_date``, ``sex``, ``division`` or ``institution``: stays in the payload and is copied to the
    vault for linkage; ``reference``: entity of the same source whose record id this column holds; ``pseudonym``: true
    for a word that names someone within one source (a learning system's actor): it travels as a keyed hash.

``classification`` of a property: ``public``, ``internal``, ``personal``, ``identifier`` (never leaves the edge in the
clear) or ``dropped`` (read from the file and thrown away).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from pipeline import names
from pipeline.errors import ConfigurationError

PgType = Literal["text", "integer", "bigint", "double precision", "numeric", "date", "timestamptz", "boolean"]
Classification = Literal["public", "internal", "personal", "identifier", "dropped"]
_PG_TYPES = frozenset(PgType.__args__)  # type: ignore[attr-defined]
_CLASSIFICATIONS = frozenset(Classification.__args__)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Field:
    """One property of a contract; ``name`` is the source's word for it, ``column`` ours in landing."""

    name: str
    column: str
    pg_type: PgType
    required: bool
    classification: Classification
    description: str
    max_length: int | None = None
    key_position: int | None = None
    identifier: str | None = None
    linkage: str | None = None
    reference: str | None = None
    pseudonym: bool = False


@dataclass(frozen=True, eq=False)
class Contract:
    """What one entity of one source looks like and who answers for it. Each is read once, so identity compares."""

    source: str
    entity: str
    version: str
    title: str
    description: str
    owner: str
    file: str
    identity: Literal["key", "occurrence"]
    fields: tuple[Field, ...]
    path: Path
    landing_months: int | None = None
    """for how long landing keeps superseded versions; None: as the one who asks for retention says, else for ever"""

    @property
    def major(self) -> int:
        """Major version: a breaking change raises it."""
        return int(self.version.split(".")[0])

    @property
    def concept(self) -> str:
        """What the entity is about in every major version: ``employments`` of ``employments_v2``."""
        return self.entity.removesuffix(f"_v{self.major}")

    @property
    def name(self) -> str:
        """``source.entity``, as people and messages say it."""
        return f"{self.source}.{self.entity}"

    @property
    def topic(self) -> str:
        """Kafka topic of the entity."""
        return names.topic(self.source, self.concept, self.major)

    @property
    def table(self) -> str:
        """Name of its landing table, quarantine table, released view and suite."""
        return names.table(self.source, self.entity)

    @property
    def landed_fields(self) -> tuple[Field, ...]:
        """Fields that travel in the payload and have a column in landing, in contract order."""
        return tuple(f for f in self.fields if f.classification not in ("identifier", "dropped"))

    @property
    def identifier_fields(self) -> tuple[Field, ...]:
        """Fields that leave the edge only sealed."""
        return tuple(f for f in self.fields if f.classification == "identifier")

    @property
    def key_fields(self) -> tuple[Field, ...]:
        """Primary key in its order; empty where rows have none."""
        keyed = [f for f in self.fields if f.key_position is not None]
        return tuple(sorted(keyed, key=lambda f: f.key_position or 0))

    @property
    def bears_person(self) -> bool:
        """Whether its rows carry a resident id, and so a ``_person_key`` and an ``_id_status``."""
        return any(f.identifier == "resident_id" for f in self.fields)

    @property
    def tells_of_persons(self) -> bool:
        """Whether its rows say when someone was born or of which sex they are."""
        return any(f.linkage in ("birth_date", "sex") for f in self.landed_fields)


@functools.cache
def load_all(directory: Path) -> Mapping[tuple[str, str], Contract]:
    """All contracts by (source, entity), in the order of the files' names.

    :raises ConfigurationError: naming the file and what is wrong in it
    """
    contracts = {(c.source, c.entity): c for c in _read_all(directory)}
    if not contracts:
        raise ConfigurationError(f"no contracts under {directory}")
    return contracts


def of_source(directory: Path, source: str) -> tuple[Contract, ...]:
    """Contracts of one source, in the order of the files' names."""
    return tuple(c for c in load_all(directory).values() if c.source == source)


def spoken(directory: Path, source: str, versions: Mapping[str, int]) -> tuple[Contract, ...]:
    """One contract of each concept of a source: the major version an agency says it speaks, else the oldest.

    :raises ConfigurationError: for a concept or a version there is no contract of
    """
    owned = of_source(directory, source)
    known = {(contract.concept, contract.major): contract for contract in owned}
    for concept, major in versions.items():
        if (concept, major) not in known:
            raise ConfigurationError(f"there is no version {major} of {source}.{concept}: see contracts/{source}/")
    oldest = {concept: min(major for other, major in known if other == concept) for concept, _ in known}
    wanted = {**oldest, **versions}
    return tuple(contract for contract in owned if wanted[contract.concept] == contract.major)


def _read_all(directory: Path) -> Iterator[Contract]:
    for path in sorted(directory.glob("*/*.odcs.yaml")):
        yield read(path)


def read(path: Path) -> Contract:
    """Read and check one contract file."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return _contract(document, path)
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{path.name}: not a contract as we write them: {error!r}") from error


def _contract(document: dict[str, Any], path: Path) -> Contract:
    custom = _custom(document)
    (schema,) = document["schema"]
    contract = Contract(
        source=custom["source"],
        entity=custom["entity"],
        version=str(document["version"]),
        title=document["name"],
        description=document["description"]["purpose"],
        owner=custom["owner"],
        file=custom["file"],
        identity=custom.get("recordIdentity", "key"),
        fields=tuple(_field(prop, path) for prop in schema["properties"]),
        path=path,
        landing_months=int(custom["landing_months"]) if "landing_months" in custom else None,
    )
    if contract.landing_months is not None and contract.landing_months < 1:
        raise ConfigurationError(f"{path.name}: landing_months is a number of whole months, 1 at least")
    if schema["physicalName"] != contract.table:
        raise ConfigurationError(f"{path.name}: physicalName must be {contract.table}")
    if contract.entity != names.versioned(contract.concept, contract.major):
        raise ConfigurationError(
            f"{path.name}: version {contract.version} of {contract.concept} must be called "
            f"{names.versioned(contract.concept, contract.major)}"
        )
    if not contract.key_fields:
        raise ConfigurationError(f"{path.name}: name the primary key (for recordIdentity occurrence, the natural key)")
    return contract


def _field(prop: dict[str, Any], path: Path) -> Field:
    custom = _custom(prop)
    pg_type, classification = prop["physicalType"], prop["classification"]
    if pg_type not in _PG_TYPES:
        raise ConfigurationError(f"{path.name}: {prop['name']}: physicalType {pg_type!r} is not one of ours")
    if classification not in _CLASSIFICATIONS:
        raise ConfigurationError(f"{path.name}: {prop['name']}: classification {classification!r} is not known")
    if (classification == "identifier") != ("identifier" in custom):
        raise ConfigurationError(f"{path.name}: {prop['name']}: an identifier needs both class and kind")
    return Field(
        name=prop["name"],
        column=prop.get("physicalName", prop["name"]),
        pg_type=pg_type,
        required=bool(prop.get("required", False)),
        classification=classification,
        description=prop["description"],
        max_length=prop.get("logicalTypeOptions", {}).get("maxLength"),
        key_position=prop.get("primaryKeyPosition", 1) if prop.get("primaryKey") else None,
        identifier=custom.get("identifier"),
        linkage=custom.get("linkage"),
        reference=custom.get("reference"),
        pseudonym=bool(custom.get("pseudonym", False)),
    )


def _custom(node: dict[str, Any]) -> dict[str, Any]:
    return {item["property"]: item["value"] for item in node.get("customProperties", [])}
