"""What an agency changed is told from what a spreadsheet program did to cells nobody touched."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from connectors.corrections import marks, showing
from connectors.corrections.comparing import Comparer, Difference, is_rendition
from connectors.sources.meaning import Unreadable
from connectors.sources.spreadsheet.cells import Cell, Fault, Flag, Moment, Number
from pipeline import contracts
from pipeline.settings import CHECKOUT

KNOWN = contracts.load_all(CHECKOUT / "contracts")
USERS, INFO, CLICKS = KNOWN["oneroster", "users"], KNOWN["oulad", "student_info"], KNOWN["oulad", "student_vle"]
ORGS = KNOWN["oneroster", "orgs"]


def difference(before: Mapping[str, str], cells: Mapping[str, Cell], contract: object = USERS) -> Difference:
    names = {name: place for place, name in enumerate({**before, **cells})}
    given = {names[name]: cell for name, cell in cells.items() if cell != ""}
    return Comparer(contract).difference(before, names, given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("was", "cell"),
    [
        ("0012", "12"),
        ("0012", Number("12")),
        ("330106200001011234", "3.30106E+17"),
        ("330106200001011234", Number("330106200001011000")),
        ("330106200001011234", Number("3.30106200001011E+17")),
        ("2010-09-01", "2010/9/1"),
        ("2010-09-01", "9/1/2010"),
        ("2010-09-01", "2010年9月1日"),
        ("2010-09-01", Moment("2010-09-01T00:00:00")),
        ("true", "TRUE"),
        ("false", Flag(False)),
        ("1.50", "1.5"),
        ("𠮷田", "?田"),
    ],
)
def test_a_rendition_is_no_change(was: str, cell: Cell) -> None:
    assert is_rendition(was, cell)


@pytest.mark.parametrize(
    ("was", "cell"),
    [
        ("0012", "13"),
        ("0012", "012"),
        ("330106200001011234", "3.30107E+17"),
        ("330106200001011234", "330106200001011235"),
        ("2010-09-01", "2010-09-02"),
        ("true", "FALSE"),
        ("1.50", "1.6"),
        ("学校", "??校"),
        ("school", "School"),
    ],
)
def test_a_change_is_one(was: str, cell: Cell) -> None:
    assert not is_rendition(was, cell)


def test_only_what_changed_is_told() -> None:
    before = {"sourcedId": "u1", "primaryOrgSourcedId": "active", "enabledUser": "true", "grades": "07"}
    same: Mapping[str, Cell] = {
        "sourcedId": "u1",
        "primaryOrgSourcedId": " active ",
        "enabledUser": "TRUE",
        "grades": "7",
    }
    assert not difference(before, same)
    assert difference(before, {**same, "primaryOrgSourcedId": "tobedeleted"}).values == {
        "primaryOrgSourcedId": "tobedeleted"
    }
    assert difference(before, {**same, "primaryOrgSourcedId": ""}).values == {"primaryOrgSourcedId": None}


def test_a_column_that_is_gone_was_not_touched() -> None:
    changed = Comparer(USERS).difference(
        {"sourcedId": "u1", "primaryOrgSourcedId": "active"}, {"primaryOrgSourcedId": 3}, {3: "inactive"}
    )
    assert changed.values == {"primaryOrgSourcedId": "inactive"}


def test_identifiers_are_told_apart_and_never_shown() -> None:
    changed = difference(
        {"sourcedId": "u1"}, {"sourcedId": "u1", "familyName": "赵", "userMasterIdentifier": "３３９９"}
    )
    assert changed.identifiers == {"familyName": "赵", "userMasterIdentifier": "3399"}
    assert changed.values == {}
    assert "赵" not in repr(changed)
    assert not difference({"sourcedId": "u1"}, {"sourcedId": "u1", "familyName": ""})


@pytest.mark.parametrize("cell", [Number("330106200001010000"), "3.30E+17", Fault("reader.error_cell", "#REF!")])
def test_a_value_that_was_lost_is_not_taken(cell: Cell) -> None:
    with pytest.raises(Unreadable):
        difference({"sourcedId": "u1"}, {"sourcedId": "u1", "userMasterIdentifier": cell})


def test_a_value_spoilt_in_a_cell_nobody_touched_is_what_it_was() -> None:
    assert not difference({"sourcedId": "330106200001011234"}, {"sourcedId": "3.30E+17"})


def test_values_are_read_as_offices_write_them() -> None:
    changed = difference({"cn_birth_date": "soon"}, {"cn_birth_date": "2001年9月1日"}, INFO)
    assert changed.values == {"cn_birth_date": "2001-09-01"}


def test_every_contracts_columns_are_known_again_in_both_languages() -> None:
    for contract in KNOWN.values():
        names = [field.name for field in showing.fields(contract)]
        for language in ("zh", "en"):
            guide = [title for pair in marks.GUIDE for title in pair]
            header = [*guide, marks.COLUMN, *showing.titles(contract, language)]  # type: ignore[arg-type]
            places = showing.columns(contract, header)
            assert [header[places[name]] for name in names] == header[len(guide) + 1 :], contract.name


def test_nothing_thrown_away_is_asked_for_and_identifiers_are_shown_empty() -> None:
    for contract in KNOWN.values():
        kept = {field.name for field in showing.fields(contract)}
        assert kept >= {field.name for field in contract.identifier_fields}
        assert not kept & {field.name for field in contract.fields if field.classification == "dropped"}
    data = b'{"sourcedId":"h.AAAAAAAAAAAAAAAAAAAAAAAA","primaryOrgSourcedId":"active","enabledUser":true}'
    assert showing.values(USERS, data, None) == {"primaryOrgSourcedId": "active", "enabledUser": "true"}


def test_of_a_row_that_could_not_be_read_the_key_is_shown() -> None:
    assert showing.values(INFO, None, "AAA|2013J|11391") == {
        "code_module": "AAA", "code_presentation": "2013J", "id_student": "11391",
    }  # fmt: skip
    assert showing.values(INFO, None, "rejected|7|0123456789ab") == {}
    assert showing.values(CLICKS, None, "AAA|2013J|28400|546652|-10|0123456789ab|1") == {}


@pytest.mark.parametrize(
    ("record_id", "contract", "shown"),
    [
        ("o1", ORGS, "o1"),
        ("h.AAAAAAAAAAAAAAAAAAAAAAAA", ORGS, None),
        ("rejected|7|0123456789ab", ORGS, None),
        ("keyless|0123456789ab", ORGS, None),
        ("long|00ff", ORGS, None),
        (None, ORGS, None),
        ("AAA|2013J|28400|546652|-10|0123456789ab|1", CLICKS, "AAA|2013J|28400|546652|-10"),
        ("AAA|2013J|h.AAAAAAAAAAAAAAAAAAAAAAAA|5|1|0123456789ab|1", CLICKS, None),
    ],
)
def test_a_record_number_is_the_agencys_own_or_none(record_id: str | None, contract: object, shown: str | None) -> None:
    assert showing.own_number(record_id, contract) == shown  # type: ignore[arg-type]
