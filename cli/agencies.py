"""Finds the agency a person names."""

from __future__ import annotations

from connectors import registry
from connectors.registry import Agency
from pipeline.errors import BadInput
from pipeline.settings import Settings


def find(settings: Settings, code: str) -> Agency:
    """The agency with this code.

    :raises BadInput: when there is none; those there are, are named
    """
    known = registry.load_all(settings.agencies_dir)
    if code not in known:
        raise BadInput(f"no agency {code}", advice=f"Known: {', '.join(known)}; add one in connectors/agencies/")
    return known[code]
