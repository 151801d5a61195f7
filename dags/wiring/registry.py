"""The registry as the DAG files see it: one agency's wrong yml does not take the others' DAGs away."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.registry import Agency, read
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT

AGENCIES_DIR = CHECKOUT / "connectors" / "agencies"


@dataclass(frozen=True)
class Registry:
    """Agencies by code that can be read, and what is wrong with the others."""

    agencies: Mapping[str, Agency]
    complaints: tuple[str, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Sources with at least one agency, in alphabetical order."""
        return tuple(sorted({agency.source for agency in self.agencies.values()}))

    def sectors(self, source: str) -> frozenset[str]:
        """Sectors that deliver in the form of a source."""
        return frozenset(agency.sector for agency in self.agencies.values() if agency.source == source)


@functools.cache
def known() -> Registry:
    """Read once a process: Airflow parses in a fresh one each time."""
    agencies, complaints = {}, []
    for path in sorted(AGENCIES_DIR.glob("*.yml")):
        try:
            agencies[path.stem] = read(path)
        except ConfigurationError as error:
            complaints.append(str(error))
    return Registry(agencies, tuple(complaints))
