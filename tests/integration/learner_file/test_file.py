"""One person's file: all that is told of a life, each line with its event; who looks is kept, names stay sealed."""

import json
import re
import stat
import uuid

import pytest

from learner_file import file
from learner_file.file import Record, Request
from pipeline import envelope
from pipeline.db import InsufficientPrivilege, connect
from pipeline.errors import BadInput
from tests.lives import CHILD, PERSON, SCHOOL, UNIVERSITY, keep_name, learner_of
from tests.released import OFFICE, SENIOR_UNIVERSITY

LOOK = Request("learner.shown", "tests")
WHOLE_LIFE = [
    ("employment", "1990-01-01", "2015-02-28", None),
    ("training", "2001-03-01", "2001-04-30", "completed"),
    ("certificate", "2002-01-01", "2007-01-01", "三级"),
    ("presentation", "2015-02-01", "2015-08-19", None),
    ("assessment", "2015-03-03", "2015-03-03", "passed"),
    ("final_result", "2015-08-20", "2015-08-20", "passed_with_distinction"),
    ("senior_course", "2024-09-01", "2025-01-31", "completed"),
    ("credential", "2025-06-01", "2025-06-01", "revoked"),
    ("credential", "2025-06-01", "2025-06-01", "优秀"),
]


def test_a_life_in_five_sectors_is_one_file(lives):
    found = file.opened(lives.settings, learner_of(lives, PERSON), LOOK)
    assert [
        (line.kind_code, str(line.begun_date), str(line.last_date), line.result_code) for line in found.lines
    ] == WHOLE_LIFE
    assert (found.sex_code, str(found.birth_date), found.is_linked, found.name) == ("female", "1960-02-29", True, None)
    training = next(line for line in found.lines if line.kind_code == "training")
    assert (training.title, training.learning_hours) == ("车工", 80)


def test_every_line_names_its_event(lives):
    for person in (PERSON, CHILD):
        for line in lives.rows(
            "select agency_code, source_entity, record_id, _event_id from core.learner_file where learner_key = %s",
            learner_of(lives, person),
        ):
            agency, table, record, event = line
            assert event == envelope.event_id(agency, *table.split("__"), record, 1)


@pytest.mark.parametrize(
    "record",
    [
        Record(UNIVERSITY, "oulad__student_info", "AAA|2015B|7"),  # says who
        Record(UNIVERSITY, "oulad__student_assessment", "9|7"),  # a line of the file
        Record(OFFICE, "hr__employments", "w1"),
        Record(SENIOR_UNIVERSITY, "senior__enrolments", "4233100101|2024-autumn|c|5"),
    ],
    ids=lambda record: record.source_entity,
)
def test_a_learner_is_found_by_a_record(lives, record):
    assert file.opened(lives.settings, record, LOOK).learner_key == learner_of(lives, PERSON)


def test_nobody_is_known_by_a_strange_record(lives):
    with pytest.raises(BadInput, match="no learner is known"):
        file.opened(lives.settings, Record(SCHOOL, "oneroster__users", "nobody"), LOOK)
    with pytest.raises(BadInput, match="no learner has the key"):
        file.opened(lives.settings, uuid.uuid4(), LOOK)


def test_a_child_is_shown_only_with_the_guardians_consent(lives):
    child = learner_of(lives, CHILD)
    with pytest.raises(BadInput, match="under 14"):
        file.opened(lives.settings, child, LOOK)
    found = file.opened(lives.settings, child, Request("learner.shown", "tests", guardian_consent="letter 7"))
    assert [(line.kind_code, line.title, line.institution_name) for line in found.lines] == [
        ("school_class", "数学", "丽水一小")
    ]
    assert lives.rows(
        "select actor, detail ->> 'guardian_consent' from audit.entry where object = %s", f"learner {child}"
    ) == [(file.ROLE, "letter 7")]


def test_who_looks_is_kept(lives):
    key = learner_of(lives, PERSON)
    file.opened(lives.settings, key, Request("learner.exported_as_clr", "Li"))
    assert lives.rows(
        "select actor, detail ->> 'by', detail ->> 'lines' from audit.entry "
        "where action = 'learner.exported_as_clr' and object = %s",
        f"learner {key}",
    ) == [(file.ROLE, "Li", "9")]


