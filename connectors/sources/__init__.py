"""One module a source; ``load`` finds it by name, so that a new source needs no list to be edited."""

from __future__ import annotations

import importlib
import importlib.util

from connectors.sources.base import Source
from pipeline import names
from pipeline.errors import ConfigurationError


def load(name: str) -> Source:
    """Return the reader of a source.

    :raises ConfigurationError: when there is no module of that name with a ``SOURCE`` in it
    """
    names.table(name, "rows")
    module = f"{__name__}.{name}"
    found = getattr(importlib.import_module(module), "SOURCE", None) if importlib.util.find_spec(module) else None
    if found is None:
        raise ConfigurationError(f"source {name!r}: connectors/sources/{name}.py with a SOURCE in it is missing")
    source: Source = found
    return source
