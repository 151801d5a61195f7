"""Who is taken to be whom: the stories that linkage has to get right, on small registers."""

import pytest

from linkage.link import link
from linkage.statements import Statement
from tests.statements import statements
from tests.unit.linkage.register import LISHUI, Register


@pytest.fixture
def register():
    return Register()


def test_a_valid_id_is_enough_whatever_else_differs(register):
    register.says("诸葛亮", "1950-03-04", key="k1")
    register.says("诸葛量", "1950-03-05", key="k1", division=LISHUI)
    first, second = register.persons()[0]
    assert first == second == "k1"


def test_a_record_without_an_id_joins_the_person_it_describes(register):
    register.says("诸葛亮", "1950-03-04", key="k1")
    register.says("诸葛亮", "1950-03-04", institution="sen:4")
    assert register.persons()[0] == ["k1", "k1"]


@pytest.mark.parametrize(
    ("name", "born", "number"),
    [
        ("诸葛量", "1950-03-04", None),
        ("亮诸葛", "1950-03-04", None),
        ("诸葛亮", "1950-04-03", None),
        ("诸葛良", "1950-03-04", "339900195003040013"),
    ],
    ids=["by its sound", "given name first", "day and month exchanged", "a slip in the id"],
)
def test_a_slip_of_the_pen_is_seen_through(register, name, born, number):
    register.says("诸葛亮", "1950-03-04", key="k1", number="339900195003040018")
    register.says(name, born, number=number)
    assert register.persons()[0] == ["k1", "k1"]


def test_twins_stay_two(register):
    register.says("诸葛欣怡", "1950-03-04", key="k1", sex="female")
    register.says("诸葛欣悦", "1950-03-04", key="k2", sex="female")
    register.says("诸葛欣悦", "1950-03-04", sex="female")
    assert register.persons()[0] == ["k1", "k2", "k2"]


def test_between_two_of_one_name_and_day_a_person_decides(register):
    register.says("诸葛亮", "1950-03-04", key="k1", division=LISHUI)
    register.says("诸葛亮", "1950-03-04", key="k2", division=LISHUI)
    nobody = register.says("诸葛亮", "1950-03-04", division=LISHUI)
    persons, candidates = register.persons()
    assert persons == ["k1", "k2", f"alone:{nobody}"]
    assert {(person, why) for (number, person), why in candidates.items() if number == nobody} == {
        ("k1", "too close to call"), ("k2", "too close to call"),
    }  # fmt: skip


def test_records_without_an_id_that_agree_are_one_person_of_their_own(register):
    first = register.says("司马光远", "1948-11-17", division=LISHUI)
    register.says("司马光远", "1948-11-17", division=LISHUI)
    assert register.persons()[0] == [f"alone:{first}", f"alone:{first}"]


def test_one_id_used_by_two_is_caught_and_kept_apart(register):
    for _ in range(3):
        register.says("诸葛亮", "1950-03-04", key="k1")
    stranger = register.says("上官婉儿", "1991-12-24", key="k1", sex="female", division=LISHUI)
    persons, candidates = register.persons()
    assert persons == ["k1", "k1", "k1", f"alone:{stranger}"]
    assert candidates[stranger, "k1"] == "one id, two persons"


def test_an_id_re_issued_to_one_person_is_caught_and_not_merged(register):
    register.says("诸葛亮", "1950-03-04", key="k1", division=LISHUI)
    second = register.says("诸葛亮", "1950-03-04", key="k2", division=LISHUI)
    persons, candidates = register.persons()
    assert persons == ["k1", "k2"]
    assert candidates[second, "k1"] == "one person, two ids"


def test_a_common_name_alone_links_nobody(register):
    for number in range(9):
        register.says("陈伟", f"19{number}0-05-05", key=f"other-{number}", division=LISHUI)
    register.says("陈伟", None, key="k1")
    nobody = register.says("陈伟", None)
    assert register.persons()[0][-2:] == ["k1", f"alone:{nobody}"]


def test_order_of_arrival_plays_no_part():
    told = list(statements(2_000, seed=3))
    found, turned = link(told), link(reversed(told))
    assert list(found.links) == list(turned.links)
    assert sorted(map(repr, found.candidates)) == sorted(map(repr, turned.candidates))


def test_a_statement_tells_no_name_when_shown():
    told = repr(Statement(1, None, "诸葛亮", None, None, None, None, "339900195003040018"))
    assert "诸葛亮" not in told
    assert "3399" not in told
