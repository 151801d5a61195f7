"""Names of the simulated institutions; each ends by saying that it is simulated."""

from __future__ import annotations

from typing import Final

from simulator.divisions import County

_PLACES: Final = (
    "文昌", "青云", "明德", "育英", "求是", "新安", "龙川", "瓯江", "海晏", "东湖", "南苑", "西溪", "北山",
    "望江", "桃源", "梅城", "秀山", "云岭", "潮音", "竹溪",
)  # fmt: skip
_KIND_ZH: Final = {"11": "幼儿园", "21": "小学", "31": "初级中学", "34": "高级中学"}
SIMULATED_ZH: Final = "（模拟）"


def school_name(county: County, kind: str, serial: int) -> str:
    """A Chinese school name, never that of a particular school: place words are generic, the ending says 模拟."""
    place = _PLACES[serial % len(_PLACES)]
    ordinal = "" if serial < len(_PLACES) else f"第{serial // len(_PLACES)}"
    return f"{county.name_zh}{place}{ordinal}{_KIND_ZH[kind]}{SIMULATED_ZH}"
