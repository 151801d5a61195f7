"""Writes docs/reference/interfaces.md from the code, so that the page cannot drift; a test compares."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import msgspec

from cli.journey import SHARED_DAGS
from connectors import registry
from pipeline import contracts, markdown, migrations, names
from pipeline.contract_struct import ENVELOPE_COLUMNS
from pipeline.envelope import BATCH_HEADER, Event
from pipeline.settings import CHECKOUT, DATABASE_ROLES

PAGE = CHECKOUT / "docs" / "reference" / "interfaces.md"
_STATUS = re.compile(r"create table (\S+) \((.*?)\n\)", re.DOTALL)
_CHECK = re.compile(r"(\w+) text not null[^,]*?check \(\1 in \(([^)]*)\)\)", re.DOTALL)
_COLUMN = re.compile(r"^    (\w+) ([a-z ]+?)(?: not null| references|,| primary|$)", re.MULTILINE)


def render(checkout: Path = CHECKOUT) -> str:
    """The whole page, from contracts, registry, envelope and migrations."""
    sections = (
        _entities(checkout),
        _envelope(),
        _landing(),
        _statuses(),
        _published(),
        _schemas(),
        _dags(checkout),
    )
    head = (
        "# Interfaces\n\nNames and shapes that other work relies on. This page is generated from the code by "
        "`./flyover docs`; change the code, then run it.\n"
    )
    return head + "\n" + "\n".join(sections)


def write() -> Path:
    """Write the page; returns where."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render(), encoding="utf-8")
    return PAGE


def _entities(checkout: Path) -> str:
    found = contracts.load_all(checkout / "contracts").values()
    rows = (
        (
            f"`{c.source}`",
            f"`{c.entity}`",
            f"`{c.topic}`",
            f"`landing.{c.table}`",
            ", ".join(f"`{f.column}`" for f in c.key_fields) + (" + occurrence" if c.identity == "occurrence" else ""),
            "yes" if c.bears_person else "",
        )
        for c in found
    )
    return (
        "## Sources and entities\n\nLanding table, quarantine table (`quarantine.<table>`), released view "
        "(`released.<table>`) and suite share one name. A message's key is `agency_code:record_id`.\n\n"
        + markdown.table(("source", "entity", "topic", "landing", "record id from", "bears a person"), rows)
    )


def _envelope() -> str:
    fields = msgspec.structs.fields(Event)
    rows = ((f"`{f.name}`", _type_name(f.type), "yes" if f.required else "") for f in fields)
    return (
        "## Event\n\nCloudEvents 1.0, structured JSON mode, one event a message; the Kafka header "
        f"`{BATCH_HEADER}` repeats the batch id as 16 bytes.\n\n"
        + markdown.table(("attribute", "type", "required"), rows)
    )


def _type_name(kind: object) -> str:
    text = kind.__name__ if isinstance(kind, type) else str(kind)
    return f"`{text.replace('datetime.', '').replace('uuid.', '').replace('typing.', '').replace('|', 'or')}`"


def _landing() -> str:
    server = (("_row_id", "bigint"), ("_landed_at", "timestamptz"))
    rows = ((f"`{name}`", kind) for name, kind in (*server, *ENVELOPE_COLUMNS))
    return (
        "## Columns of every landing table\n\nBefore the contract's own columns; `released.<table>` adds "
        "`_released_seq` (rises in commit order, also when a waiver lets a row through late).\n\n"
        + markdown.table(("column", "type"), rows)
    )


def _statuses() -> str:
    rows = [
        (f"`{table}`", f"`{column}`", ", ".join(f"`{word}`" for word in re.findall(r"'(\w+)'", words)))
        for table, body in _STATUS.findall(_migrations())
        for column, words in _CHECK.findall(body)
    ]
    return "## Words with a fixed meaning\n\n" + markdown.table(("table", "column", "values"), rows)


def _published() -> str:
    bodies = dict(_STATUS.findall(_migrations()))
    rows = ((f"`{name}`", kind.strip()) for name, kind in _COLUMN.findall(bodies["mart.indicator_value"]))
    return (
        "## Published numbers\n\n`mart.indicator_value`; `mart.current_indicator_value` is the part that "
        "`mart.current_release` points to.\n\n" + markdown.table(("column", "type"), rows)
    )


def _schemas() -> str:
    schemas = [*re.findall(r"^create schema (\w+);", _migrations(), re.MULTILINE), "audit"]
    return (
        "## Schemas and roles\n\nSchemas: "
        + ", ".join(f"`{name}`" for name in schemas)
        + ".\n\nRoles: "
        + ", ".join(f"`{name}`" for name in DATABASE_ROLES)
        + ". What each may do: [rights](rights.md).\n"
    )


def _dags(checkout: Path) -> str:
    agencies = registry.load_all(checkout / "connectors" / "agencies").values()
    sources = registry.sources(checkout / "connectors" / "agencies")
    ids = [names.ingest_dag(a.source, a.agency_code) for a in agencies]
    ids += [make(source) for make in (names.land_dag, names.validate_dag) for source in sources]
    ids += SHARED_DAGS
    return "## DAGs\n\n" + "\n".join(f"- `{dag_id}`" for dag_id in ids) + "\n"


def _migrations() -> str:
    files = sorted(f.name for f in resources.files(migrations).iterdir() if f.name[:4].isdigit())
    return "\n".join(resources.files(migrations).joinpath(name).read_text(encoding="utf-8") for name in files)
