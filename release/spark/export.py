"""What Spark reads, taken out of PostgreSQL: released rows, seeds, the registry, and what people decided.

Everything comes out of one snapshot, so the files are one state of the warehouse. They hold persons by pseudonym, as
``released`` does, and belong where the database's own files belong.
"""
# ruff: noqa: S608 - paths are ours, names of columns the catalogue's

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeline.db import SQL, Connection, Identifier, connect
from pipeline.settings import Settings
from release import build
from release.spark.project import Columns

_NULL = r"\N"
_DUCKDB = {
    "smallint": "SMALLINT", "integer": "INTEGER", "bigint": "BIGINT", "boolean": "BOOLEAN", "date": "DATE",
    "real": "FLOAT", "double precision": "DOUBLE", "numeric": "DOUBLE", "timestamp with time zone": "TIMESTAMPTZ",
}  # fmt: skip


def export(settings: Settings, relations: Iterable[str], known: Columns, folder: Path) -> dict[str, int]:
    """Write each relation (schema.name) as ``folder``/schema.name/part.parquet; returns their rows."""
    with connect(settings, build.ROLE) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        return {name: _export_one(connection, name, known[name], folder / name) for name in sorted(relations)}


def _export_one(connection: Connection[tuple[object, ...]], relation: str, kinds: Mapping[str, str], into: Path) -> int:
    import duckdb

    into.mkdir(parents=True, exist_ok=True)
    text = into / "rows.csv"
    try:
        copy_out(connection, relation, kinds, text)
        with duckdb.connect() as engine:
            engine.execute("set timezone = 'UTC'")
            engine.execute(f"copy ({csv_query(text, kinds)}) to '{into / 'part.parquet'}' (format parquet)")
            row = engine.execute(f"select count(*) from read_parquet('{into / 'part.parquet'}')").fetchone()
    finally:
        text.unlink(missing_ok=True)
    return int(row[0]) if row else 0


def copy_out(connection: Connection[tuple[object, ...]], relation: str, kinds: Mapping[str, str], into: Path) -> None:
    """Write a relation's rows as a text of columns; lists as JSON."""
    shown = SQL(", ").join(
        SQL("to_json({})").format(Identifier(name)) if kind.endswith("[]") else Identifier(name)
        for name, kind in kinds.items()
    )
    query = SQL("copy (select {} from {}) to stdout (format csv, null '\\N')").format(
        shown, Identifier(*relation.split("."))
    )
    with into.open("wb") as file, connection.cursor().copy(query) as rows:
        for part in rows:
            file.write(part)


def csv_query(text: Path, kinds: Mapping[str, str]) -> str:
    """DuckDB's query of such a text, typed as PostgreSQL types the columns."""
    raw = ", ".join(f"'{name}': '{_type(kind)}'" for name, kind in kinds.items())
    shown = ", ".join(
        f"""from_json("{name}", '["VARCHAR"]') as "{name}\"""" if kind.endswith("[]") else f'"{name}"'
        for name, kind in kinds.items()
    )
    return (
        f"select {shown} from read_csv('{text}', columns = {{{raw}}}, header = false, nullstr = '{_NULL}', "
        "quote = '\"', escape = '\"', delim = ',', allow_quoted_nulls = false, auto_detect = false)"
    )


def _type(kind: str) -> str:
    if kind.startswith("numeric("):
        return kind.replace("numeric", "DECIMAL")
    return _DUCKDB.get(kind, "VARCHAR")
