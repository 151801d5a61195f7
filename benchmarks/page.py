"""Writes docs/performance.md from the documents in benchmarks/results: no figure on it is typed.

A document is what ``./flyover bench NAME --keep`` wrote; ``results/NAME.md`` beside it, where there is one, says in
words what the figures mean and why a goal was missed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import BENCHMARKS
from pipeline import markdown
from pipeline.settings import CHECKOUT

_HEAD = """# Performance

Figures of this house and of what one could use instead, each pair from one run on one machine. This page is made by
`./flyover docs` from the documents in `benchmarks/results`; a new run with `--keep` takes the place of the old one. How
to read the columns: [benchmarks/README.md](../benchmarks/README.md).
"""


def results_dir(checkout: Path = CHECKOUT) -> Path:
    """Where the kept documents are."""
    return checkout / "benchmarks" / "results"


def page_path(checkout: Path = CHECKOUT) -> Path:
    """Where the page is."""
    return checkout / "docs" / "performance.md"


def write(checkout: Path = CHECKOUT) -> Path:
    """Write the page; returns where."""
    page = page_path(checkout)
    page.write_text(render(checkout), encoding="utf-8")
    return page


def render(checkout: Path = CHECKOUT) -> str:
    """The whole page: the goals of all benchmarks at a glance, then each benchmark."""
    kept = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in _documents(checkout)}
    parts = [_HEAD, "## Goals\n", _table(("benchmark", "goal", "aim", "found", "met"), _goals(kept))]
    for name, document in kept.items():
        words = results_dir(checkout) / f"{name}.md"
        parts += _section(document, words.read_text(encoding="utf-8") if words.exists() else "")
    return "\n".join(parts)


def _documents(checkout: Path) -> Iterator[tuple[str, Path]]:
    for name in BENCHMARKS:
        if (path := results_dir(checkout) / f"{name}.json").exists():
            yield name, path


def _goals(kept: Mapping[str, Any]) -> Iterator[Sequence[object]]:
    for name, document in kept.items():
        for goal in document["goals"]:
            yield f"[{name}](#{name})", goal["goal"], goal["aim"], goal["found"], "yes" if goal["met"] else "**no**"


def _section(document: Mapping[str, Any], words: str) -> Iterator[str]:
    machine = document["machine"]
    yield f"## {document['benchmark']}\n"
    yield (
        f"`{document['command']}`, {machine['at'][:10]}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}, Python {machine['python']}; load before: {machine['load_before'][0]}.\n"
    )
    for name, title in document["titles"].items():
        if name != "goals" and document[name]:
            yield f"**{title}**\n"
            yield _table(tuple(document[name][0]), (tuple(row.values()) for row in document[name]))
    yield "Versions: " + ", ".join(f"{name} {version}" for name, version in machine["versions"].items()) + ".\n"
    if words:
        yield words


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    return markdown.table(columns, (tuple(map(_cell, row)) for row in rows))


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}"
    return "" if value is None else str(value).replace("|", "\\|")
