"""Looks for people everywhere they could still be: every table but the vault's list, every file, as text and bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.db import SQL, Identifier, connect
from pipeline.settings import Settings

_RELATIONS = """
select n.nspname, c.relname,
    array(select a.attname from pg_attribute as a
        where a.attrelid = c.oid and a.atttypid = 'bytea'::regtype and a.attnum > 0 and not a.attisdropped)
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and n.nspname || '.' || c.relname <> 'vault.erased'
order by 1, 2
"""


def found(settings: Settings, words: Iterable[str]) -> set[str]:
    """Where any of these words stands: tables by name, files of the state directory by path."""
    wanted = [word.encode() for word in words]
    return {name for name, content in _places(settings) if any(word in content for word in wanted)}


def _places(settings: Settings) -> Iterator[tuple[str, bytes]]:
    with connect(settings, "flyover_owner") as connection:
        for schema, name, byte_columns in connection.execute(_RELATIONS).fetchall():
            table, held = Identifier(schema, name), []
            held += [
                str(row).encode() for (row,) in connection.execute(SQL("select t::text from {} as t").format(table))
            ]
            for column in byte_columns:  # as text they are hexadecimal digits
                query = SQL("select {} from {}").format(Identifier(column), table)
                held += [bytes(value) for (value,) in connection.execute(query) if value is not None]
            yield f"{schema}.{name}", b"\n".join(held)
    for file in settings.state_dir.rglob("*"):
        if file.is_file() and file.name != "erased.json":
            yield str(file.relative_to(settings.state_dir)), file.read_bytes()
