"""One table of an agency's database: which of its columns are ours, and its rows page by page.

Only named columns are read, as text the database itself writes: so a value the driver has no type for (a date of zeros,
infinity) arrives as it is and is judged like any other. Pages follow the order's own values (keyset), never an offset;
rows that the order cannot tell apart are never parted by the end of a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from connectors.registry import Agency
from connectors.transports.sql_database import Database, wrong
from pipeline.contracts import Contract

NONE = "none"
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]00:00:00(\.0+)?([+-]\d\d(:?\d\d)?)?")
_BITS = {"\x00": "false", "\x01": "true"}
_WHOLE_NUMBERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"})
_TEXTS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext"})


class Page(NamedTuple):
    """Some rows in the table's order, as text by property, and the order values of the last."""

    rows: list[dict[str, str | None]]
    end: list[str]


@dataclass(frozen=True)
class Mapped:
    """How an agency calls an entity's table and columns."""

    contract: Contract
    name: str
    columns: Mapping[str, str]
    """by property; what is left out on purpose is not in it"""
    named: frozenset[str]
    """properties whose column the agency's yml names, so it must be there"""
    constants: Mapping[str, str]
    changed: str | None
    """property that holds the time of change; None: the table is read whole each time"""

    @property
    def keys(self) -> tuple[str, ...]:
        """Properties that name a record."""
        return tuple(field.name for field in self.contract.key_fields)


def mapped(agency: Agency, contracts: Sequence[Contract], changed: str, extra: Sequence[str]) -> list[Mapped]:
    """Tables of an agency in the contracts' order, as ``params`` say or as the contracts name them.

    :raises ConfigurationError: for a setting about a table or property there is none of
    """
    tables = []
    for contract in contracts:
        name = agency.params.get(f"tables.{contract.concept}", contract.file.removesuffix(".csv"))
        if name != NONE:
            tables.append(_mapped(agency, contract, name, changed, extra))
    known = {contract.concept for contract in contracts}
    for setting in agency.params:
        group, _, rest = setting.partition(".")
        if group in ("tables", "columns", "values", "changed") and rest.partition(".")[0] not in known:
            raise wrong(agency, f"params.{setting}: the tables are {', '.join(sorted(known))}")
    if not tables:
        raise wrong(agency, "params leave every table out")
    return tables


def _mapped(agency: Agency, contract: Contract, name: str, changed: str, extra: Sequence[str]) -> Mapped:
    fields = [field.name for field in contract.fields if field.classification != "dropped"]
    properties = [*fields, *(name for name in extra if name not in fields)]
    said = _settings(agency, "columns", contract.concept)
    constants = _settings(agency, "values", contract.concept)
    for name_of_property in (*said, *constants):
        if name_of_property not in properties:
            raise wrong(agency, f"params: {contract.concept} has no property {name_of_property} to fill")
    time_of_change = agency.params.get(f"changed.{contract.concept}", changed)
    columns = {prop: said.get(prop, prop) for prop in properties if prop not in constants}
    if time_of_change != NONE:
        columns[changed] = time_of_change
    else:
        columns.pop(changed, None)
    return Mapped(
        contract=contract,
        name=name,
        columns={prop: column for prop, column in columns.items() if column != NONE},
        named=frozenset(prop for prop, column in said.items() if column != NONE),
        constants=constants,
        changed=None if time_of_change == NONE else changed,
    )


def _settings(agency: Agency, group: str, entity: str) -> dict[str, str]:
    prefix = f"{group}.{entity}."
    return {name.removeprefix(prefix): value for name, value in agency.params.items() if name.startswith(prefix)}


