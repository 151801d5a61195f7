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
from linkage.model import ELSE, LEVELS, Model
from linkage.words import Words

MEMORY, THREADS = "1400MB", 2
NAMES_KNOWN_BEFORE = 5_000
"""How many people's names the model's own mean counts for: a small register says little about which names are rare."""


def opened() -> duckdb.DuckDBPyConnection:
    """A database that lives in this process alone and never touches a disk."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"set memory_limit = '{MEMORY}'; set threads = {THREADS}; set temp_directory = ''")
    return connection


def take_words(connection: duckdb.DuckDBPyConnection, words: Words) -> None:
    """Fill the tables of what people decided."""
    for table, columns, rows in (
        ("same", "statement_no bigint, person varchar", list(words.same.items())),
        ("apart", "statement_no bigint, person varchar", sorted(words.apart)),
        ("apart_statements", "left_no bigint, right_no bigint", sorted(words.apart_statements)),
        ("apart_persons", "person varchar, other varchar", sorted(words.apart_persons)),
        ("stands_for", "person varchar, into_person varchar", list(words.stands_for.items())),
    ):
        connection.execute(f"create or replace table {table} ({columns})")
        if rows:
            connection.executemany(f"insert into {table} values (?, ?)", rows)  # noqa: S608 - ours


def set_contested_apart(connection: duckdb.DuckDBPyConnection) -> int:
    """Take the id from statements that speak of someone else than most with that id do; how many.

    Someone else is: another name (not in sound, order or one character only) and another birth date or sex. Not from
    those of which a person said whose they are.
    """
    connection.execute(_CONTESTED)
    row = connection.execute("select count(*) from contested").fetchone()
    return int(row[0]) if row else 0


def gather_entities(connection: duckdb.DuckDBPyConnection) -> None:
    """What is compared: one entity for all statements that say the same of one id, each other statement by itself.

    Whose a statement is: by a person's word, else by its id unless that is contested or denied; merged persons are one.
    """
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
    linker = Linker(api.register("entities"), models.settings(model), log_level=logging.ERROR)
    if model:
        connection.execute(_RARITY, {"mean": model.weights["name"]["exact"][1], "as_if": NAMES_KNOWN_BEFORE})
        linker.table_management.register_term_frequency_lookup(api.register("rarity"), "name")
    return linker


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
where s.statement_no not in (select statement_no from same)
    and s.name <> m.name and s.sound <> m.sound and s.letters <> m.letters
    and not (length(s.name) >= 3 and damerau_levenshtein(s.name, m.name) = 1)
    and (s.born <> m.born or s.sex <> m.sex)
"""
# one less, because who bears a name must not make it common by being written down
_RARITY = """
create or replace table rarity as
select name, (count(*) - 1 + $as_if * $mean) / ((select count(*) from entities) + $as_if) as tf_name
from entities
where name is not null
group by name
"""
_ENTITIES = """
create or replace table denied as
select c.statement_no, coalesce(f.into_person, c.person_key) as person
from (
    select statement_no, person_key from contested
    union
    select statement_no, person from apart
) as c
left join stands_for as f on c.person_key = f.person;

create or replace table stated as
select
    s.* exclude (person_key),
    coalesce(f.into_person, t.person, case when d.statement_no is null then s.person_key end) as person_key
from statements as s
left join same as t on s.statement_no = t.statement_no
left join stands_for as own on s.person_key = own.person
left join denied as d on s.statement_no = d.statement_no and coalesce(own.into_person, s.person_key) = d.person
left join stands_for as f
    on coalesce(t.person, case when d.statement_no is null then s.person_key end) = f.person;

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


def levels_met(connection: duckdb.DuckDBPyConnection, pairs: str) -> list[dict[str, str]]:
    """On which level each comparison of each pair stands, in the order of ``pair_no``; never a value.

    ``pairs`` is a table of (pair_no, left_no, right_no) by entity.
    """
    sides = ", ".join(f'l."{column}" as "{column}_l", r."{column}" as "{column}_r"' for column in _READ)
    found = connection.execute(
        f"with sides as (select p.pair_no, {sides} from {pairs} as p "  # noqa: S608 - columns are the model's
        "left join entities as l on p.left_no = l.entity_no left join entities as r on p.right_no = r.entity_no) "
        f"select {', '.join(_level(column) for column in LEVELS)} from sides order by pair_no"
    ).fetchall()
    return [dict(zip(LEVELS, row, strict=True)) for row in found]


_READ = (*LEVELS, "sound", "letters")
NOT_TOLD = "not told"


def _level(column: str) -> str:
    met = " ".join(f"when {condition} then '{label}'" for label, condition in LEVELS[column])
    return f"""case when "{column}_l" is null or "{column}_r" is null then '{NOT_TOLD}' {met} else '{ELSE}' end"""
