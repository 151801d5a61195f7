"""The counties of the simulated province: real codes and names, invented people.

Codes and names are those of GB/T 2260 (National Bureau of Statistics list of 2023). Weights, uptake and
urban shares are invented; they only give each kind of county a face of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class County:
    """One county-level division and who reports for it.

    `weight` is its share of the people, `uptake` how keen its adults are on open universities (1 is
    average), `school_agency` empty for the two small counties that carry only the population returns
    with planted defects, so that no headline denominator is touched by them.
    """

    code: str
    name_zh: str
    name_en: str
    prefecture_code: str
    prefecture_zh: str
    landscape: str
    weight: float
    uptake: float
    urban_ratio: float
    stats_agency: str
    school_agency: str = ""
    minority_ratio: float = 0.004

    @property
    def headline(self) -> bool:
        """True for the eight counties whose indicators the truth file promises."""
        return bool(self.school_agency)


_NORTH = "stats-sim-north"
_SOUTH = "stats-sim-south"

COUNTIES: Final = (
    County("330106", "西湖区", "Xihu", "330100", "杭州市", "city", 0.22, 1.45, 0.97, _NORTH, "sch-hangzhou"),
    County("330108", "滨江区", "Binjiang", "330100", "杭州市", "city", 0.16, 1.6, 1.0, _NORTH, "sch-hangzhou"),
    County("330127", "淳安县", "Chun'an", "330100", "杭州市", "mountain", 0.1, 0.85, 0.42, _NORTH, "sch-hangzhou"),
    County("330182", "建德市", "Jiande", "330100", "杭州市", "mountain", 0.14, 0.95, 0.53, _NORTH, "sch-hangzhou"),
    County(
        "331127",
        "景宁畲族自治县",
        "Jingning",
        "331100",
        "丽水市",
        "mountain",
        0.08,
        0.92,
        0.58,
        _SOUTH,
        "sch-lishui",
        minority_ratio=0.11,
    ),
    County("331181", "龙泉市", "Longquan", "331100", "丽水市", "mountain", 0.12, 0.78, 0.6, _SOUTH, "sch-lishui"),
    County("330921", "岱山县", "Daishan", "330900", "舟山市", "island", 0.11, 0.9, 0.61, _SOUTH, "sch-zhoushan"),
    County("330922", "嵊泗县", "Shengsi", "330900", "舟山市", "island", 0.07, 1.15, 0.66, _SOUTH, "sch-zhoushan"),
    County("330122", "桐庐县", "Tonglu", "330100", "杭州市", "mountain", 0.012, 0.0, 0.62, _NORTH),
    County("331125", "云和县", "Yunhe", "331100", "丽水市", "mountain", 0.012, 0.0, 0.7, _SOUTH),
)

HEADLINE: Final = tuple(county for county in COUNTIES if county.headline)
PREFECTURE_ZH: Final = {county.prefecture_code: county.prefecture_zh for county in COUNTIES}

UNKNOWN_DIVISION: Final = "339999"
"""A code no list holds; the planted defect of the institution register."""

SCHOOL_AGENCIES: Final = ("sch-hangzhou", "sch-lishui", "sch-zhoushan")
STATS_AGENCIES: Final = (_NORTH, _SOUTH)
LABOUR_AGENCY: Final = "hr-zhejiang"
BANK_AGENCY: Final = "bank-zhejiang"
POLICY_AGENCY: Final = "policy-sim"
SENIOR_AGENCIES: Final = {"sen-hangzhou": "330100", "sen-lishui": "331100"}
"""The senior universities, and the prefecture each takes its students from."""


def counties_of(school_agency: str) -> tuple[County, ...]:
    """The counties whose schools a prefecture's education bureau reports, in code order of the table."""
    return tuple(county for county in COUNTIES if county.school_agency == school_agency)