class Table:
    """A table as it stands in the database now."""

    def __init__(self, database: Database, connection: sa.Connection, mapped: Mapped, before: Sequence[str]) -> None:
        """Look at its columns.

        :raises BadInput: a column that is needed, named in the yml or was there ``before`` is missing
        """
        self._database, self._connection, self._mapped = database, connection, mapped
        self.name = mapped.name
        with database.understood(self.name):
            types = self._types()
        self._columns: dict[str, sa.ColumnElement[Any]] = {}
        for prop, wanted in mapped.columns.items():
            column = _found(wanted, types)
            if column is not None:
                self._columns[prop] = sa.column(sa.quoted_name(column, quote=True), types[column])
            elif prop in before or prop in self._needed():
                raise self._missing(prop, wanted)
        self._from = sa.table(
            sa.quoted_name(self._last_name, quote=True),
            schema=sa.quoted_name(self._schema, quote=True) if self._schema else None,
        )
        self.properties = sorted(self._columns)
        self.keys = [self._ordering(prop) for prop in mapped.keys]
        self.changed = self._ordering(mapped.changed) if mapped.changed else None
        self._booleans = {field.name for field in mapped.contract.fields if field.pg_type == "boolean"}
        self._dates = {field.name for field in mapped.contract.fields if field.pg_type == "date"}

    def latest(self) -> str | None:
        """Latest time of change that is not in the future, as the database writes it."""
        if self.changed is None:
            return None
        found = sa.select(_text(sa.func.max(self.changed))).select_from(self._from)
        with self._database.understood(self.name):
            return self._connection.execute(found.where(self.changed <= sa.func.now())).scalar()

    def pages(
        self,
        order: Sequence[sa.ColumnElement[Any]],
        condition: sa.ColumnElement[bool],
        size: int,
        after: Sequence[str] | None = None,
    ) -> Iterator[Page]:
        """Rows that meet a condition and have every value of ``order``, in that order, behind ``after``.

        A page holds ``size`` rows, more only where the order cannot tell its last row from others.
        """
        chosen = sa.and_(condition, *(column.is_not(None) for column in order))
        while True:
            behind = chosen if after is None else sa.and_(chosen, self._behind(order, after))
            rows = self._rows(self._select(order).where(behind).order_by(*order).limit(size))
            if len(rows) < size:
                if rows:
                    yield self._page(rows, len(order))
                return
            after = list(rows[-1][-len(order) :])
            tied = [column == self._value(column, text) for column, text in zip(order, after, strict=True)]
            alike = self._rows(self._select(order).where(sa.and_(chosen, *tied)))
            while rows and rows[-1] in alike:
                rows.pop()
            yield self._page([*rows, *alike], len(order))

    def keyless(self, condition: sa.ColumnElement[bool], most: int) -> Page | None:
        """Rows that lack a part of their key; they are judged like others, and none is lost.

        :raises BadInput: when there are more than ``most``: then the key is none
        """
        lacking = sa.and_(condition, sa.or_(*(key.is_(None) for key in self.keys)))
        rows = self._rows(self._select(()).where(lacking).limit(most + 1))
        if len(rows) > most:
            raise self._database.bad(
                f"more than {most} rows of {self.name} have no {' and '.join(self._mapped.keys)}",
                code="refused.sql_key", advice="Name the column that holds the key, as columns.ENTITY.PROPERTY.",
            )  # fmt: skip
        return self._page(rows, 0) if rows else None

    def since(self, text: str) -> sa.ColumnElement[bool]:
        """Changed at this time or later; true for a table without times."""
        if self.changed is None:
            return sa.true()
        return self.changed >= self._value(self.changed, text)

    def _types(self) -> dict[str, sa.types.TypeEngine[Any]]:
        """Columns and their types; by the catalogue that needs no more rights than reading the table."""
        self._schema, _, self._last_name = self.name.rpartition(".")
        if self._database.is_postgresql:
            try:
                found = sa.inspect(self._connection).get_columns(self._last_name, schema=self._schema or None)
            except sa.exc.NoSuchTableError:
                found = []
            types = {column["name"]: column["type"] for column in found}
        else:
            rows = self._connection.execute(
                sa.text(
                    "select column_name, data_type, column_type, datetime_precision from information_schema.columns "
                    "where table_schema = coalesce(nullif(:schema, ''), database()) and table_name = :name"
                ),
                {"schema": self._schema, "name": self._last_name},
            )
            types = {row[0]: _mysql_type(*row[1:]) for row in rows}
        if not types:
            raise self._database.bad(
                f"there is no table {self.name}, or we may not see it", code="refused.sql_table",
                advice="Name it in params, as tables.ENTITY, and grant SELECT on it.",
            )  # fmt: skip
        return types

    def _needed(self) -> set[str]:
        required = {field.name for field in self._mapped.contract.fields if field.required}
        return required | set(self._mapped.named) | ({self._mapped.changed} if self._mapped.changed else set())

    def _missing(self, prop: str, column: str) -> Exception:
        entity = self._mapped.contract.concept
        return self._database.bad(
            f"{self.name} has no column {column} (our {prop})", code="refused.sql_column",
            advice=f"Was it renamed? Then name it in params, as columns.{entity}.{prop} (or changed.{entity} for the "
            f"time of change); {NONE} leaves it out for good.",
        )  # fmt: skip

    def _ordering(self, prop: str) -> sa.ColumnElement[Any]:
        column = self._columns.get(prop)
        if column is None:
            raise wrong(self._database.agency, f"params: {self.name} cannot be read without its {prop}")
        is_time = isinstance(column.type, sa.DateTime | sa.Date)
        if isinstance(column.type, sa.types.NullType) or (prop == self._mapped.changed and not is_time):
            raise self._database.bad(
                f"{prop} of {self.name} is of a type that cannot be put in order", code="refused.sql_key",
                advice="It must be a timestamp (time of change), or text, a number or a date (key).",
            )  # fmt: skip
        return column

    def _select(self, order: Sequence[sa.ColumnElement[Any]]) -> sa.Select[Any]:
        wanted = enumerate((*self._columns.values(), *order))
        # labels of our own: under a column's name, "order by" would mean the text instead of the column
        return sa.select(*(_text(column).label(f"text_{number}") for number, column in wanted)).select_from(self._from)

    def _rows(self, statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
        with self._database.understood(self.name):
            return [tuple(row) for row in self._connection.execute(statement)]

    def _page(self, rows: Sequence[tuple[Any, ...]], order: int) -> Page:
        width = len(self._columns)
        return Page([self._values(row[:width]) for row in rows], list(rows[-1][width : width + order]))

    def _values(self, row: tuple[Any, ...]) -> dict[str, str | None]:
        values: dict[str, str | None] = dict(self._mapped.constants)
        for prop, value in zip(self._columns, row, strict=True):
            if value is not None and prop in self._dates and (day := _MIDNIGHT.fullmatch(value)):
                value = day[1]
            elif prop in self._booleans:
                value = _BITS.get(value, value)
            values[prop] = value
        return values

    def _behind(self, order: Sequence[sa.ColumnElement[Any]], after: Sequence[str]) -> sa.ColumnElement[bool]:
        """Behind a place in the order; written out, because not every database finds its index in (a, b) > (x, y)."""
        values = [self._value(column, text) for column, text in zip(order, after, strict=True)]
        behind: sa.ColumnElement[bool] = order[-1] > values[-1]
        for column, value in reversed(list(zip(order[:-1], values[:-1], strict=True))):
            behind = sa.or_(column > value, sa.and_(column == value, behind))
        return sa.and_(order[0] >= values[0], behind)

    def _value(self, column: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[Any]:
        """A text the database wrote, as a value of its column again."""
        if isinstance(column.type, sa.String) and not isinstance(column.type, sa.Enum):
            return sa.literal(text, sa.String())  # not cast: the column's collation is to hold
        return sa.cast(sa.literal(text, sa.String()), column.type)


def _text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(column, sa.Text())


def _found(wanted: str, types: Mapping[str, object]) -> str | None:
    """Column of that name; in another case of letters where there is only one."""
    if wanted in types:
        return wanted
    alike = [column for column in types if column.casefold() == wanted.casefold()]
    return alike[0] if len(alike) == 1 else None


def _mysql_type(data_type: str, column_type: str, precision: int | None) -> sa.types.TypeEngine[Any]:
    if data_type in _TEXTS:
        return sa.String()
    if data_type in _WHOLE_NUMBERS:
        return mysql.BIGINT(unsigned="unsigned" in column_type)
    if data_type in ("datetime", "timestamp"):
        return mysql.DATETIME(fsp=precision or None)
    return sa.Date() if data_type == "date" else sa.types.NULLTYPE
