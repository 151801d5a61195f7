"""Settings of the SQL transport, what a database's complaints mean, and the place kept between pulls."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from connectors import transports
from connectors.registry import Agency
from connectors.sources import hr
from connectors.transports import sql, sql_database, sql_place, sql_table
from connectors.transports.sql_place import Begun, Place
from pipeline import contracts
from pipeline.errors import BadInput, ConfigurationError, SystemTrouble
from pipeline.settings import CHECKOUT
from tests.deliveries import make_agency

URL = "postgresql://reader@db.example:5433/hr"
OWNED = contracts.of_source(CHECKOUT / "contracts", "hr")
KEY = bytes(range(32))


def agency(**params: str) -> Agency:
    return make_agency("hr", mode="delta", transport="sql", params={"url": URL, **params})


def tables(**params: str) -> list[sql_table.Mapped]:
    return sql_table.mapped(agency(**params), OWNED, hr.MODIFIED, (hr.STATUS,))


def test_source_offers_the_transport() -> None:
    assert isinstance(transports.load(agency()), sql.SqlTransport)


def test_address_is_shown_without_user_or_secret() -> None:
    database = sql_database.of(agency())
    assert database.address == "db.example:5433/hr"
    assert database.is_encrypted
    assert sql_database.of(agency(url="mysql://reader@db/hr")).address == "db:3306/hr"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"url": ""}, r"params\.url must be like"),
        ({"url": "oracle://a@b/c"}, r"params\.url must be like"),
        ({"url": "postgresql://db.example/hr"}, r"params\.url must be like"),
        ({"url": "postgresql://reader@db.example/hr?sslmode=disable"}, r"params\.url must be like"),
        ({"url": "postgresql://reader:secret@db.example/hr"}, "must hold no password"),
        ({"tls": "off"}, "for a database on this machine alone"),
        ({"tls": "maybe"}, "must be verify"),
        ({"time_zone": "Asia/Hangzhou"}, "is not known"),
        ({"statement_seconds": "0"}, "whole number of at least 1"),
        ({"statement_seconds": "long"}, "whole number"),
    ],
)
def test_wrong_settings_of_the_database_are_named(params: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^test-hr\.yml: .*{words}") as no:
        sql_database.of(agency(**params))
    assert "secret@" not in str(no.value)


def test_tables_are_the_contracts_unless_said_otherwise() -> None:
    found = tables(**{"tables.trainings": "none", "tables.employments": "hr.v_emp", "columns.employments.sex": "XB"})
    assert [(table.name, table.keys) for table in found] == [
        ("hr.v_emp", ("employment_id",)),
        ("skill_certificate", ("certificate_no",)),
    ]
    columns = found[0].columns
    assert (columns["sex"], columns["birth_date"], columns["last_modified"]) == ("XB", "birth_date", "last_modified")
    assert "employer_name" not in columns
    assert found[1].columns["record_status"] == "record_status"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("tables.employment", "the tables are employments, skill_certificates, trainings"),
        ("columns.employments.salary", "employments has no property salary"),
        ("columns.employments.employer_name", "has no property employer_name"),
        ("values.trainings.certificate", "trainings has no property certificate"),
    ],
)
def test_settings_about_what_there_is_not_are_named(setting: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        tables(**{setting: "x"})


def test_every_table_left_out_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="leave every table out"):
        tables(**{f"tables.{contract.entity}": "none" for contract in OWNED})


@pytest.mark.parametrize(
    ("url", "said", "kind", "code"),
    [
        (URL, ("28P01", ""), BadInput, "refused.sql_login"),
        (URL, (None, 'FATAL:  password authentication failed for user "x"'), BadInput, "refused.sql_login"),
        (URL, (None, 'FATAL: 用户 "x" Password 认证失败'), BadInput, "refused.sql_login"),
        (URL, (None, "server does not support SSL, but SSL was required"), BadInput, "refused.sql_tls"),
        (URL, (None, "SSL error: certificate verify failed"), BadInput, "refused.sql_tls"),
        (URL, (None, "SSL SYSCALL error: EOF detected"), SystemTrouble, None),
        (URL, (None, "SSL connection has been closed unexpectedly"), SystemTrouble, None),
        (URL, (None, "FATAL:  the database system is starting up"), SystemTrouble, None),
        (URL, (None, "Connection refused"), SystemTrouble, None),
        (URL, ("53300", "too many clients"), SystemTrouble, None),
        (URL, ("57P01", "terminating connection due to administrator command"), SystemTrouble, None),
        (URL, ("40001", "snapshot too old"), SystemTrouble, None),
        (URL, ("42501", ""), BadInput, "refused.sql_table"),
        (URL, ("42P01", ""), BadInput, "refused.sql_table"),
        (URL, ("42703", ""), BadInput, "refused.sql_column"),
        (URL, ("22P02", "invalid input syntax: secret value"), BadInput, "refused.sql_answer"),
        ("mysql://r@db/hr", (1045, "Access denied"), BadInput, "refused.sql_login"),
        ("mysql://r@db/hr", (2003, "[SSL: CERTIFICATE_VERIFY_FAILED]"), BadInput, "refused.sql_tls"),
        ("mysql://r@db/hr", (2026, "SSL is required but the server doesn't support it"), BadInput, "refused.sql_tls"),
        ("mysql://r@db/hr", (2013, "Lost connection during query"), SystemTrouble, None),
        ("mysql://r@db/hr", (1040, "Too many connections"), SystemTrouble, None),
        ("mysql://r@db/hr", (1142, "SELECT command denied"), BadInput, "refused.sql_table"),
        ("mysql://r@db/hr", (1054, "Unknown column"), BadInput, "refused.sql_column"),
        ("mysql://r@db/hr", (1792, "read only"), BadInput, "refused.sql_answer"),
    ],
)
def test_what_a_database_says_is_their_fault_or_ours_or_nobodys(
    url: str, said: tuple[Any, str], kind: type[Exception], code: str | None
) -> None:
    database = sql_database.of(agency(url=url))

    class Said(Exception):
        sqlstate = said[0]

    original = Said(said[1]) if database.is_postgresql else Said(*said)
    raised = sa.exc.OperationalError("select secret from t", {"secret": "value"}, original)
    with pytest.raises(kind) as meaning, database.understood("t"):
        raise raised
    assert getattr(meaning.value, "code", None) == code
    assert meaning.value.__cause__ is None
    assert meaning.value.__suppress_context__
    assert "secret" not in str(meaning.value).replace("./flyover secret set", "")
    assert "test-hr (hr)" in str(meaning.value)


def test_place_is_kept_in_words_but_for_the_keys() -> None:
    places = {
        "employments": Place("2026-03-01 12:00:00", "2026-03-02T00:00:00+00:00", ["sex"]),
        "trainings": Place(begun=Begun("timed", "2026-03-01", ["2026-03-01", "339901198005120017"])),
        "skill_certificates": Place(begun=Begun("untimed", None)),
    }
    text = sql_place.written(places, KEY)
    assert sql_place.read(text, KEY) == places
    assert "2026-03-01 12:00:00" in text
    assert "339901198005120017" not in text
    assert sql_place.read(None, KEY) == {}


@pytest.mark.parametrize("text", ["3", "{", '{"employments": 7}', '{"e": {"begun": {"phase": "timed", "at": "AAAA"}}}'])
def test_place_of_another_transport_is_refused_with_a_way_on(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"none of the SQL transport.*stays unchanged"):
        sql_place.read(text, KEY)


@pytest.mark.parametrize(
    ("params", "words"),
    [({"full_every": "weekly"}, "like 24h or 7d, or never"), ({"overlap_minutes": "-5"}, "at least 0")],
)
def test_wrong_settings_of_the_asking_are_named(params: dict[str, str], words: str) -> None:
    settings: Any = SimpleNamespace(contracts_dir=CHECKOUT / "contracts", secrets=SimpleNamespace(intake_key=KEY))
    wanted = agency(**params)
    with pytest.raises(ConfigurationError, match=words):
        next(transports.load(wanted).slices(settings, wanted, None, CHECKOUT, lambda _: None))
