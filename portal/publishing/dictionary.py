"""data/dictionary/: what every table and column means, in Chinese where there is a word for it.

Said by those who define it: comments of ``mart`` in the database, the dbt project of ``core``, the contracts of what
agencies send. Restricted tables are described and marked; no document holds a row of any of them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from connectors.sources import words
from pipeline import contracts
from pipeline.contracts import Contract, Field
from pipeline.db import connect
from pipeline.settings import Settings
from portal.publishing.files import Folder
from release import described

READER = "policymaker"

_NOTE = re.compile(r"\*\*(.+?)\*\*:\s*(.*)", re.DOTALL)
_RELATIONS = """
select
    c.relname, obj_description(c.oid, 'pg_class'), a.attname, format_type(a.atttypid, a.atttypmod),
    col_description(c.oid, a.attnum)
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'mart'::regnamespace and c.relkind in ('r', 'v', 'm', 'p')
    and has_table_privilege(c.oid, 'select')
order by c.relname, a.attnum
"""
Document = dict[str, Any]


def write(settings: Settings, folder: Path) -> None:
    """Write ``index.json`` (parts, tables, names of columns) and one document a part into a folder.

    Equal tables give equal bytes.
    """
    parts = [_mart(settings), *_core(settings.checkout), *_sources(settings.contracts_dir)]
    documents = Folder(folder)
    for part in parts:
        documents.put_json(f"{part['id']}.json", {"id": part["id"], "tables": part["tables"]})
    documents.put_json("index.json", {"parts": [_listed(part) for part in parts]})


def _listed(part: Document) -> Document:
    """A part as the index names it, so that a reader can search all of it without its words."""
    tables = [
        {**_without_nothing({key: table.get(key) for key in ("name", "zh", "en")}), "columns": _names(table)}
        for table in part["tables"]
    ]
    return {**part, "tables": tables}


def _names(table: Document) -> list[str]:
    return [column["name"] for column in table["columns"]]


def _mart(settings: Settings) -> Document:
    said = _words()
    tables: dict[str, Document] = {}
    with connect(settings, READER) as connection:
        for name, told, column, kind, meaning in connection.execute(_RELATIONS).fetchall():
            about = said["tables"].get(name, {})
            table = tables.setdefault(name, _table(f"mart.{name}", about.get("zh"), told or about.get("en"), []))
            table["columns"].append(_column(column, kind, said["columns"].get(column), meaning))
    return _part("mart", "schema", said["sections"]["mart"], tables.values(), is_open=True)


def _core(checkout: Path) -> list[Document]:
    said, found = _words()["sections"], described.core(checkout)
    parts = []
    for subject in ("core", "indicators", "seeds"):
        tables = [
            _table(
                f"core.{table.name}", None, table.text, [_column(c.name, c.type, None, c.text) for c in table.columns]
            )
            for table in found
            if table.subject == subject
        ]
        parts.append(_part(subject, "schema", said[subject], tables, is_open=False))
    return parts


def _sources(directory: Path) -> list[Document]:
    said, parts = _words(), []
    owned = contracts.load_all(directory).values()
    for source in sorted({contract.source for contract in owned}):
        called = {**said["sections"]["source"], **said["sources"].get(source, {"zh": source, "en": source})}
        tables = [_entity(contract) for contract in owned if contract.source == source]
        parts.append(_part(source, "source", called, tables, is_open=False))
    return parts


def _entity(contract: Contract) -> Document:
    known = words.of(contract)
    table = _table(contract.name, None, contract.description, [_field(f, known[f.name]) for f in contract.fields])
    return {
        **table,
        "title": contract.title,
        "owner": contract.owner,
        "topic": contract.topic,
        "version": contract.version,
        "key": [f.column for f in contract.key_fields],
    }


def _field(field: Field, said: words.FieldWords) -> Document:
    zh = said.zh if said.zh != field.name else None
    meaning = f"{zh}：{said.means_zh}" if zh and said.means_zh else zh
    column = _column(field.column, field.pg_type, meaning, field.description)
    return _without_nothing(
        {
            **column,
            "source_name": field.name if field.name != field.column else None,
            "class": field.classification,
            "is_required": field.required or None,
            "refers_to": field.reference,
            "codes": [[code.code, code.zh, code.en] for code in said.codes] or None,
        }
    )


def _part(name: str, kind: str, called: Mapping[str, str], tables: Iterable[Document], *, is_open: bool) -> Document:
    return {"id": name, "kind": kind, "is_open": is_open, **called, "tables": list(tables)}


def _table(name: str, zh: str | None, text: str | None, columns: Sequence[Document]) -> Document:
    """A table; of a text in several paragraphs the first says what it is, the others are notes with a label."""
    first, *others = [" ".join(part.split()) for part in (text or "").split("\n\n")]
    notes = [[noted[1], noted[2]] if (noted := _NOTE.fullmatch(other)) else ["", other] for other in others]
    return _without_nothing({"name": name, "zh": zh, "en": first, "notes": notes or None, "columns": list(columns)})


def _column(name: str, kind: str | None, zh: str | None, en: str | None) -> Document:
    units = _words()["units"]
    unit = next((units[ending] for ending in units if name.endswith(ending)), None)
    return _without_nothing({"name": name, "type": kind, "unit": unit, "zh": zh, "en": en})


def _without_nothing(document: Document) -> Document:
    return {key: value for key, value in document.items() if value not in (None, "")}


@functools.cache
def _words() -> Mapping[str, Any]:
    path = Path(__file__).with_name("dictionary_words.yaml")
    said: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return said
