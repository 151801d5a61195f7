"""How systems are asked that deliver no files: one module a way; ``load`` finds the agency's."""

from __future__ import annotations

from connectors import sources
from connectors.registry import Agency
from connectors.transports.base import Transport
from pipeline.errors import ConfigurationError


def load(agency: Agency) -> Transport:
    """The way an agency's system is asked, as its source offers it.

    Every source can be asked by ``cdc``; what else it knows it says itself.

    :raises ConfigurationError: when the source has no such transport
    """
    offered = {"cdc": _change_capture, **getattr(sources.load(agency.source), "transports", {})}
    if agency.transport not in offered:
        known = ", ".join(("file", *sorted(offered)))
        raise ConfigurationError(
            f"{agency.agency_code}.yml: {agency.source} cannot be asked by {agency.transport}; it knows {known}"
        )
    transport: Transport = offered[agency.transport]()
    return transport


def _change_capture() -> Transport:
    """Reads any source's tables: a captured row is told by the contract alone."""
    from connectors.transports.cdc import ChangeCapture

    return ChangeCapture()
