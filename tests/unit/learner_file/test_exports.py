"""What is exported has the shape wallets read, and our own reader of credentials finds the same outcomes in it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema
import pytest

from connectors import registry
from connectors.sources import credential_badges, credential_elm, credit_bank
from learner_file import achievements, clr, elm
from learner_file.file import LearnerFile, Line
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT

DAY = dt.date(2026, 11, 22)
SHAPES = CHECKOUT / "tests" / "fixtures" / "credentials"
FORMS: Mapping[str, Callable[[LearnerFile, dt.date], Mapping[str, Any]]] = {
    "clr2": clr.document,
    "elm3": elm.document,
}
READERS = {"clr2": credential_badges, "elm3": credential_elm}


def line(kind: str, begun: str, ended: str | None, result: str | None, **more: Any) -> Line:
    told: dict[str, Any] = {
        "sector_code": "human_resources",
        "realm": "simulated",
        "kind_code": kind,
        "begun_date": dt.date.fromisoformat(begun),
        "ended_date": dt.date.fromisoformat(ended) if ended else None,
        "title": "车工",
        "institution_name": "丽水技师学院",
        "result_code": result,
        "score_pct": None,
        "learning_hours": None,
        "credits": None,
        "agency_code": "hr-lishui",
        "source_entity": "hr__trainings",
        "record_id": f"{kind} {begun}",
        "event_id": uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} {begun} {result}"),
    }
    return Line(**{**told, **more})


TRAINING = line("training", "2001-03-01", "2001-05-01", "completed", learning_hours=80.5)
CERTIFICATE = line("certificate", "2002-01-01", "2007-01-02", "三级", title="职业技能等级 6-18-01-01")
COURSE = line("final_result", "2015-08-20", "2015-08-21", "passed_with_distinction", title="AAA")
CREDENTIAL = line("credential", "2020-02-02", "2020-02-03", None, title="数据素养", credits=2.5)
NO_ACHIEVEMENTS = [
    line("training", "2003-03-01", "2003-05-01", "failed"),
    line("training", "2026-03-01", None, None),
    line("senior_course", "2024-09-01", "2025-02-01", "withdrawn"),
    line("assessment", "2015-03-03", "2015-03-04", "passed"),
    line("employment", "1990-01-01", "2015-03-01", None),
    line("school_class", "1970-01-01", "1971-03-01", None),
]


def life(*lines: Line, name: str | None = None) -> LearnerFile:
    return LearnerFile(uuid.UUID(int=7), "female", dt.date(1960, 2, 29), True, 3, lines, name)


WHOLE = life(*NO_ACHIEVEMENTS, CREDENTIAL, COURSE, CERTIFICATE, TRAINING, name="王小明")


def exported(form: str, file: LearnerFile = WHOLE) -> Any:
    return json.loads(json.dumps(FORMS[form](file, DAY)))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("file", [WHOLE, life(TRAINING), life(CREDENTIAL)], ids=["whole", "training", "credential"])
def test_an_export_has_the_shape_of_its_standard(form, file):
    shape = json.loads((SHAPES / f"{form}.schema.json").read_text())
    jsonschema.Draft202012Validator(shape).validate(exported(form, file))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("missing", ["id", "issuer", "validFrom", "credentialSubject", "type"])
def test_the_shape_refuses_what_lacks_something(form, missing):
    shape = json.loads((SHAPES / f"{form}.schema.json").read_text())
    document = exported(form)
    del document[missing]
    assert not jsonschema.Draft202012Validator(shape).is_valid(document)


@pytest.mark.parametrize("form", FORMS)
def test_our_own_reader_finds_the_same_outcomes(form):
    read = list(READERS[form].outcomes(exported(form)))
    found = [
        (each["title"], each["awarded_on"], each["result"], each["outcome_kind"], each["credits"], each["issuer_title"])
        for each in read
    ]
    assert found == [
        ("车工", "2001-04-30", "completed", "certificate", None, "丽水技师学院"),
        ("职业技能等级 6-18-01-01", "2002-01-01", "三级", "certificate", None, "丽水技师学院"),
        ("AAA", "2015-08-20", "passed_with_distinction", "non_degree_course", None, "丽水技师学院"),
        ("数据素养", "2020-02-02", None, "other", "2.5", "丽水技师学院"),
    ]
    events = [str(each.event_id) for each in (TRAINING, CERTIFICATE, COURSE, CREDENTIAL)]
    assert [each["outcome_id"].rpartition(":")[2] for each in read] == events
    assert {each["full_name"] for each in read} == {"王小明"}
    assert {each["container_id"] for each in read} == {exported(form)["id"]}
    assert {each["form"] for each in read} == {form}


def test_forms_keep_what_only_they_can_say():
    assert [each["hours"] for each in credential_elm.outcomes(exported("elm3"))] == ["80.5", None, None, None]
    ends = [each["valid_until"] for each in credential_badges.outcomes(exported("clr2"))]
    assert ends == [None, "2007-01-01", None, None]


@pytest.mark.parametrize("form", FORMS)
def test_a_credit_bank_takes_the_file_in(form, tmp_path):
    agency = registry.load_all(CHECKOUT / "connectors" / "agencies")["bank-zhejiang"]
    (tmp_path / "file.json").write_text(json.dumps(exported(form)))
    with credit_bank.SOURCE.open(tmp_path / "file.json", agency) as tables:
        (table,) = tables
        rows = list(table.rows())
    assert [row.values["title"] for row in rows] == ["车工", "职业技能等级 6-18-01-01", "AAA", "数据素养"]


@pytest.mark.parametrize("form", FORMS)
def test_without_a_name_nothing_names_the_learner(form):
    file = life(TRAINING)
    text = json.dumps(exported(form, file), ensure_ascii=False)
    assert "王" not in text
    assert str(file.learner_key) not in text
    assert "1960" not in text
    assert achievements.holder_id(file) in text


@pytest.mark.parametrize("form", FORMS)
def test_of_credits_only_what_an_institution_recognised_and_nobody_revoked_is_exported(form):
    recognised = line("credit_conversion", "2024-04-02", "2024-04-03", None, title="高等数学", credits=7.5)
    booked = [
        line("credit_deposit", "2024-03-01", "2024-03-02", None, title="高等数学", credits=8.0),
        line("credit_conversion", "2024-05-02", "2024-05-03", "revoked", title="大学物理", credits=3.0),
        line("credit_revocation", "2025-01-01", "2025-01-02", None, title="大学物理", credits=3.0),
        line("credit_expiry", "2025-02-01", "2025-02-02", None, title="英语", credits=1.0),
    ]
    document = exported(form, life(*booked, recognised))
    jsonschema.Draft202012Validator(json.loads((SHAPES / f"{form}.schema.json").read_text())).validate(document)
    assert [found.id for found in achievements.of(life(*booked, recognised))] == [recognised.event_id.urn]
    assert "7.5" in json.dumps(document)
    assert "大学物理" not in json.dumps(document, ensure_ascii=False)


@pytest.mark.parametrize("form", FORMS)
def test_an_export_says_that_it_is_unsigned_and_what_is_invented(form):
    text = json.dumps(exported(form))
    assert "proof" not in exported(form)
    assert "Not signed" in text
    assert "SIMULATED" in text


@pytest.mark.parametrize("form", FORMS)
def test_the_same_life_has_the_same_ids_and_more_of_it_another(form):
    assert exported(form) == exported(form)
    assert exported(form, life(TRAINING))["id"] != exported(form, life(TRAINING, COURSE))["id"]


@pytest.mark.parametrize("form", FORMS)
def test_without_an_achievement_there_is_nothing_to_export(form):
    with pytest.raises(BadInput, match="no achievement"):
        exported(form, life(*NO_ACHIEVEMENTS))
