"""What the demo says about each sector."""

from cli.output import Table
from cli.sectors import in_words

_COLUMNS = (
    "sector", "agencies", "received", "released", "quarantined", "duplicate", "refused", "held", "balanced", "persons",
    "known_elsewhere",
)  # fmt: skip
_SENIORS = ("senior_university", 2, 1_647, 1_597, 44, 6, 0, 0, True, 289, 61)
_BUREAUS = ("reference", 2, 10, 9, 0, 0, 0, 0, False, 0, 0)


def test_a_sector_is_told_in_one_sentence_without_what_did_not_happen() -> None:
    first, last = in_words(Table("sectors", "Sectors", _COLUMNS, [_SENIORS]))
    assert first == (
        "Senior universities: 2 agencies sent 1,647 rows; 1,597 released, 44 in quarantine, 6 sent twice. "
        "289 persons, 61 of them known in another sector, too."
    )
    assert last.startswith("The books balance:")


def test_books_that_do_not_balance_are_named() -> None:
    *_, last = in_words(Table("sectors", "Sectors", _COLUMNS, [_SENIORS, _BUREAUS]))
    assert "do NOT balance for Statistics and returns" in last


def test_where_nobody_is_named_nobody_is_counted() -> None:
    told = next(in_words(Table("sectors", "Sectors", _COLUMNS, [_BUREAUS])))
    assert told == "Statistics and returns: 2 agencies sent 10 rows; 9 released."
