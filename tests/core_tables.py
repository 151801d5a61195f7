"""What a build has made, row by row, for builds that are compared."""

from __future__ import annotations

from collections.abc import Collection

from tests.released import Released

BOOKKEEPING = ("build_bound", "moved", "part_built", "watermark")


def everything(
    warehouse: Released, schemas: Collection[str] = ("staging", "intermediate", "core"), without: Collection[str] = ()
) -> dict[str, list]:
    """Every table dbt built, and the learners' files, rows sorted; ``without`` some columns."""
    columns = warehouse.rows(
        "select t.table_schema || '.' || t.table_name, "
        "array_agg(quote_ident(c.column_name) order by c.ordinal_position) "
        "from information_schema.tables as t "
        "inner join information_schema.columns as c using (table_schema, table_name) "
        "where (t.table_type = 'BASE TABLE' or t.table_name = 'learner_file') and t.table_schema = any(%s) "
        "and t.table_name <> all(%s) group by 1 order by 1",
        list(schemas),
        list(BOOKKEEPING),
    )
    return {
        table: sorted(
            warehouse.rows(f"select row({', '.join(name for name in names if name not in without)})::text from {table}")
        )
        for table, names in columns
    }
