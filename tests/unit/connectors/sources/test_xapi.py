from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors import sources
from connectors.edge import Edge
from connectors.sources.base import Rejected, Row
from pipeline import contracts
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT, Secrets
from tests.deliveries import FIXTURES, deliver, make_agency

WEEK = FIXTURES / "xapi" / "week_1"
SECRETS = Secrets({}, {"1": b"k" * 32}, "1", b"v" * 32, b"i" * 32, b"q" * 32)
Statement = dict[str, Any]
GOOD: Statement = json.loads((WEEK / "statements.jsonl").read_text(encoding="utf-8").splitlines()[2])


def read(tmp_path: Path, *statements: Any, **agency: object) -> list[Row | Rejected]:
    text = "\n".join(json.dumps(statement, ensure_ascii=False) for statement in statements)
    (tmp_path / "statements.jsonl").write_text(text + "\n", encoding="utf-8")
    return deliver("xapi", tmp_path / "statements.jsonl", mode="append", **agency)["statements"]


def values(row: Row | Rejected) -> dict[str, str | None]:
    assert isinstance(row, Row), row
    return row.values


def test_a_week_is_read_and_nothing_of_it_is_lost() -> None:
    rows = deliver("xapi", WEEK, mode="append")["statements"]
    assert [values(row)["verb"].rpartition("/")[2] for row in rows] == [  # type: ignore[union-attr]
        "registered",
        "experienced",
        "completed",
        "experienced",
        "experienced",
        "voided",
    ]
    done = values(rows[2])
    assert (done["scoreScaled"], done["completion"], done["duration"]) == ("0.8", "true", "PT34M")
    assert done["groupings"] == "https://ou.example/course/digital-life"
    assert values(rows[5])["voids"] == values(rows[4])["id"]


def test_a_mail_and_its_digest_are_one_actor_and_neither_travels() -> None:
    by_mail, by_digest = deliver("xapi", WEEK, mode="append")["statements"][3:5]
    contract = contracts.load_all(CHECKOUT / "contracts")["xapi", "statements"]
    edge = Edge(contract, make_agency("xapi"), SECRETS, dt.date(2026, 11, 22), b"t" * 32)
    sent = [json.loads(edge.row(row).data or b"") for row in (by_mail, by_digest) if isinstance(row, Row)]
    assert sent[0]["actor"] == sent[1]["actor"]
    assert sent[0]["actor"].startswith("p.")
    digest = hashlib.sha1(b"mailto:yi@ou.example", usedforsecurity=False).hexdigest()
    assert not any(word in json.dumps(sent) for word in ("yi@ou.example", digest, "测试乙"))


def test_accounts_that_are_resident_ids_name_the_person(tmp_path: Path) -> None:
    statement = {**GOOD, "actor": {"account": {"homePage": "https://ou.example", "name": "339901201203150019"}}}
    (row,) = read(tmp_path, statement, params={"accounts": "resident_ids"})
    assert values(row)["actorResidentId"] == "339901201203150019"
    (row,) = read(tmp_path, statement)
    assert values(row)["actorResidentId"] is None
    with pytest.raises(ConfigurationError, match=r"params\.accounts must be one of"):
        read(tmp_path, statement, params={"accounts": "phones"})


def test_a_statement_without_an_id_gets_the_same_one_each_time(tmp_path: Path) -> None:
    said = {name: value for name, value in GOOD.items() if name not in ("id", "stored")}
    first, again, stored, other = read(
        tmp_path, said, said, {**said, "stored": GOOD["stored"]}, {**said, "timestamp": "2026-11-04T08:30:00+08:00"}
    )
    assert values(first)["id"] == values(again)["id"] == values(stored)["id"] != values(other)["id"]


def broken(**changes: Any) -> Statement:
    return {**copy.deepcopy(GOOD), **changes}


def without(name: str) -> Statement:
    return {key: value for key, value in GOOD.items() if key != name}


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (broken(result={"score": None}), "reader.xapi_null"),
        (broken(version="0.95"), "reader.xapi_version"),
        (broken(id="17"), "reader.xapi_id"),
        (without("actor"), "reader.xapi_actor"),
        (broken(actor={"name": "x"}), "reader.xapi_actor"),
        (broken(actor={"mbox": "mailto:a@b", "openid": "https://a"}), "reader.xapi_actor"),
        (broken(actor={"mbox": "a@b"}), "reader.xapi_actor"),
        (broken(actor={"mbox_sha1sum": "abc"}), "reader.xapi_actor"),
        (broken(actor={"account": {"name": "x"}}), "reader.xapi_actor"),
        (without("verb"), "reader.xapi_verb"),
        (broken(verb={"id": "completed"}), "reader.xapi_verb"),
        (broken(object={"id": "unit 1"}), "reader.xapi_object"),
        (broken(object={"objectType": "Course", "id": "https://a"}), "reader.xapi_object"),
        (broken(verb={"id": "http://adlnet.gov/expapi/verbs/voided"}), "reader.xapi_void"),
        (broken(result="good"), "reader.xapi_shape"),
        (broken(result={"success": "yes"}), "reader.xapi_shape"),
        (broken(result={"score": {"scaled": 1.1}}), "reader.xapi_score"),
        (broken(timestamp="yesterday"), "reader.xapi_time"),
        (broken(context={"contextActivities": {"parent": [{"id": "no iri"}]}}), "reader.xapi_object"),
    ],
)
def test_what_the_standard_forbids_is_set_aside_with_its_rule(
    tmp_path: Path, statement: Statement, reason: str
) -> None:
    wrong, good = read(tmp_path, statement, GOOD)
    assert isinstance(wrong, Rejected)
    assert (wrong.line, wrong.rule_id) == (1, reason)
    assert isinstance(good, Row)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(version="2.0.0"),
        lambda s: s["result"].update(extensions={"https://x": None}),
        lambda s: s.update(actor={"objectType": "Group", "member": [{"mbox": "mailto:a@b"}]}),
        lambda s: s.update(
            context={"contextAgents": [{"objectType": "contextAgent", "agent": {"mbox": "mailto:a@b"}}]}
        ),
        lambda s: s.update(object={"objectType": "Agent", "mbox": "mailto:a@b"}),
    ],
)
def test_what_the_standard_allows_is_read(tmp_path: Path, change: Callable[[Statement], None]) -> None:
    statement = copy.deepcopy(GOOD)
    change(statement)
    (row,) = read(tmp_path, statement)
    assert "a@b" not in json.dumps({k: v for k, v in values(row).items() if k not in ("actorMail",)})


def test_several_files_are_one_table_and_each_row_says_its_file(tmp_path: Path) -> None:
    for name in ("a.json", "b.jsonl"):
        (tmp_path / name).write_text(json.dumps(GOOD, ensure_ascii=False), encoding="utf-8")
    rows = deliver("xapi", tmp_path, mode="append")["statements"]
    assert [row.part for row in rows] == ["a.json", "b.jsonl"]


def test_a_store_can_be_asked() -> None:
    assert set(sources.load("xapi").transports) == {"rest"}  # type: ignore[attr-defined]
