"""From names in the vault to learners in core: links, decisions and their way back, step by step and built at once."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.persons_command import persons as persons_app
from expectations.decisions.people import Actor, NotAllowed
from linkage import decisions, review
from linkage.keys import of_record
from linkage.run import link_persons
from pipeline import backlog
from pipeline.db import DatabaseError, connect
from pipeline.errors import BadInput
from release.build import build_part
from tests.registers import Registers

OFFICER, STEWARD, VIEWER = Actor("lin", "officer"), Actor("wu", "steward"), Actor("guest", "viewer")
TABLES = (
    "core.person_link", "core.dim_learner", "core.fct_employment_spell", "intermediate.int_persons__resolved",
)  # fmt: skip


def core(registers: Registers, *tables: str) -> dict[str, list[Any]]:
    return {t: sorted(registers.warehouse.rows(f"select t::text from {t} as t")) for t in tables or TABLES}


def rebuilt(registers: Registers) -> dict[str, list[Any]]:
    build_part(registers.warehouse.settings, "core", full_refresh=True)
    return core(registers)


def candidates(registers: Registers, record: str) -> list[tuple[Any, ...]]:
    return registers.warehouse.rows(
        "select candidate_id, why, learner_key, other_learner_key from persons.candidate where status = 'open' "
        "and person_id_agency = 'hr__employments|' || %s order by candidate_id",
        record,
    )


@pytest.fixture(scope="module")
def linked(registers: Registers) -> Registers:
    """A story of each kind, linked and built."""
    registers.says("known", "诸葛亮", "1950-03-04", key="k1")
    registers.says("nameless", None, "1950-03-04")
    registers.says("slip", "诸葛 亮", "1950-03-04")
    registers.says("alone", "上官婉儿", "1971-12-24", sex="female")
    registers.says("pair-1", "司马光远", "1948-11-17")
    registers.says("pair-2", "司马光远", "1948-11-17")
    registers.says("twin-1", "欧阳长青", "1980-05-05", key="t1")
    registers.says("twin-2", "欧阳长春", "1980-05-05", key="t2")
    registers.says("doubted-1", "皇甫嵩山", "1960-06-06", key="d1")
    registers.says("doubted-2", "皇甫嵩山", "1960-06-06", key="d1")
    registers.says("doubted-3", "公孙大娘", "1999-01-31", key="d1", sex="female")
    registers.says("reissued-1", "慕容白鹤", "1955-07-07", key="r1")
    registers.says("reissued-2", "慕容白鹤", "1955-07-07", key="r2")
    registers.says("unsure-1", "令狐长风", "1966-08-08", key="u1")
    registers.says("unsure-2", "令狐长风", "1966-08-08", key="u2", sex="male")
    registers.says("unsure", "令狐长风", "1966-08-08")
    settings = registers.warehouse.settings
    build_part(settings, "core")
    first = link_persons(settings)
    assert first.moved_anything
    build_part(settings, "core")
    return registers


def test_a_record_without_an_id_joins_whom_it_describes(linked: Registers) -> None:
    assert linked.learner("slip") == linked.learner("known")
    ((method, version, bits, status, is_linked, recorded),) = linked.warehouse.rows(
        "select link_method_code, link_rule_version, link_score_bits, link_status_code, is_linked, recorded_at "
        "from core.person_link where record_id = 'slip'"
    )
    assert (method, version, status, is_linked) == ("model", "1", "linked", True)
    assert bits > 8
    assert recorded is not None


def test_who_is_like_nobody_stays_alone_and_is_carried_as_a_bound(linked: Registers) -> None:
    assert linked.learner("alone") == of_record(linked.person("alone"))
    assert linked.warehouse.rows(
        "select record_id, is_linked, link_method_code from core.person_link where record_id in ('alone', 'nameless') "
        "order by 1"
    ) == [("alone", False, "own_record"), ("nameless", False, "own_record")]


def test_records_of_one_person_without_an_id_are_one_learner_who_may_still_be_somebody(linked: Registers) -> None:
    assert linked.learner("pair-1") == linked.learner("pair-2") == of_record(linked.person("pair-1"))
    assert linked.warehouse.rows(
        "select distinct is_linked, link_status_code from core.person_link where record_id ~ '^pair-'"
    ) == [(False, "joined_without_id")]


def test_twins_stay_two(linked: Registers) -> None:
    assert linked.learner("twin-1") != linked.learner("twin-2")
    assert not candidates(linked, "twin-1") + candidates(linked, "twin-2")


def test_one_id_used_by_two_waits_for_a_person_and_does_not_join(linked: Registers) -> None:
    assert linked.learner("doubted-1") == linked.learner("doubted-2") != linked.learner("doubted-3")
    assert [why for _, why, *_ in candidates(linked, "doubted-3")] == ["one id, two persons"]
    assert linked.warehouse.rows(
        "select link_status_code, is_linked from core.person_link where record_id = 'doubted-3'"
    ) == [("set_apart", False)]


def test_a_second_run_without_news_changes_nothing(linked: Registers) -> None:
    before = core(linked, "persons.link", "persons.candidate", "persons.alias")
    again = link_persons(linked.warehouse.settings)
    assert (again.recorded, again.superseded, again.opened, again.closed) == (0, 0, 0, 0)
    assert not again.moved_anything
    assert core(linked, "persons.link", "persons.candidate", "persons.alias") == before


def test_a_rebuild_gives_the_same(linked: Registers) -> None:
    step_by_step = core(linked)
    assert rebuilt(linked) == step_by_step


def test_one_person_with_two_ids_is_merged_by_a_person_and_can_be_parted_again(linked: Registers) -> None:
    settings = linked.warehouse.settings
    old, new = linked.learner("reissued-1"), linked.learner("reissued-2")
    assert old != new
    before = core(linked)
    ((number, why, learner, other),) = candidates(linked, "reissued-1") + candidates(linked, "reissued-2")
    assert (why, {learner, other}) == ("one person, two ids", {old, new})
    decisions.answer(settings, number, "same", actor=OFFICER, reason="birth register shows one person")
    build_part(settings, "core")
    assert linked.learner("reissued-1") == linked.learner("reissued-2") == learner
    assert not link_persons(settings).moved_anything, "the merge is a person's word: no run takes it back"
    assert core(linked) == rebuilt(linked)
    linked.says("reissued-3", "慕容白鹤", "1955-07-07", key="r2")
    build_part(settings, "core")
    assert linked.learner("reissued-3") == learner, "what arrives under a merged id is merged at once"
    linked.forgets("reissued-3")
    decisions.unmerge(settings, other, actor=OFFICER, reason="it was another person")
    build_part(settings, "core")
    assert core(linked) == before
    assert core(linked) == rebuilt(linked)


def test_a_decision_outlives_runs_and_can_be_turned_round(linked: Registers) -> None:
    settings, person = linked.warehouse.settings, linked.person("unsure")
    asked = candidates(linked, "unsure")
    assert {why for _, why, *_ in asked} == {"too close to call"}
    assert {learner for _, _, learner, _ in asked} == {linked.learner("unsure-1"), linked.learner("unsure-2")}
    decisions.answer(settings, asked[0][0], "same", actor=OFFICER, reason="the office looked it up")
    assert not candidates(linked, "unsure"), "one answer settles whose the record is"
    build_part(settings, "core")
    chosen = asked[0][2]
    assert linked.learner("unsure") == chosen
    assert link_persons(settings).recorded == 0
    build_part(settings, "core")
    assert linked.learner("unsure") == chosen
    assert core(linked) == rebuilt(linked)
    decisions.different(settings, person, chosen, actor=OFFICER, reason="the office erred")
    link_persons(settings)
    build_part(settings, "core")
    assert linked.learner("unsure") != chosen
    assert core(linked) == rebuilt(linked)
    assert chosen not in {learner for _, _, learner, _ in candidates(linked, "unsure")}, "asked again what was answered"


def test_the_model_is_told_no_and_does_not_insist(linked: Registers) -> None:
    settings, learner = linked.warehouse.settings, linked.learner("known")
    decisions.different(settings, linked.person("slip"), learner, actor=OFFICER, reason="his cousin")
    build_part(settings, "core")
    assert linked.learner("slip") == of_record(linked.person("slip"))
    link_persons(settings)
    build_part(settings, "core")
    assert linked.learner("slip") == of_record(linked.person("slip"))
    decisions.same(settings, linked.person("slip"), learner, actor=OFFICER, reason="it is him after all")
    build_part(settings, "core")
    assert linked.learner("slip") == learner
    assert core(linked) == rebuilt(linked)


def test_an_id_can_be_denied(linked: Registers) -> None:
    settings, learner = linked.warehouse.settings, linked.learner("twin-2")
    decisions.different(
        settings, linked.person("twin-2"), learner, actor=OFFICER, reason="typed from a neighbour's card"
    )
    build_part(settings, "core")
    assert linked.learner("twin-2") == of_record(linked.person("twin-2"))
    assert link_persons(settings).recorded == 0
    assert core(linked) == rebuilt(linked)


def test_a_valid_id_that_arrives_later_comes_before_the_model(linked: Registers) -> None:
    settings = linked.warehouse.settings
    linked.says("pair-2", "司马光远", "1948-11-17", key="p2")
    build_part(settings, "core")
    assert linked.learner("pair-2") == uuid.UUID(linked.warehouse.rows("select md5('person|p2')::uuid::text")[0][0]), (
        "an id needs no run"
    )
    link_persons(settings)
    build_part(settings, "core")
    assert linked.learner("pair-1") == linked.learner("pair-2")
    assert core(linked) == rebuilt(linked)


def test_a_deleted_record_takes_its_link_with_it(linked: Registers) -> None:
    settings = linked.warehouse.settings
    linked.forgets("pair-1")
    build_part(settings, "core")
    link_persons(settings)
    build_part(settings, "core")
    assert linked.warehouse.rows(
        "select count(*) from persons.link where superseded_at is null and person_id_agency ~ 'pair-1$'"
    ) == [(0,)]
    assert core(linked) == rebuilt(linked)


def test_what_was_known_on_any_day_is_a_query(linked: Registers) -> None:
    (first, last) = linked.warehouse.rows(
        "select min(recorded_at), max(recorded_at) from persons.link where person_id_agency ~ 'slip$'"
    )[0]
    method = "select method from persons.links_on(%s) where person_id_agency ~ 'slip$'"
    assert linked.warehouse.rows(method, first) == [("model",)]
    assert linked.warehouse.rows(method, last) == [("review",)]
    with connect(linked.warehouse.settings, "flyover_owner") as connection, pytest.raises(DatabaseError):
        connection.execute("delete from persons.link")
    with connect(linked.warehouse.settings, "flyover_owner") as connection, pytest.raises(DatabaseError):
        connection.execute("update persons.link set learner_key = gen_random_uuid()")


def test_review_shows_no_name_but_to_a_steward_and_every_look_is_kept(linked: Registers) -> None:
    settings = linked.warehouse.settings
    (question,) = [q for q in review.waiting(settings, actor=OFFICER, limit=1_000) if "doubted-3" in q.record.record]
    assert (question.record.name, question.record.born) == ("公***", "1999")
    assert question.evidence["name"] == "else"
    assert {side.name for side in question.known} == {"皇***"}
    shown = review.records(settings, linked.learner("known"), actor=STEWARD, reveal=True)
    assert {side.name for side in shown} == {"诸葛亮", "诸葛 亮"}
    with pytest.raises(NotAllowed):
        review.records(settings, linked.learner("known"), actor=OFFICER, reveal=True)
    with pytest.raises(NotAllowed):
        review.waiting(settings, actor=VIEWER)
    looks = linked.warehouse.rows(
        "select actor, action, detail ->> 'revealed' from audit.entry where action ~ '^persons'"
    )
    assert {("lin", "persons.review", "false"), ("wu", "persons.show", "true")} <= set(looks)
    assert not linked.warehouse.rows("select from audit.entry as e where e::text ~ '诸葛|皇甫|公孙'")


def test_decisions_ask_for_a_reason_and_for_somebody_known(linked: Registers) -> None:
    settings, learner = linked.warehouse.settings, linked.learner("known")
    with pytest.raises(BadInput, match="no reason"):
        decisions.merge(settings, learner, linked.learner("alone"), actor=OFFICER, reason=" ")
    with pytest.raises(BadInput, match="no learner"):
        decisions.merge(settings, uuid.uuid4(), learner, actor=OFFICER, reason="x")
    with pytest.raises(BadInput, match="one learner already"):
        decisions.merge(settings, learner, learner, actor=OFFICER, reason="x")
    with pytest.raises(NotAllowed):
        decisions.merge(settings, learner, linked.learner("alone"), actor=VIEWER, reason="x")


def test_nothing_in_schema_persons_names_anybody(linked: Registers) -> None:
    for table in ("run", "link", "alias", "decision", "candidate"):
        assert not linked.warehouse.rows(f"select from persons.{table} as t where t::text ~ '诸葛|皇甫|公孙|慕容|令狐'")


def test_a_look_waits_for_news_and_its_own_links_are_none(linked: Registers) -> None:
    settings = linked.warehouse.settings
    link_persons(settings)
    build_part(settings, "core")
    assert not backlog.to_link(settings)
    linked.says("newcomer", "诸葛亮", "1950-03-04")
    assert backlog.to_link(settings), "a name came into the vault"
    build_part(settings, "core")
    assert backlog.to_link(settings)
    assert link_persons(settings).moved_anything
    assert not backlog.to_link(settings)
    assert backlog.to_model(settings), "a build must notice that links moved"
    build_part(settings, "core")
    assert not backlog.to_link(settings)
    assert not backlog.to_model(settings)
    assert linked.learner("newcomer") == linked.learner("known")


def test_an_officer_works_from_the_terminal(linked: Registers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYOVER_STATE", str(linked.warehouse.settings.state_dir))

    def run(*words: object) -> Any:
        return CliRunner().invoke(persons_app, [str(word) for word in words])

    asked = json.loads(run("review", "--why", "one id, two persons", "--json").stdout)
    assert [question["name"] for question in asked if "doubted-3" in question["record"]] == ["公***"]
    question = next(question for question in asked if "doubted-3" in question["record"])
    assert run("review", "--reveal").exception is not None
    told = run("different", question["question"], "--reason", "the card was lent", "--by", "hu")
    assert told.exit_code == 0, told.output
    build_part(linked.warehouse.settings, "core")
    assert link_persons(linked.warehouse.settings).opened == 0, "asked again what was answered"
    history = json.loads(run("history", question["record"], "--json").stdout)
    assert [line["what"] for line in history][-2:] == ["decided: different", "link: set_apart"]
    assert history[-1]["by"] == "hu"
    shown = json.loads(run("show", linked.learner("doubted-1"), "--json").stdout)
    assert {line["name"] for line in shown} == {"皇***"}
    assert run("show", uuid.uuid4()).exception is not None
    left, into = linked.learner("alone"), linked.learner("known")
    assert run("merge", left, into, "--reason", "her maiden file").exit_code == 0
    assert run("unmerge", left, "--reason", "no").exit_code == 0
