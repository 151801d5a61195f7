"""Which models are made from which entities, as dbt reads the project; kept until the project changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pipeline.settings import Settings
from release import build, changes

REGISTRY = "registry"
"""The source that is no delivery: the agencies."""


class _Kept(msgspec.Struct, frozen=True):
    """The file in the state directory."""

    project: str
    models_below: dict[str, list[str]]


def models_below(settings: Settings, source: str, entity: str) -> frozenset[str]:
    """Names of all models that an entity's rows can reach; none for an entity that nothing is made of.

    Seconds the first time after the project has changed.
    """
    return frozenset(_kept(settings).models_below.get(f"{source}.{entity}", ()))


def entities_above(settings: Settings, models: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Entities (source, entity) whose rows can reach one of these models, in order."""
    wanted = set(models)
    below = _kept(settings).models_below
    found = (name.split(".", 1) for name, reached in sorted(below.items()) if not wanted.isdisjoint(reached))
    return tuple((source, entity) for source, entity in found if source != REGISTRY)


def warm(settings: Settings) -> None:
    """Read the lineage now, so that nobody who asks for it waits."""
    _kept(settings)


def graph_of_source(source: str) -> str:
    """What follows the address of dbt's page (:func:`release.build.write_page`) for all that stands on a source."""
    return f"#!/source_list/{source}?g_v=1&g_i=source:{source}%2B"


def graph_of_model(model: str) -> str:
    """The same for all that a model stands on, and all that stands on it."""
    return f"#!/model/model.flyover.{model}?g_v=1&g_i=%2B{model}%2B"


def _kept(settings: Settings) -> _Kept:
    project = changes.digest(settings.checkout / "dbt_project")
    path = settings.state_dir / "dbt" / "lineage.json"
    kept = _read(path)
    if kept is None or kept.project != project:
        kept = _Kept(project, _traced(build.manifest(settings)))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.encode(kept))
    return kept


def _read(path: Path) -> _Kept | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Kept)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _traced(manifest: Any) -> dict[str, list[str]]:
    """Models below every source table."""
    children: Mapping[str, list[str]] = defaultdict(list)
    for node in manifest.nodes.values():
        if node.resource_type == "model":
            for parent in node.depends_on.nodes:
                children[parent].append(node.unique_id)
    return {
        f"{source.source_name}.{source.name}": sorted(
            manifest.nodes[unique_id].name for unique_id in _below(source.unique_id, children)
        )
        for source in manifest.sources.values()
    }


def _below(start: str, children: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [start]
    while ahead:
        fresh = set(children.get(ahead.pop(), ())) - found
        found |= fresh
        ahead += fresh
    return found
