"""Compares records and weighs each pair: Splink on DuckDB, in memory.

Statements that say the same of one id are one entity, so that a large register costs what it says and not how often.
Pairs of which both have a valid id are not weighed, but for those that look like one person with two ids.
"""

from __future__ import annotations

import logging

import duckdb
from splink import Linker
from splink.backends.duckdb import DuckDBAPI

from linkage import model as models
from linkage.model import Model

MEMORY, THREADS = "1400MB", 2


def opened() -> duckdb.DuckDBPyConnection:
    """A database that lives in this process alone and never touches a disk."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"set memory_limit = '{MEMORY}'; set threads = {THREADS}; set temp_directory = ''")
    return connection


def set_contested_apart(connection: duckdb.DuckDBPyConnection) -> int:
    """Take the id from statements that speak of someone else than most with that id do; how many.

    Someone else is: another name (not in sound, order or one character only) and another birth date or sex.
    """
    connection.execute(_CONTESTED)
    row = connection.execute("select count(*) from contested").fetchone()
    return int(row[0]) if row else 0


def gather_entities(connection: duckdb.DuckDBPyConnection) -> None:
    """What is compared: one entity for all statements that say the same of one id, each other statement by itself."""
    connection.execute(_ENTITIES)


def weigh(connection: duckdb.DuckDBPyConnection, model: Model) -> int:
    """Fill ``pairs`` (entity_no_l, entity_no_r, weight in bits) from the review threshold up; how many."""
    linker = linker_of(connection, model)
    found = linker.inference.predict(threshold_match_weight=model.review_from, warning_mode="never")
    connection.execute(
        "create or replace table pairs as "  # noqa: S608 - the table is Splink's
        f"select entity_no_l, entity_no_r, match_weight as weight from {found.physical_name}"
    )
    found.drop_table_from_database_and_remove_from_cache()
    row = connection.execute("select count(*) from pairs").fetchone()
    return int(row[0]) if row else 0


def linker_of(connection: duckdb.DuckDBPyConnection, model: Model | None) -> Linker:
    """Splink over ``entities``; it logs no values, and nothing below a warning."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection=connection)
    return Linker(api.register("entities"), models.settings(model), log_level=logging.ERROR)


_CONTESTED = """
create or replace table contested as
with told as (
    select person_key, name, sound, letters, born, sex, count(*) as times
    from statements
    where person_key is not null and name is not null
    group by all
),
most as (
    select
        person_key, arg_max(name, times) as name, arg_max(sound, times) as sound, arg_max(letters, times) as letters,
        arg_max(born, times) as born, arg_max(sex, times) as sex
    from (select * from told order by name, born)
    group by person_key
    having count(*) > 1
)
select s.statement_no, s.person_key
from statements as s
inner join most as m on s.person_key = m.person_key
where s.name <> m.name and s.sound <> m.sound and s.letters <> m.letters
    and not (length(s.name) >= 3 and damerau_levenshtein(s.name, m.name) = 1)
    and (s.born <> m.born or s.sex <> m.sex)
"""
_ENTITIES = """
create or replace table stated as
select s.* exclude (person_key), case when c.statement_no is null then s.person_key end as person_key
from statements as s
left join contested as c on s.statement_no = c.statement_no;

create or replace table entities as
select
    min(statement_no) as entity_no,
    person_key, name, sound, letters, born, sex, division_code, institution, id_number
from stated
where person_key is not null
group by all
union all
select statement_no, null, name, sound, letters, born, sex, division_code, institution, id_number
from stated
where person_key is null;
"""
