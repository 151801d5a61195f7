"""A model's compiled SQL, written for PostgreSQL, in Spark's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.dialects.spark import Spark
from sqlglot.errors import SqlglotError
from sqlglot.generators.spark import SparkGenerator

from release.spark.rules import RULES, Untranslatable

_PLAIN = {
    "text": "string", "uuid": "string", "jsonb": "string", "character varying": "string", "boolean": "boolean",
    "smallint": "smallint", "integer": "int", "bigint": "bigint", "real": "float", "double precision": "double",
    "numeric": "double", "date": "date", "timestamp with time zone": "timestamp",
}  # fmt: skip


class _Spark(Spark):
    """A WITH stays where it stands: hoisted to the top, two steps of one name would be one."""

    class Generator(SparkGenerator):
        EXPRESSIONS_WITHOUT_NESTED_CTES: ClassVar[set[type[exp.Expr]]] = set()


def translate(sql: str, *, pretty: bool = True) -> str:
    """One SELECT of PostgreSQL as one of Spark.

    :raises Untranslatable: naming the construct that has no counterpart here
    """
    try:
        tree = sqlglot.parse_one(sql, read="postgres")
        for rule in RULES:
            tree = tree.transform(rule)
        return tree.sql(dialect=_Spark, pretty=pretty, unsupported_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        raise Untranslatable(f"this SQL has no translation for Spark: {str(error).splitlines()[0]}") from None


def typed(sql: str, columns: Mapping[str, str]) -> str:
    """The same rows with the columns' types as PostgreSQL has them, by name of column and type.

    Without it a column that is always null would have no type, which a file cannot hold.
    """
    casts = ",\n    ".join(f"cast(`{name}` as {spark_type(kind)}) as `{name}`" for name, kind in columns.items())
    return f"select\n    {casts}\nfrom (\n{sql}\n) as made"


def spark_type(kind: str) -> str:
    """Spark's name of a type that PostgreSQL's catalogue names; a numeric without digits is a double.

    :raises Untranslatable: for a type no model has had yet
    """
    if kind.endswith("[]"):
        return f"array<{spark_type(kind[:-2])}>"
    if digits := re.fullmatch(r"numeric\((\d+),(\d+)\)", kind):
        return f"decimal({digits[1]}, {digits[2]})"
    if kind not in _PLAIN:
        raise Untranslatable(f"no type of Spark is named for {kind}")
    return _PLAIN[kind]


def relations_read(sql: str) -> set[str]:
    """schema.table of every relation the SQL reads."""
    tree = sqlglot.parse_one(sql, read="postgres")
    return {f"{table.db}.{table.name}" for table in tree.find_all(exp.Table) if table.db}
