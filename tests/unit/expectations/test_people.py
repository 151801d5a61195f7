"""Who may do what, and about whose rows."""

import pytest

from expectations.decisions.people import Actor, NotAllowed, require
from expectations.decisions.selection import Selection, where
from pipeline.errors import BadInput

MINE = frozenset({"sch-hangzhou"})


@pytest.mark.parametrize(
    ("role", "wanted", "may"),
    [
        ("viewer", "viewer", True), ("viewer", "officer", False), ("viewer", "steward", False),
        ("officer", "viewer", True), ("officer", "officer", True), ("officer", "steward", False),
        ("steward", "steward", True),
    ],
)  # fmt: skip
def test_a_role_may_what_lower_ones_may(role: str, wanted: str, may: bool) -> None:
    assert Actor("x", role).may(wanted) is may  # type: ignore[arg-type]


def test_who_has_the_shell_may_everything() -> None:
    require(Actor("engineer"), "steward", "sch-anywhere")


def test_another_agency_is_refused_by_name() -> None:
    require(Actor("Chen", "officer", MINE), "officer", "sch-hangzhou")
    with pytest.raises(NotAllowed, match="Chen has no say about sch-lishui"):
        require(Actor("Chen", "officer", MINE), "officer", "sch-lishui")


def test_too_low_a_role_is_told_what_it_takes() -> None:
    with pytest.raises(NotAllowed, match="Chen is a viewer; this takes an officer"):
        require(Actor("Chen", "viewer"), "officer")


def test_a_selection_never_reaches_beyond_the_actors_agencies() -> None:
    condition, parameters = where(Selection(rule="r"), Actor("Chen", "officer", MINE))
    assert "q.agency_code = any(%(agencies)s)" in condition.as_string(None)
    assert parameters == {"rule": "r", "status": "open", "agencies": ["sch-hangzhou"]}


def test_an_actor_of_no_agency_reaches_nothing() -> None:
    _, parameters = where(Selection(), Actor("Chen", "officer", frozenset()))
    assert parameters["agencies"] == []


def test_entries_named_are_meant_whatever_their_status() -> None:
    condition, _ = where(Selection(entries=(7,)), Actor("x"))
    assert "status" not in condition.as_string(None)


def test_an_unknown_status_is_refused() -> None:
    with pytest.raises(BadInput, match="Use one of open, mended"):
        Selection(status="gone")
