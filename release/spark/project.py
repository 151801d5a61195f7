"""The project as Spark runs it: every model compiled as for a build from nothing, translated, written down.

What dbt does on Spark is its own affair (order, threads, tables and views); the models are ours. Models that only serve
an increment, the lists of touched records, are left out: a build on Spark is always one from nothing.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.db import connect
from pipeline.errors import BadInput, FlyoverError
from pipeline.settings import CHECKOUT, Settings
from release import build
from release.spark.translate import relations_read, translate, typed

SCHEMAS = ("staging", "intermediate", "core")
_COLUMNS = """
select relations.relnamespace::regnamespace::text || '.' || relations.relname, attributes.attname,
    format_type(attributes.atttypid, attributes.atttypmod)
from pg_attribute as attributes
inner join pg_class as relations on attributes.attrelid = relations.oid
where relations.relnamespace::regnamespace::text <> all('{pg_catalog,information_schema,pg_toast}')
    and relations.relkind in ('r', 'v', 'm', 'p') and attributes.attnum > 0 and not attributes.attisdropped
order by 1, attributes.attnum
"""
_PROFILE = {
    "flyover": {
        "target": "spark",
        "outputs": {"spark": {"type": "spark", "method": "session", "host": "localhost", "schema": "staging"}},
    }
}
_PROJECT = {
    "name": "flyover", "config-version": 2, "version": "1.0.0", "profile": "flyover", "model-paths": ["models"],
    "macro-paths": ["macros"], "flags": {"send_anonymous_usage_stats": False, "use_colors": False},
    "models": {"flyover": {"+file_format": "parquet"}},
}  # fmt: skip


class NoColumns(FlyoverError):
    """A model that PostgreSQL has not built yet, so that the types of its columns are not known."""


Columns = Mapping[str, Mapping[str, str]]
"""Of every relation (schema.name) the columns in order, with the types PostgreSQL gives them."""


@dataclass(frozen=True)
class Model:
    """One model: ``sql`` as PostgreSQL runs it, the models it reads by name, the relations by schema.name."""

    name: str
    schema: str
    materialized: str
    sql: str
    parents: tuple[str, ...]
    reads: frozenset[str]

    @property
    def relation(self) -> str:
        """schema.name, as both databases call it."""
        return f"{self.schema}.{self.name}"


def models(settings: Settings) -> dict[str, Model]:
    """Every model a build from nothing needs, by name; compiles the project."""
    found = {}
    for node in build.compiled(settings):
        if node.name.endswith("__touched"):
            continue
        parents = (parent.rpartition(".")[2] for parent in node.depends_on.nodes if parent.startswith("model."))
        found[node.name] = Model(
            name=node.name,
            schema=node.schema,
            materialized=str(node.config.materialized),
            sql=node.compiled_code,
            parents=tuple(sorted(parent for parent in parents if not parent.endswith("__touched"))),
            reads=frozenset(relations_read(node.compiled_code)),
        )
    return found


def chosen(project: Mapping[str, Model], names: Sequence[str], held: Iterable[str] = ()) -> dict[str, Model]:
    """The named models (all, where none is named) with all they are made from, but for tables that are ``held``.

    :raises BadInput: when there is no model of a name
    """
    if not names:
        return dict(project)
    if unknown := sorted(set(names) - set(project)):
        raise BadInput(f"there is no model {', '.join(unknown)} in dbt_project")
    wanted: dict[str, Model] = {}
    ahead, present = list(names), set(held)
    while ahead:
        name = ahead.pop()
        if name not in wanted:
            wanted[name] = project[name]
            ahead += [parent for parent in project[name].parents if project[parent].relation not in present]
    return wanted


def tables(project: Mapping[str, Model]) -> set[str]:
    """Names of the models that Spark keeps as tables: those of PostgreSQL, and views that several models read.

    A view is worked out again by everyone who reads it; PostgreSQL does so for the few rows of an increment.
    """
    readers = Counter(parent for model in project.values() for parent in model.parents)
    return {name for name, model in project.items() if model.materialized != "view" or readers[name] > 1}


def columns(settings: Settings) -> Columns:
    """The columns of every relation there is."""
    found: dict[str, dict[str, str]] = {}
    with connect(settings, build.ROLE) as connection:
        for relation, name, kind in connection.execute(_COLUMNS):
            found.setdefault(relation, {})[name] = kind
    return found


def write(folder: Path, wanted: Mapping[str, Model], kept: set[str], known: Columns) -> None:
    """Write a dbt project of the ``wanted`` models that runs on Spark; ``kept`` names those that are tables.

    :raises Untranslatable: naming the model and the construct
    :raises NoColumns: when the warehouse has never been built
    """
    shutil.rmtree(folder, ignore_errors=True)
    for schema in SCHEMAS:
        (folder / "models" / schema).mkdir(parents=True)
    (folder / "macros").mkdir()
    shutil.copy(CHECKOUT / "dbt_project" / "macros" / "generate_schema_name.sql", folder / "macros")
    (folder / "dbt_project.yml").write_text(json.dumps(_PROJECT))
    (folder / "profiles.yml").write_text(json.dumps(_PROFILE))
    for model in wanted.values():
        text = _file(model, model.name in kept, set(wanted), known)
        (folder / "models" / model.schema / f"{model.name}.sql").write_text(text, encoding="utf-8")


def _file(model: Model, is_table: bool, beside: set[str], known: Columns) -> str:
    if model.relation not in known:
        raise NoColumns(f"{model.relation} is not in PostgreSQL: build the warehouse there first, be it empty")
    try:
        sql = typed(translate(model.sql), known[model.relation])
    except FlyoverError as error:
        raise type(error)(f"model {model.name}: {error}") from None
    needs = "".join(f"-- depends_on: {{{{ ref('{name}') }}}}\n" for name in model.parents if name in beside)
    kind = "table" if is_table else "view"
    config = f"{{{{ config(materialized='{kind}', schema='{model.schema}') }}}}"
    return f"{config}\n{needs}{{% raw %}}\n{sql}\n{{% endraw %}}\n"
