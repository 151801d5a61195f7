"""The two parts of the warehouse, each a step of its own: core, which records reach, and the indicators made of it.

Core is every model tagged ``core`` with all that it is made from; what is left serves the indicators alone. A data test
belongs to core if everything it reads does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Literal

Part = Literal["core", "indicators"]
PARTS: tuple[Part, ...] = ("core", "indicators")
_TAG = "core"
_STANDING = ("view",)
"""Made once by a build of everything: nothing that an increment does takes a view away or changes its text."""


def wanted(manifest: Any, part: Part, moved: Collection[str] | None) -> frozenset[str]:
    """What of a part a build runs (unique ids) when these entities (``source.entity``) moved; None: everything."""
    parents = {
        unique_id: () if node.resource_type == "seed" else tuple(node.depends_on.nodes)
        for unique_id, node in manifest.nodes.items()
    }
    core = _above((unique_id for unique_id, node in manifest.nodes.items() if _TAG in node.tags), parents)
    own = {
        unique_id
        for unique_id, node in manifest.nodes.items()
        if _is_of_core(unique_id, node, core, parents) == (part == "core")
    }
    if moved is None:
        return frozenset(own)
    below = _below((f"source.{manifest.metadata.project_name}.{each}" for each in moved), parents)
    return frozenset(unique_id for unique_id in own & below if not _stands(manifest.nodes[unique_id]))


def _is_of_core(unique_id: str, node: Any, core: Collection[str], parents: Mapping[str, tuple[str, ...]]) -> bool:
    return unique_id in core or (node.resource_type == "test" and all(p in core for p in parents[unique_id]))


def _stands(node: Any) -> bool:
    return node.resource_type == "seed" or (node.resource_type == "model" and node.config.materialized in _STANDING)


def _above(start: Iterable[str], parents: Mapping[str, tuple[str, ...]]) -> set[str]:
    """These and all they are made from."""
    return _reached(start, lambda unique_id: parents.get(unique_id, ()))


def _below(start: Iterable[str], parents: Mapping[str, tuple[str, ...]]) -> set[str]:
    """These and all that is made from them, tests included."""
    children: Mapping[str, list[str]] = defaultdict(list)
    for unique_id, above in parents.items():
        for parent in above:
            children[parent].append(unique_id)
    return _reached(start, lambda unique_id: children.get(unique_id, ()))


def _reached(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    found: set[str] = set()
    ahead = list(start)
    while ahead:
        unique_id = ahead.pop()
        if unique_id not in found:
            found.add(unique_id)
            ahead += following(unique_id)
    return found
