"""Writes everything :func:`connectors.registry.problems` asks of a new source, from a sample CSV.

Nothing that is there is changed: no list is edited, for none lists the sources. What a sample cannot say (what a column
means, which rules hold) is written as far as it can be guessed, and the engineer goes over it.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jinja2

from connectors import registry
from connectors.scaffold import invented, rules, sample, staging
from connectors.scaffold.sample import Column
from pipeline import contract_dbt, contracts, names
from pipeline.errors import BadInput

_TEMPLATES: Final = Path(__file__).parent / "templates"
INVENTED_ROWS: Final = 3


@dataclass(frozen=True)
class Written:
    """What was written, and what was guessed of each column."""

    paths: tuple[Path, ...]
    columns: tuple[Column, ...]

    @property
    def bears_person(self) -> bool:
        """Whether its rows are about persons, so that core must be told who they are."""
        return any(column.identifier == "resident_id" for column in self.columns)


def write(
    checkout: Path, name: str, entity: str, key: Sequence[str], path: Path, *, zh: str | None = None, today: dt.date
) -> Written:
    """Write the files of source ``name`` with one entity; all of them or none.

    :raises BadInput: the source is there already, or the sample cannot be used; nothing was written
    """
    table, topic = names.table(name, entity), names.topic(name, entity)
    if len(table) > 40 or (checkout / "connectors" / "sources" / name).exists():
        raise BadInput(f"{table} cannot be the name of a source and its entity", advice="Choose another, or shorter.")
    columns = sample.read(path, key, today)
    facts = {
        "name": name,
        "entity": entity,
        "table": table,
        "topic": topic,
        "columns": columns,
        "keys": list(key),
        "zh": zh or "文件",
        "owner": f"{name.replace('_', '-')}-liaison",
        "title": f"{name} {entity}".replace("_", " ").capitalize(),
        "rows": [invented.row(columns, number) for number in range(1, INVENTED_ROWS + 1)],
    }
    texts = {checkout / place: text for place, text in _texts(facts).items()}
    if there := [target for target in texts if target.exists()]:
        raise BadInput(
            f"{there[0].relative_to(checkout)} is there already",
            advice="A source is begun once; add an entity to it by hand, after docs/how-to/add-an-agency.md.",
        )
    _write_all(texts)
    if left := registry.problems(checkout, source=name):
        _take_back(list(texts))
        raise BadInput(str(left[0]))
    return Written(tuple(texts), tuple(columns))


def _texts(facts: Mapping[str, Any]) -> dict[str, str]:
    """Text of every file by its place in the checkout."""
    name, entity, table = facts["name"], facts["entity"], facts["table"]
    made = rules.made(table, facts["columns"], facts["keys"], facts["zh"], facts["owner"])
    models = f"dbt_project/models/staging/{name}"
    contract = _filled("contract.yaml.j2", facts)
    return {
        f"contracts/{name}/{entity}.odcs.yaml": contract,
        f"connectors/sources/{name}.py": _filled("source.py.j2", facts),
        f"expectations/suites/{table}.yaml": _filled("suite.yaml.j2", {**facts, "rules": made}),
        f"{models}/base/base_{table}.sql": f"{{{{ latest_released('{name}', '{entity}') }}}}\n",
        f"{models}/{names.staging_model(name, entity)}.sql": _filled(
            "staging.sql.j2", {**facts, "lines": staging.lines(name, facts["columns"])}
        ),
        f"{models}/_{name}__models.yml": _filled(
            "models.yml.j2", {**facts, "described": staging.described(name, facts["columns"])}
        ),
        f"{models}/_{name}__sources.yml": _dbt_source(name, entity, contract),
        f"tests/fixtures/{name}/invented/{entity}.csv": _csv(facts["columns"], facts["rows"]),
        f"tests/fixtures/rules/{name}.yaml": rules.cases(entity, facts["columns"], facts["keys"], made),
        f"tests/unit/connectors/sources/test_{name}.py": _filled("test.py.j2", facts),
    }


def _dbt_source(name: str, entity: str, contract: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / f"{entity}.odcs.yaml"
        draft.write_text(contract, encoding="utf-8")
        return contract_dbt.text(name, [contracts.read(draft)])


def _csv(columns: Sequence[Column], rows: Sequence[Mapping[str, str]]) -> str:
    lines = [",".join(column.name for column in columns)]
    lines += [",".join(row[column.name] for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def _filled(template: str, facts: Mapping[str, Any]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=jinja2.select_autoescape(),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["quoted"] = lambda text: json.dumps(text, ensure_ascii=False)
    return environment.get_template(template).render(facts)


def _write_all(texts: Mapping[Path, str]) -> None:
    done: list[Path] = []
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                done.append(path)
                file.write(text)
    except BaseException:
        _take_back(done)
        raise


def _take_back(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
