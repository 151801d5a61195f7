"""What people said wins over ids and over the model: same, different, merged, on small registers."""

import pytest

from linkage.link import link
from linkage.statements import Statement
from linkage.words import Words
from tests.unit.linkage.register import LISHUI, Register


@pytest.fixture
def register():
    return Register()


def persons(register, **words):
    found = link(register.statements, words=Words(**words))
    person = {one.statement_no: one.person for one in found.links}
    return [person[number] for number in register.asked_about], found.candidates


def test_a_record_is_whose_a_person_says_whatever_its_id_and_name(register):
    register.says("诸葛亮", "1950-03-04", key="k1")
    other = register.says("上官婉儿", "1991-12-24", key="k2", sex="female")
    assert persons(register, same={other: "k1"})[0] == ["k1", "k1"]


def test_a_record_that_was_said_to_be_somebodys_speaks_for_them(register):
    register.says("诸葛亮", "1950-03-04", key="k1")
    other = register.says("上官婉儿", "1991-12-24", sex="female")
    register.says("上官婉儿", "1991-12-24", sex="female")
    assert persons(register, same={other: "k1"})[0] == ["k1", "k1", "k1"]


def test_the_model_does_not_insist_against_a_persons_word(register):
    register.says("诸葛亮", "1950-03-04", key="k1")
    nobody = register.says("诸葛亮", "1950-03-04")
    found, candidates = persons(register, apart=frozenset({(nobody, "k1")}))
    assert found == ["k1", f"alone:{nobody}"]
    assert not [c for c in candidates if c.statement_no == nobody], "asked again what was answered"


def test_an_id_that_was_denied_counts_no_more(register):
    register.says("诸葛亮", "1950-03-04", key="k1")
    denied = register.says("诸葛亮", "1950-03-04", key="k1")
    found, candidates = persons(register, apart=frozenset({(denied, "k1")}))
    assert found == ["k1", f"alone:{denied}"]
    assert not [c for c in candidates if c.statement_no == denied]


def test_two_records_without_an_id_stay_two_when_a_person_says_so(register):
    one = register.says("司马光远", "1948-11-17", division=LISHUI)
    other = register.says("司马光远", "1948-11-17", division=LISHUI)
    found, _ = persons(register, apart_statements=frozenset({(one, other)}))
    assert found == [f"alone:{one}", f"alone:{other}"]


def test_who_was_merged_is_one_for_all_records_of_both(register):
    register.says("诸葛亮", "1950-03-04", key="k1", division=LISHUI)
    register.says("诸葛亮", "1950-03-04", key="k2", division=LISHUI)
    register.says("诸葛亮", "1950-03-04", division=LISHUI)
    found, candidates = persons(register, stands_for={"k2": "k1"})
    assert found == ["k1", "k1", "k1"], "between two who are one nobody has to decide"
    assert not [c for c in candidates if c.statement_no in register.asked_about]


def test_two_persons_who_were_told_apart_are_not_asked_about_again(register):
    register.says("诸葛亮", "1950-03-04", key="k1")
    register.says("诸葛亮", "1950-03-04", key="k2")
    _, asked = persons(register)
    assert [c.why for c in asked if c.statement_no in register.asked_about] == ["one person, two ids"]
    _, asked = persons(register, apart_persons=frozenset({("k1", "k2")}))
    assert not [c for c in asked if c.statement_no in register.asked_about]


def test_questions_say_on_which_level_each_comparison_stands_and_no_value(register):
    register.says("诸葛亮", "1950-03-04", key="k1")
    register.says("诸葛亮", "1950-03-04", key="k2", division=LISHUI)
    ((question,),) = [[c for c in persons(register)[1] if c.statement_no in register.asked_about]]
    assert question.own_person == "k2"
    assert question.evidence == {
        "name": "exact", "born": "exact", "sex": "exact", "id_number": "not told", "division_code": "else",
        "institution": "exact",
    }  # fmt: skip


def test_nothing_that_families_share_is_compared():
    assert {"phone", "sms", "email", "address", "account"}.isdisjoint(Statement.__slots__)
