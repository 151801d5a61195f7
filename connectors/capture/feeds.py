"""What is captured from where: an agency's yml read as tables of its database and entities of its source.

``params`` of an agency with ``transport: cdc``::

    host, port, database, user      where its database is, and as whom we read; the password is a credential
    tls                             verify-full (default), verify-ca, require or disable
    tls_ca                          a file with the authority's certificate, where the system does not know it
    tables                          employments=public.employment, trainings=hr.training: entity=schema.table
    columns                         optional: employments.resident_id=sfzh, where a column bears another name than the
                                    contract's property
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors import registry
from connectors.registry import Agency
from pipeline import contracts, names
from pipeline.contracts import Contract
from pipeline.errors import ConfigurationError

log = logging.getLogger(__name__)
PASSWORD = "password"  # noqa: S105  the name of the credential
TLS = ("verify-full", "verify-ca", "require", "disable")
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_TABLE = re.compile(rf"({_NAME})=({_NAME})\.({_NAME})")
_COLUMN = re.compile(rf"({_NAME})\.([A-Za-z][A-Za-z0-9_.]*)=({_NAME})")


@dataclass(frozen=True)
class Captured:
    """One table of the agency's, and the entity it is."""

    contract: Contract
    schema: str
    table: str
    columns: Mapping[str, str]
    """column by contract property; ``dropped`` ones are not asked for"""

    @property
    def entity(self) -> str:
        """The entity its rows are."""
        return self.contract.entity

    @property
    def name(self) -> str:
        """``schema.table``, as messages say it."""
        return f"{self.schema}.{self.table}"

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Columns that name a record, in the order of the contract's key."""
        return tuple(self.columns[field.name] for field in self.contract.key_fields)


@dataclass(frozen=True)
class Feed:
    """Everything one connector is made of."""

    agency: Agency
    host: str
    port: int
    database: str
    user: str
    tls: str
    tls_ca: str | None
    tables: tuple[Captured, ...]

    @property
    def code(self) -> str:
        """Agency code; the connector bears it."""
        return self.agency.agency_code

    @property
    def address(self) -> str:
        """The database as messages name it."""
        return f"{self.host}:{self.port}/{self.database}"

    @property
    def slot(self) -> str:
        """Replication slot and publication, in the agency's database."""
        return names.replication_slot(self.code)

    @property
    def topic(self) -> str:
        """The restricted topic of its changes."""
        return names.raw_topic(self.code)

    def table(self, schema: str, table: str) -> Captured | None:
        """What is captured of a table."""
        return next((found for found in self.tables if (found.schema, found.table) == (schema, table)), None)


def read(
    agencies_dir: Path,
    contracts_dir: Path,
    wanted: Callable[[Agency], bool] = lambda agency: not agency.paused,
    say: Callable[[str], None] = log.warning,
) -> list[Feed]:
    """Feeds of the wanted agencies among those that are captured, by agency code.

    What is wrong in one agency's yml is said, and stops no other.
    """
    found = []
    for path in sorted(agencies_dir.glob("*.yml")):
        try:
            agency = registry.read(path)
            if agency.transport == "cdc" and wanted(agency):
                found.append(of(agency, contracts_dir))
        except ConfigurationError as error:
            say(str(error))
    return found


def of(agency: Agency, contracts_dir: Path) -> Feed:
    """The feed an agency's yml describes.

    :raises ConfigurationError: naming the file and the setting
    """
    for key in ("host", "port", "database", "user", "tables"):
        if not agency.params.get(key):
            raise _wrong(agency, f"params.{key} is missing")
    tls = agency.params.get("tls", TLS[0])
    if tls not in TLS:
        raise _wrong(agency, f"params.tls must be one of {', '.join(TLS)}, not {tls!r}")
    for key in ("database", "user"):
        if not _PLAIN.fullmatch(agency.params[key]):
            raise _wrong(agency, f"params.{key}: use letters, digits, hyphens and underscores")
    if not agency.params["port"].isdigit():
        raise _wrong(agency, "params.port must be a number")
    return Feed(
        agency=agency,
        host=agency.params["host"],
        port=int(agency.params["port"]),
        database=agency.params["database"],
        user=agency.params["user"],
        tls=tls,
        tls_ca=agency.params.get("tls_ca"),
        tables=tuple(_tables(agency, contracts_dir)),
    )


def _tables(agency: Agency, contracts_dir: Path) -> Iterator[Captured]:
    known = {contract.entity: contract for contract in contracts.of_source(contracts_dir, agency.source)}
    renamed = dict(_renamed(agency))
    used: set[tuple[str, str]] = set()
    for text in _listed(agency, "tables"):
        found = _TABLE.fullmatch(text)
        if found is None or found[1] not in known:
            raise _wrong(
                agency, f"params.tables: write entity=schema.table, entity one of {', '.join(known)}; not {text!r}"
            )
        contract = known[found[1]]
        wanted = [field.name for field in contract.fields if field.classification != "dropped"]
        columns = {name: renamed.get((contract.entity, name), name) for name in wanted}
        used.update((contract.entity, name) for name in wanted)
        yield Captured(contract, found[2], found[3], columns)
    if unknown := sorted(renamed.keys() - used):
        raise _wrong(agency, f"params.columns: {'.'.join(unknown[0])} is no field that is captured")


def _renamed(agency: Agency) -> Iterator[tuple[tuple[str, str], str]]:
    for text in _listed(agency, "columns"):
        found = _COLUMN.fullmatch(text)
        if found is None:
            raise _wrong(agency, f"params.columns: write entity.property=column, not {text!r}")
        yield (found[1], found[2]), found[3]


def _listed(agency: Agency, key: str) -> list[str]:
    return [part for text in agency.params.get(key, "").split(",") if (part := text.strip())]


def _wrong(agency: Agency, complaint: str) -> ConfigurationError:
    return ConfigurationError(f"{agency.agency_code}.yml: {complaint}")
