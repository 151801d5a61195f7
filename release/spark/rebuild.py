"""Core and the indicators' candidates made on Spark, from nothing, out of what PostgreSQL has released."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.settings import Settings
from release.spark import engine, project, published
from release.spark.compare import Difference, compare
from release.spark.export import export

Say = Callable[[str], None]
CANDIDATES = "core.indicator_candidate"


@dataclass(frozen=True)
class Rebuild:
    """What was made: ``relations`` are the tables of it (schema.name), ``exported`` the rows each source had."""

    outcome: engine.Outcome
    relations: tuple[str, ...]
    exported: dict[str, int]
    seconds: float


def rebuild(
    settings: Settings, say: Say, names: Sequence[str] = (), *, cores: int = 2, memory_mb: int = 2500
) -> Rebuild:
    """Build the named models, or all, with what they are made from; what an earlier run left is used where some are.

    :raises Untranslatable: naming the model and the construct
    :raises SystemTrouble: when Spark cannot be run
    """
    began, place = time.monotonic(), engine.home(settings)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    known, whole = project.columns(settings), project.models(settings)
    kept = project.tables(whole)
    if not names:
        shutil.rmtree(place / "tables", ignore_errors=True)
    held = {whole[name].relation for name in kept - set(names) if folder(settings, whole[name].relation).is_dir()}
    wanted = project.chosen(whole, names, held)
    for model in wanted.values():
        shutil.rmtree(folder(settings, model.relation), ignore_errors=True)
    made = {model.relation for model in whole.values()}
    sources = {name for model in wanted.values() for name in model.reads} - made
    exported = export(settings, sources, known, place / "sources")
    say(f"Spark: {sum(exported.values()):,} rows of {len(exported)} relations exported")
    project.write(place / "project", wanted, kept, known)
    tables = {name: place / "sources" / name for name in sources}
    tables |= {name: folder(settings, name) for name in held - {model.relation for model in wanted.values()}}
    say(f"Spark: building {len(wanted)} models")
    outcome = engine.run(settings, place / "project", tables, say, cores=cores, memory_mb=memory_mb)
    built = {step.name for step in outcome.steps if step.is_built}
    relations = tuple(sorted(wanted[name].relation for name in kept & built))
    return Rebuild(outcome, relations, exported, time.monotonic() - began)


def hold_against(settings: Settings, made: Rebuild) -> list[Difference]:
    """Compare every table that was made with PostgreSQL's of the same name, and what a release of each would show."""
    folders = {relation: folder(settings, relation) for relation in made.relations}
    found = compare(settings, folders, project.columns(settings))
    return [*found, published.compare(settings, folders[CANDIDATES])] if CANDIDATES in folders else found


def folder(settings: Settings, relation: str) -> Path:
    """Where Spark keeps a table's files."""
    schema, _, name = relation.partition(".")
    return engine.home(settings) / "tables" / f"{schema}.db" / name
