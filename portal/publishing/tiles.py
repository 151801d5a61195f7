"""Where each county stands in the tile map: a picture of Zhejiang in squares, free of any base map's licence.

Prefectures are blocks, roughly where they lie: Huzhou and Jiaxing north, Hangzhou north-west, Ningbo and Zhoushan east,
Shaoxing and Jinhua in the middle, Quzhou west, Lishui south-west, Taizhou and Wenzhou south-east.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

_PREFIX: Final = "33"
_EMPTY: Final = "."
_PICTURE: Final = """
.    .    .    0522 0502 0503 0411 0421 .    .    .    .    .    .
.    .    .    0523 0521 0483 0402 0482 .    .    .    .    .    .
.    .    0112 0110 0113 0481 0424 .    .    .    .    .    0922 .
.    .    .    0106 0105 0102 0114 .    .    0282 0211 .    0921 .
.    .    0122 0111 0108 0109 0603 0602 0604 0281 0205 0206 0902 0903
.    0127 0182 0781 0726 0782 0681 0683 0624 0203 0212 .    .    .
0824 0803 0825 0702 0703 0783 0727 1023 0226 0213 0225 .    .    .
0822 0802 1123 0723 0784 1024 1082 1022 .    .    .    .    .    .
0881 .    1124 1102 1122 0324 1003 1002 .    .    .    .    .    .
.    1181 1125 1127 1121 0302 0382 1004 1081 .    .    .    .    .
.    1126 .    0328 0304 0303 0305 1083 .    .    .    .    .    .
.    .    .    0329 0326 0381 .    .    .    .    .    .    .    .
.    .    .    .    0327 0383 .    .    .    .    .    .    .    .
"""


class Tile(NamedTuple):
    """A square of the map; (0, 0) is the north-west corner."""

    column: int
    row: int


def tiles() -> Mapping[str, Tile]:
    """The square of every county in force, by division code."""
    return {
        _PREFIX + place: Tile(column, row)
        for row, line in enumerate(_PICTURE.split("\n")[1:-1])
        for column, place in enumerate(line.split())
        if place != _EMPTY
    }
