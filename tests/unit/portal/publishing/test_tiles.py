"""The tile map: every county in force has a square of its own, and Zhejiang can be told by it."""

import csv
from statistics import mean

from pipeline.settings import CHECKOUT
from portal.publishing.tiles import tiles


def counties():
    with (CHECKOUT / "dbt_project" / "seeds" / "divisions.csv").open(encoding="utf-8") as file:
        return [r for r in csv.DictReader(file) if r["division_level"] == "county" and not r["valid_to"]]


def test_every_county_in_force_has_one_square_and_no_two_share_one():
    squares = tiles()
    assert set(squares) == {row["division_code"] for row in counties()}
    assert len(set(squares.values())) == len(squares) == 90


def test_prefectures_lie_towards_each_other_as_they_do():
    prefectures: dict[str, list] = {}
    for row in counties():
        prefectures.setdefault(row["prefecture_code"], []).append(tiles()[row["division_code"]])
    column = {code: mean(tile.column for tile in found) for code, found in prefectures.items()}
    line = {code: mean(tile.row for tile in found) for code, found in prefectures.items()}
    hangzhou, ningbo, wenzhou, jiaxing, huzhou, shaoxing, jinhua, quzhou, zhoushan, taizhou, lishui = (
        "330100", "330200", "330300", "330400", "330500", "330600", "330700", "330800", "330900", "331000", "331100",
    )  # fmt: skip
    west_to_east = [quzhou, hangzhou, shaoxing, ningbo, zhoushan]
    assert sorted(west_to_east, key=column.__getitem__) == west_to_east
    north_to_south = [jiaxing, hangzhou, jinhua, lishui, wenzhou]
    assert sorted(north_to_south, key=line.__getitem__) == north_to_south
    assert line[huzhou] < line[hangzhou] < line[quzhou]
    assert column[lishui] < column[wenzhou] < column[taizhou]


def test_squares_of_a_prefecture_touch():
    prefectures: dict[str, list] = {}
    for row in counties():
        prefectures.setdefault(row["prefecture_code"], []).append(tiles()[row["division_code"]])
    for code, squares in prefectures.items():
        reached, ahead = set(), [squares[0]]
        while ahead:
            one = ahead.pop()
            reached.add(one)
            ahead += [
                t for t in squares if t not in reached and max(abs(t.column - one.column), abs(t.row - one.row)) == 1
            ]
        if code != "330900":  # Zhoushan is islands
            assert reached == set(squares), code
