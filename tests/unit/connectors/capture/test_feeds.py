"""What an agency's yml says of its capture, and what is made of it: connector, script, complaints."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from connectors.capture import connector, database, feeds, overview, readiness, script
from connectors.capture.database import Slot
from connectors.capture.overview import Standing
from pipeline import names
from pipeline.errors import BadInput, ConfigurationError, SystemTrouble
from pipeline.settings import CHECKOUT
from tests.paper_office import agency, facts, feed

CONTRACTS = CHECKOUT / "contracts"


def test_tables_and_columns_are_those_of_the_contract() -> None:
    table = feed(columns="employments.resident_id=sfzh").tables[0]
    assert (table.entity, table.name, table.key_columns) == ("employments", "public.employment", ("employment_id",))
    assert table.columns["resident_id"] == "sfzh"
    assert "employer_name" not in table.columns


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"host": ""}, "params.host is missing"),
        ({"port": "x"}, "port must be a number"),
        ({"user": 'a"b'}, "params.user: use letters"),
        ({"tls": "maybe"}, "tls must be one of"),
        ({"tables": "unknown=public.t"}, "entity one of employments"),
        ({"tables": "employments=t"}, "entity=schema.table"),
        ({"tables": 'employments=public.a"b'}, "entity=schema.table"),
        ({"columns": "employments.nothing=x"}, "employments.nothing is no field"),
        ({"columns": "employments"}, "entity.property=column"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(params: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"hr-test\.yml: .*{re.escape(complaint)}"):
        feeds.of(agency(**params), CONTRACTS)


def test_tls_is_verified_unless_said_otherwise() -> None:
    assert connector.config(feed(), Path("/state"))["database.sslmode"] == "verify-full"
    given = connector.config(feed(tls="verify-ca", tls_ca="/etc/ca.pem"), Path("/state"))
    assert (given["database.sslmode"], given["database.sslrootcert"]) == ("verify-ca", "/etc/ca.pem")


def test_connector_asks_for_the_agreed_columns_alone_and_holds_no_secret() -> None:
    given = connector.config(feed(), Path("/state"))
    wanted = given["column.include.list"].split(",")
    for column in ("employment_id", "full_name"):
        assert any(re.fullmatch(pattern, f"public.employment.{column}") for pattern in wanted)
    for column in ("employer_name", "internal_note", "last_modified", "employment_idx"):
        assert not any(re.fullmatch(pattern, f"public.employment.{column}") for pattern in wanted)
    assert given["database.password"] == "${file:/state/connect/credentials/hr-test.properties:password}"
    assert given["publication.autocreate.mode"] == "disabled"
    assert (given["skipped.operations"], given["tombstones.on.delete"]) == ("none", "false")


def test_everything_the_connector_says_goes_into_one_restricted_short_lived_topic() -> None:
    given = connector.config(feed(), Path("/state"))
    for topic in ("raw.hr-test.public.employment", given["notification.sink.topic.name"]):
        assert re.fullmatch(given["transforms.one.regex"], topic)
    assert not re.fullmatch(given["transforms.one.regex"], f"{given['topic.heartbeat.prefix']}.raw.hr-test")
    assert given["transforms.one.replacement"] == feed().topic == "raw.hr-test.changes"
    assert given["topic.creation.default.retention.ms"] == str(6 * 3600 * 1000)
    assert given["topic.creation.default.partitions"] == "1"


def test_no_entity_can_have_a_raw_topic() -> None:
    with pytest.raises(ConfigurationError, match="raw"):
        names.topic("raw", "rows")


def test_only_agencies_that_are_awake_are_captured_and_a_wrong_one_stops_no_other(tmp_path: Path) -> None:
    def write(code: str, **changes: object) -> None:
        given = dataclasses.asdict(agency())
        kept = {k: v for k, v in given.items() if v not in (None, (), {}) and k not in ("tolerance", "language")}
        document = {**kept, "agency_code": code, "params": dict(agency().params), **changes}
        (tmp_path / f"{code}.yml").write_text(yaml.safe_dump(json.loads(json.dumps(document))), encoding="utf-8")

    write("hr-awake")
    write("hr-asleep", paused=True)
    write("hr-files", transport="file")
    write("hr-wrong", params={"host": "x"})
    said: list[str] = []
    assert [f.code for f in feeds.read(tmp_path, CONTRACTS, say=said.append)] == ["hr-awake"]
    assert [f.code for f in feeds.read(tmp_path, CONTRACTS, lambda _: True, said.append)] == ["hr-asleep", "hr-awake"]
    assert "hr-wrong.yml: params.port is missing" in said


def test_plain_up_captures_nothing() -> None:
    assert feeds.read(CHECKOUT / "connectors" / "agencies", CONTRACTS) == []


def test_script_grants_and_publishes_the_same_columns_and_no_others() -> None:
    text = script.setup(feed())
    columns = ", ".join(f'"{column}"' for column in feed().tables[0].columns.values())
    assert f'grant select ({columns}) on "public"."employment" to "reader";' in text
    assert f'"public"."employment" ({columns})' in text
    assert "employer_name" not in text
    assert "superuser" not in text
    assert "max_slot_wal_keep_size" in text
    undone = script.undo(feed())
    assert "pg_drop_replication_slot" in undone
    assert 'drop publication if exists "flyover_hr_test"' in undone
    assert 'drop role if exists "reader"' in undone


def test_a_database_as_agreed_has_a_shape_that_is_remembered() -> None:
    known = feed()
    shape = readiness.check(known, facts(known), {})
    assert readiness.check(known, facts(known), shape) == shape
    moved = {"public.employment": 16_999, "public.training": 16_400}
    assert readiness.check(known, facts(known, memberships=moved), shape) != shape


def changed(column: str, **what: object) -> dict[str, object]:
    known = feed()
    columns = {name: dict(found) for name, found in facts(known).columns.items()}
    columns["public.employment"][column] = dataclasses.replace(columns["public.employment"][column], **what)  # type: ignore[arg-type]
    return {"columns": columns}


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"wal_level": "replica"}, "setup", ("wal_level", "replica")),
        ({"has_publication": False}, "setup", ("publication flyover_hr_test is not there",)),
        (changed("sex", is_published=False), "setup", ("public.employment", "sex is not in the publication")),
        (changed("sex", is_readable=False), "setup", ("reader may not read sex",)),
        (changed("employment_id", is_identity=False), "setup", ("a delete would not say employment_id",)),
        (changed("sex", family="number", type_name="int4"), "column_retyped", ("sex was text and is int4 now",)),
    ],
)
def test_what_is_not_as_agreed_is_named_with_what_to_do(
    wrong: dict[str, object], code: str, words: tuple[str, ...]
) -> None:
    known = feed()
    shape = readiness.check(known, facts(known), {})
    with pytest.raises(BadInput) as caught:
        readiness.check(known, facts(known, **wrong), shape)
    assert caught.value.code == f"refused.capture_{code}"
    assert caught.value.advice
    assert all(word in str(caught.value) for word in ("hr-test", *words))


def test_a_column_and_a_table_that_are_gone_are_told_apart() -> None:
    known = feed()
    columns = {name: dict(found) for name, found in facts(known).columns.items()}
    del columns["public.employment"]["sex"]
    with pytest.raises(BadInput, match=r"public\.employment: column sex is gone or was renamed"):
        readiness.check(known, facts(known, columns=columns), {})
    with pytest.raises(BadInput, match=r"table public\.employment is gone"):
        readiness.check(known, facts(known, columns={**columns, "public.employment": {}}), {})


@pytest.mark.parametrize(
    ("slot", "limit", "connector", "is_well", "words"),
    [
        (Slot(True, False, 5_000_000), None, "running", True, ""),
        (Slot(True, False, 2 * 1024**3), None, "running", False, "max_slot_wal_keep_size"),
        (Slot(True, False, 2 * 1024**3), 10_240, "running", True, ""),
        (Slot(False, False, 1), None, "absent", False, "may fill its disk"),
        (Slot(False, False, 1), 100, "no worker", False, "./flyover changes undo hr-test"),
        (Slot(False, True, 0), 100, "running", False, "reads all tables afresh"),
        (None, 100, "running", False, "slot is gone"),
        (None, 100, "absent", True, ""),
    ],
)
def test_a_log_that_grows_at_the_agency_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, slot: Slot | None, limit: int | None, connector: str, is_well: bool, words: str
) -> None:
    known = feed()
    monkeypatch.setattr(overview, "_connector", lambda *_: connector)
    monkeypatch.setattr(overview.database, "inspect", lambda *_: facts(known, slot=slot, keep_limit_mb=limit))
    standing: Standing = overview.of(None, known)  # type: ignore[arg-type]
    assert standing.is_well is is_well
    assert words in standing.advice


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("connection failed: SSL error: certificate verify failed", BadInput),
        ("connection failed: SSL error: provider signature failure", BadInput),
        ("connection failed: server does not support SSL, but SSL was required", BadInput),
        ('connection failed: FATAL:  password authentication failed for user "reader"', BadInput),
        ('connection failed: FATAL:  no pg_hba.conf entry for host "10.0.0.1"', BadInput),
        ('connection failed: FATAL:  database "personnel" does not exist', BadInput),
        ("connection failed: Connection refused", SystemTrouble),
        ("connection failed: SSL error: unexpected eof while reading", SystemTrouble),
        ("connection failed: FATAL:  the database system is starting up", SystemTrouble),
    ],
)
def test_a_refusal_is_told_from_a_database_that_is_away(said: str, kind: type[Exception]) -> None:
    error = sa.exc.OperationalError("select", None, Exception(said))
    trouble = database._trouble(feed(), error)
    assert type(trouble) is kind
    assert "hr-test" in str(trouble)
