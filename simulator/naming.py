"""Names that sound right: common surnames by frequency, rare characters, minority names with a middle dot."""

from __future__ import annotations

import random
from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

_SURNAMES: Final = (
    ("陈", 110), ("王", 90), ("张", 62), ("李", 58), ("徐", 48), ("周", 46), ("吴", 44), ("林", 42), ("叶", 40),
    ("朱", 34), ("沈", 33), ("胡", 30), ("黄", 30), ("金", 28), ("刘", 26), ("杨", 26), ("郑", 25), ("方", 24),
    ("毛", 20), ("项", 18), ("潘", 18), ("何", 18), ("余", 18), ("汪", 16), ("俞", 16), ("蒋", 16), ("章", 15),
    ("童", 14), ("洪", 12), ("季", 12), ("柳", 10), ("应", 10), ("虞", 8), ("楼", 8), ("厉", 6), ("竺", 5),
    ("诸葛", 4), ("欧阳", 3), ("上官", 2), ("司马", 1), ("夏侯", 1), ("褟", 1), ("逯", 1), ("仉", 1),
)  # fmt: skip
_MALE: Final = "伟强磊军洋勇杰涛明超辉鹏飞波斌浩宇轩泽睿博晨俊峰建国志文海东林松平安庆远航旭阳毅凯"
_FEMALE: Final = "芳娜敏静丽艳娟霞玲婷雪梅琳颖倩妍欣怡萱涵梓诗雨桐语彤瑶慧洁莹佳蕾珍英秀华云月兰菊"
_RARE: Final = "喆堃犇翀赟昇垚燚䶮㛃㭎𬱖𬭚𣲗"
_SHE_SURNAMES: Final = ("蓝", "雷", "钟", "盘")
_DOTTED: Final = (
    ("买买提", "艾力"), ("吐尔逊", "阿依古丽"), ("热合曼", "古丽娜尔"), ("哈山", "叶尔兰"), ("多吉", "扎西"),
    ("卓玛", "白玛"), ("阿迪力", "迪丽拜尔"), ("木沙", "努尔兰"),
)  # fmt: skip
_TOTALS: Final = tuple(accumulate(weight for _, weight in _SURNAMES))
_DOTTED_RATIO: Final = 0.003
_RARE_RATIO: Final = 0.015


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name as two systems write it: in two fields, or in one."""

    family: str
    given: str
    dotted: bool = False

    @property
    def full(self) -> str:
        """The single-field spelling: given·family where the family name follows, else run together."""
        return f"{self.given}·{self.family}" if self.dotted else self.family + self.given


def draw_name(rng: random.Random, sex: str, minority_ratio: float) -> Name:
    """One name; `minority_ratio` is the chance of a She surname."""
    kind = rng.random()
    if kind < _DOTTED_RATIO:
        family, given = _DOTTED[int(rng.random() * len(_DOTTED))]
        return Name(family, given, dotted=True)
    if rng.random() < minority_ratio:
        family = _SHE_SURNAMES[int(rng.random() * len(_SHE_SURNAMES))]
    else:
        family = _SURNAMES[bisect(_TOTALS, int(rng.random() * _TOTALS[-1]))][0]
    letters = _MALE if sex == "male" else _FEMALE
    given = letters[int(rng.random() * len(letters))]
    if kind > 1 - _RARE_RATIO:
        return Name(family, given + _RARE[int(rng.random() * len(_RARE))])
    if rng.random() < 0.8:
        given += letters[int(rng.random() * len(letters))]
    return Name(family, given)
