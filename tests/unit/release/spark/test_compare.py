"""Two tables are the same when every row has its counterpart, whatever its place and its doubles' last digits."""

from __future__ import annotations

import duckdb
import pytest

from release.spark.compare import Difference, differ

KINDS = {"key": "text", "share": "double precision", "members": "text[]"}
ROWS = "('a', 0.1 + 0.2, ['x', 'y']), ('b', null, null), ('b', null, null)"
HERE = f"select * from (values {ROWS}) as t (key, share, members)"


def held_against(there: str) -> Difference:
    with duckdb.connect() as engine:
        return differ(engine, "core.t", HERE, f"select * from (values {there}) as t (key, share, members)", KINDS)


def test_order_and_last_digits_make_no_difference() -> None:
    found = held_against("('b', null, null), ('a', 0.3::double, ['x', 'y']), ('b', null, null)")
    assert found.is_equal
    assert (found.here, found.there) == (3, 3)


def test_doubles_that_round_apart_are_within_the_tolerance() -> None:
    nearly = "('b', null, null), ('b', null, null), ('a', 0.30000000050000001::double, ['x', 'y'])"
    with duckdb.connect() as engine:
        here = "select * from (values ('a', 0.30000000049999999::double, ['x', 'y'])) as t (key, share, members)"
        one = "select * from (values ('a', 0.30000000050000001::double, ['x', 'y'])) as t (key, share, members)"
        found = differ(engine, "core.t", here, one, KINDS)
    assert found.is_equal
    assert found.within_tolerance == 1
    assert not held_against(nearly).is_equal


@pytest.mark.parametrize(
    ("there", "only_here", "only_there", "columns"),
    [
        ("('a', 0.3, ['x', 'y']), ('b', null, null)", 1, 0, ()),
        ("('a', 0.3, ['x', 'y']), ('b', null, null), ('b', null, [])", 1, 1, ("members",)),
        ("('a', 0.3001, ['x', 'y']), ('b', null, null), ('b', null, null)", 1, 1, ("share",)),
        ("('', 0.3, ['x', 'y']), ('b', null, null), ('b', null, null)", 1, 1, ("key",)),
    ],
)
def test_what_is_on_one_side_only_is_counted_and_its_columns_named(
    there: str, only_here: int, only_there: int, columns: tuple[str, ...]
) -> None:
    found = held_against(there)
    assert (found.only_here, found.only_there, found.columns) == (only_here, only_there, columns)
