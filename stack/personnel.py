"""The personnel office of a simulated agency: its tables as such offices keep them, and people who do not exist."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

from connectors.capture import script
from connectors.capture.feeds import Feed
from pipeline.db import SQL, Connection, Identifier, connect
from pipeline.settings import Settings
from simulator.identity import credit_code, resident_id
from stack import postgres

TABLES = """
create table employment (
    employment_id varchar(40) primary key, resident_id varchar(18), full_name varchar(60) not null, birth_date date,
    sex varchar(10), employer_uscc char(18), employer_name text, employment_form varchar(20), start_date date not null,
    end_date date, occupation_code varchar(20) not null, occupation_scheme varchar(20), industry_code varchar(10),
    workplace_division char(6) not null, contract_hours numeric(5, 1), record_status varchar(20),
    last_modified timestamptz not null default now(), internal_note text
);
create table skill_certificate (
    certificate_no varchar(40) primary key, resident_id varchar(18), full_name varchar(60) not null, birth_date date,
    sex varchar(10), certificate_kind varchar(40), occupation_code varchar(20) not null,
    skill_level varchar(20) not null, issuer_uscc char(18), issue_date date not null, valid_to date, revoked_date date
);
create table training (
    training_id varchar(40) primary key, resident_id varchar(18), full_name varchar(60) not null, birth_date date,
    sex varchar(10), programme_name varchar(200), kind varchar(40), provider_uscc char(18), start_date date not null,
    end_date date, hours numeric(6, 1) not null, result varchar(20), subsidy_flag boolean, certificate_no varchar(40)
);
"""
_AREA = "339931"
_EMPLOYER = credit_code("91", "331102", 7)
_SURNAMES, _GIVEN = "赵钱孙李周吴郑王冯陈", "安宁平和清明远思齐文"


def administrator(settings: Settings, feed: Feed, password: str, database: str | None = None) -> Settings:
    """How the office's own administrator reaches its database, for :func:`pipeline.db.connect` as ``postgres``."""
    return dataclasses.replace(
        settings,
        pg_host=feed.host,
        pg_port=feed.port,
        pg_database=database or feed.database,
        secrets=dataclasses.replace(settings.secrets, pg_passwords={postgres.SUPERUSER: password}),
    )


def furnish(settings: Settings, feed: Feed, password: str, reader_password: str, people: int) -> None:
    """Make the database with its tables and people, and let the changes out as the script for administrators says.

    An office that is there already is left as it is.
    """
    with connect(administrator(settings, feed, password, "postgres"), postgres.SUPERUSER, autocommit=True) as server:
        known = server.execute("select from pg_database where datname = %s", (feed.database,)).fetchone()
        if known is not None:
            return
        server.execute(SQL("create database {}").format(Identifier(feed.database)))
    office = administrator(settings, feed, password)
    with connect(office, postgres.SUPERUSER) as connection:
        connection.execute(TABLES)
        _hire(connection, people)
    with connect(office, postgres.SUPERUSER, autocommit=True) as connection:
        for statement in script.setup(feed, reader_password).split(";\n"):
            connection.execute(statement)  # text we wrote, of names that were checked


def _hire(connection: Connection[Any], people: int) -> None:
    with connection.cursor() as cursor:
        for table, columns, rows in (
            ("employment", _EMPLOYMENT, _employments),
            ("skill_certificate", _CERTIFICATE, _certificates),
            ("training", _TRAINING, _trainings),
        ):
            names = SQL(", ").join(map(Identifier, columns))
            with cursor.copy(SQL("copy {} ({}) from stdin").format(Identifier(table), names)) as copy:
                for row in rows(people):
                    copy.write_row(row)


_PERSON = ("resident_id", "full_name", "birth_date", "sex")
_EMPLOYMENT = (
    "employment_id", *_PERSON, "employer_uscc", "employer_name", "employment_form", "start_date", "occupation_code",
    "occupation_scheme", "industry_code", "workplace_division", "contract_hours", "record_status", "internal_note",
)  # fmt: skip
_CERTIFICATE = ("certificate_no", *_PERSON, "certificate_kind", "occupation_code", "skill_level", "issue_date")
_TRAINING = (
    "training_id",
    *_PERSON,
    "programme_name",
    "kind",
    "start_date",
    "end_date",
    "hours",
    "result",
    "subsidy_flag",
)


def person(number: int) -> tuple[str, str, dt.date, str]:
    """Resident id, name, birth date and sex of the office's person with this number; the area belongs to no place."""
    born = dt.date(1965, 1, 1) + dt.timedelta(days=(number * 53) % 14_000)
    sex = "male" if number % 2 else "female"
    name = _SURNAMES[number % 10] + _GIVEN[number // 10 % 10] + _GIVEN[number // 100 % 10]
    return resident_id(_AREA, born, number % 499, sex), name, born, sex


def _employments(people: int) -> Iterator[tuple[Any, ...]]:
    for number in range(1, people + 1):
        start = dt.date(2015, 1, 1) + dt.timedelta(days=number * 37 % 3500)
        yield (
            f"E{number:06}", *person(number), _EMPLOYER, "测试企业", "contract", start, "4-03-02-01", "GBT6565",
            "H6110", "331102", "40.0", "active", "not ours to see",
        )  # fmt: skip


def _certificates(people: int) -> Iterator[tuple[Any, ...]]:
    for number in range(1, people + 1, 4):
        issued = dt.date(2018, 1, 1) + dt.timedelta(days=number * 41 % 2500)
        yield f"C{number:06}", *person(number), "职业技能等级", "4-03-02-01", "四级", issued


def _trainings(people: int) -> Iterator[tuple[Any, ...]]:
    for number in range(1, people + 1, 3):
        begun = dt.date(2024, 1, 1) + dt.timedelta(days=number * 43 % 600)
        yield (
            f"T{number:06}", *person(number), "养老护理技能培训", "in-service", begun, begun + dt.timedelta(days=5),
            "24.0", "completed", number % 2 == 0,
        )  # fmt: skip
