"""What an agency's database says of its own readiness: slot, publication, columns. Asks its catalogues, no data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from connectors.capture.feeds import PASSWORD, Captured, Feed
from pipeline.errors import BadInput, SystemTrouble
from pipeline.settings import Settings

CONNECT_SECONDS = 5
STATEMENT_MS = 10_000
_UNPROVEN = ("certificate", "SSL error", "does not support SSL")
"""In a driver's words; a connection that merely broke says ``eof``."""
_LOGIN_REFUSED = ("28P01", "28000", "3D000")
_FAMILIES = {"N": "number", "S": "text", "D": "date or time", "B": "boolean"}
"""By PostgreSQL's own categories of types; a change within one (varchar to text, integer to bigint) is none for us."""

_SLOT = sa.text(
    "select active, wal_status, restart_lsn is not null as has_place, "
    "pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint as held_bytes "
    "from pg_replication_slots where slot_name = :slot"
)
_SERVER = sa.text(
    "select current_setting('wal_level') as wal_level, "
    "(select setting::bigint from pg_settings where name = 'max_slot_wal_keep_size') as keep_mb, "
    "exists (select from pg_publication where pubname = :slot) as is_published"
)
_COLUMNS = sa.text(
    "select n.nspname, c.relname, a.attname, a.attnum, t.typname, t.typcategory, "
    "coalesce(m.oid::bigint, 0) as membership, "
    "has_column_privilege(c.oid, a.attnum, 'select') as is_readable, "
    "coalesce(a.attname::text = any(p.attnames::text[]), false) as is_published, "
    "c.relreplident = 'f' or exists (select from pg_index as i where i.indrelid = c.oid and i.indisvalid "
    "and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end "
    "and a.attnum = any(i.indkey::smallint[])) as is_identity "
    "from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace "
    "inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped "
    "inner join pg_type as t on t.oid = a.atttypid "
    "left join pg_publication_tables as p "
    "on p.pubname = :slot and p.schemaname = n.nspname and p.tablename = c.relname "
    "left join pg_publication as o on o.pubname = :slot "
    "left join pg_publication_rel as m on m.prpubid = o.oid and m.prrelid = c.oid "
    "where n.nspname || '.' || c.relname = any(:tables)"
)


@dataclass(frozen=True)
class Slot:
    """Our place in the database's log; while it is held the database keeps everything after it."""

    is_active: bool
    is_lost: bool
    held_bytes: int


@dataclass(frozen=True)
class Column:
    """One column of a captured table."""

    number: int
    """its place in the table; one that is dropped and made again has another"""
    type_name: str
    family: str
    is_readable: bool
    is_published: bool
    is_identity: bool
    """whether a delete says its value"""


@dataclass(frozen=True)
class Facts:
    """How the database stands."""

    wal_level: str
    keep_limit_mb: int | None
    """the most it keeps for a slot; None = without limit"""
    has_publication: bool
    slot: Slot | None
    columns: Mapping[str, Mapping[str, Column]]
    """by ``schema.table`` and column; a table that is not there has none"""
    memberships: Mapping[str, int]
    """by table the number of its place in the publication; one that left and came back has another"""

    def missing(self, table: Captured) -> list[str]:
        """Columns of the table that are gone, in the contract's order; all of them when the table is."""
        there = self.columns.get(table.name, {})
        return [column for column in table.columns.values() if column not in there]


def inspect(settings: Settings, feed: Feed) -> Facts:
    """Ask the database.

    :raises BadInput: it refuses our login
    :raises SystemTrouble: it cannot be reached (retriable)
    """
    with _connected(settings, feed) as connection:
        server = connection.execute(_SERVER, {"slot": feed.slot}).one()
        slot = connection.execute(_SLOT, {"slot": feed.slot}).one_or_none()
        columns: dict[str, dict[str, Column]] = {table.name: {} for table in feed.tables}
        memberships: dict[str, int] = {}
        for row in connection.execute(_COLUMNS, {"slot": feed.slot, "tables": list(columns)}):
            memberships[f"{row.nspname}.{row.relname}"] = row.membership
            columns[f"{row.nspname}.{row.relname}"][row.attname] = Column(
                number=row.attnum,
                type_name=row.typname,
                family=_FAMILIES.get(row.typcategory, row.typname),
                is_readable=row.is_readable,
                is_published=row.is_published,
                is_identity=row.is_identity,
            )
    return Facts(
        wal_level=server.wal_level,
        keep_limit_mb=None if server.keep_mb < 0 else server.keep_mb,
        has_publication=server.is_published,
        slot=None if slot is None else Slot(slot.active, _is_lost(slot), slot.held_bytes or 0),
        columns=columns,
        memberships=memberships,
    )


def _is_lost(slot: sa.Row[Any]) -> bool:
    return slot.wal_status == "lost" or not slot.has_place


def drop_slot(settings: Settings, feed: Feed) -> bool:
    """Let the database forget our place, unless someone reads from it; false when there is none."""
    with _connected(settings, feed) as connection:
        found = connection.execute(
            sa.text("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = :slot"),
            {"slot": feed.slot},
        )
        return bool(found.rowcount)


@contextmanager
def _connected(settings: Settings, feed: Feed) -> Iterator[sa.Connection]:
    address = sa.URL.create(
        "postgresql+psycopg",
        username=feed.user,
        password=settings.credential(feed.code, PASSWORD),
        host=feed.host,
        port=feed.port,
        database=feed.database,
    )
    options = {
        "connect_timeout": CONNECT_SECONDS,
        "sslmode": feed.tls,
        "application_name": "flyover change capture",
        "options": f"-c statement_timeout={STATEMENT_MS}",
        **({"sslrootcert": feed.tls_ca} if feed.tls_ca else {}),
    }
    engine = sa.create_engine(address, poolclass=sa.NullPool, connect_args=options, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.OperationalError as error:
        raise _trouble(feed, error) from None
    finally:
        engine.dispose()


def _trouble(feed: Feed, error: sa.exc.OperationalError) -> BadInput | SystemTrouble:
    """The driver's first line names host, user or database, never a value of a row."""
    said = str(error.orig).strip().splitlines()[0]
    if any(word in said for word in _UNPROVEN) and "eof" not in said:
        return BadInput(
            f"the database {feed.address} cannot prove who it is ({said})",
            agency=feed.code,
            source=feed.agency.source,
            advice=(
                "Ask its administrator for the authority's certificate and name it in params.tls_ca of "
                f"connectors/agencies/{feed.code}.yml; do not lower params.tls."
            ),
            code="refused.capture_login",
        )
    refused = any(word in said for word in ("authentication failed", "does not exist", "no pg_hba.conf entry"))
    if refused or getattr(error.orig, "sqlstate", None) in _LOGIN_REFUSED:
        return BadInput(
            f"the database {feed.address} refuses {feed.user} ({said})",
            agency=feed.code,
            source=feed.agency.source,
            advice=f"Set its password with ./flyover secret set {feed.code} {PASSWORD}; nothing is lost meanwhile.",
            code="refused.capture_login",
        )
    return SystemTrouble(f"{feed.code}: the database {feed.address} does not answer ({said}); nothing is lost")
