"""Which columns of a sample look as if they named a person: in doubt they do, so that a wrong guess lets no one out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_BY_WORD: Final = (
    ("resident_id", re.compile(r"resident_?id|id_?card|identity|national_id|citizen|shenfenzheng|sfz")),
    ("email", re.compile(r"mail")),
    ("phone", re.compile(r"phone|mobile|sms|(^|_)(tel|fax|contact)(_|$)")),
    ("account", re.compile(r"account|user_?ids|password")),
    ("given_name", re.compile(r"(given|first)_?name")),
    ("family_name", re.compile(r"(family|last)_?name|surname")),
    ("full_name", re.compile(r"name")),
    ("other", re.compile(r"address|pronoun|identifier|birth(?!_?date)|race|asian|white|black|ethnic|passport")),
)
"""Words by which ``tests/contract`` knows a column that names a person, and some more; the first that fits counts."""
_RESIDENT_ID: Final = re.compile(r"\d{17}[\dXx]")
_MOBILE: Final = re.compile(r"(\+?86[- ]?)?1[3-9]\d{9}")
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖"
    "贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_HAN_NAME: Final = re.compile(f"[{_SURNAMES}][\u4e00-\u9fff]{{1,3}}")
_BY_VALUE: Final = (
    ("resident_id", _RESIDENT_ID, "values like resident ids"),
    ("phone", _MOBILE, "values like mobile numbers"),
    ("email", _MAIL, "values like mail addresses"),
)


class Suspicion(NamedTuple):
    """Kind of identifier, as in a contract, and what it was told by."""

    kind: str
    because: str


def suspicion(column: str, values: Sequence[str]) -> Suspicion | None:
    """Why a column may name a person, or None. One value that looks like an id, a phone or a mail is enough."""
    for kind, shape, because in _BY_VALUE:
        if any(shape.fullmatch(value) for value in values):
            return Suspicion(kind, because)
    for kind, words in _BY_WORD:
        if words.search(column):
            return Suspicion(kind, "its name")
    names = [value for value in values if _HAN_NAME.fullmatch(value)]
    if values and 2 * len(names) >= len(values) and 2 * len(set(values)) > len(values):
        return Suspicion("full_name", "values like Chinese names")
    return None