def test_the_name_is_the_one_most_records_state_and_its_opening_is_kept(lives):
    keep_name(lives, "oulad__student_info", UNIVERSITY, "AAA|2015B|7", '{"full_name": "王　小"}'.encode())
    keep_name(lives, "hr__employments", OFFICE, "w1", '{"full_name": "王小明"}'.encode())
    keep_name(lives, "hr__trainings", OFFICE, "t1", '{"family_name": "王", "given_name": "小明"}'.encode())
    key = learner_of(lives, PERSON)
    assert file.opened(lives.settings, key, Request("learner.shown", "Li", with_name=True)).name == "王小明"
    assert lives.rows(
        "select actor, detail ->> 'by' from audit.entry where action = 'learner.name_opened' and object = %s",
        f"learner {key}",
    ) == [("flyover_names", "Li")]


def test_whose_key_is_gone_has_no_name(lives):
    keep_name(lives, "oneroster__users", SCHOOL, "u1", '{"full_name": "王童"}'.encode(), subject=CHILD)
    ask = Request("learner.shown", "Li", with_name=True, guardian_consent="letter 7")
    assert file.opened(lives.settings, learner_of(lives, CHILD), ask).name == "王童"
    lives.rows("with gone as (delete from vault.data_key where subject = %s returning 1) select * from gone", CHILD)
    assert file.opened(lives.settings, learner_of(lives, CHILD), ask).name is None


@pytest.mark.parametrize(
    ("role", "question"),
    [
        ("flyover_learner", "select * from vault.identity"),
        ("flyover_learner", "select * from landing.oneroster__users"),
        ("flyover_learner", "delete from audit.entry"),
        ("flyover_names", "select * from core.learner_file"),
        ("flyover_names", "delete from vault.identity"),
        ("policymaker", "select * from core.learner_file"),
        ("quality_officer", "select * from core.learner_file"),
    ],
)
def test_no_role_sees_more_than_it_needs(lives, role, question):
    with pytest.raises(InsufficientPrivilege), connect(lives.settings, role) as connection:
        connection.execute(question)


def test_the_page_prints_one_life_and_is_nobody_elses(lives, monkeypatch, tmp_path, capsys):
    from cli import learner_command

    monkeypatch.setattr(learner_command, "load", lambda: lives.settings)
    page = tmp_path / "file.html"
    learner_command.show(key=learner_of(lives, PERSON), html=page, language="en", by="Li")
    text = page.read_text()
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "passed with distinction" in text
    assert "Simulated" in text
    assert not re.search(r"(src|href)=\"https?:", text)
    learner_command.show(
        record=(UNIVERSITY, "oulad__student_info", "AAA|2015B|7"), language="zh", by="Li", as_json=False
    )
    shown = capsys.readouterr().out
    assert "老年大学课程" in shown
    assert "王" not in shown


def test_an_export_is_written_for_one_and_kept(lives, monkeypatch, tmp_path, capsys):
    from cli import learner_command

    monkeypatch.setattr(learner_command, "load", lambda: lives.settings)
    key, out = learner_of(lives, PERSON), tmp_path / "file.jsonld"
    learner_command.export(form="elm", key=key, out=out, by="Chen")
    claims = json.loads(out.read_text())["credentialSubject"]["hasClaim"]
    assert [claim["title"]["zh"] for claim in claims] == [
        "车工",
        "职业技能等级 6-18-01-01 生产制造及有关人员",
        "AAA",
        "书法",
        "数据素养",
    ]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    learner_command.export(form="clr", key=key, by="Chen")
    shown = capsys.readouterr()
    assert len(json.loads(shown.out)["credentialSubject"]["verifiableCredential"]) == 5
    assert "not signed" in shown.err
    assert lives.rows("select action from audit.entry where detail ->> 'by' = 'Chen' order by entry_id") == [
        ("learner.exported_as_elm",),
        ("learner.exported_as_clr",),
    ]
    with pytest.raises(BadInput, match="no form"):
        learner_command.export(form="pdf", key=key)
    with pytest.raises(BadInput, match="one learner at a time"):
        learner_command.export(form="clr")
