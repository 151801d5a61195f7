"""What the policy office registers: estimates of sample surveys with their margins, and the targets of plans.

The plan for seniors and its number are real; the other document does not exist and says so. Where a value in it is one
that was published for Zhejiang, its note tells.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from simulator.divisions import HEADLINE, PREFECTURE_ZH
from simulator.plan import Plan
from simulator.timeline import PRESENT

PROVINCE: Final = "330000"
_SIMULATED: Final = (
    "(模拟)"  # in half-width brackets: readers make full-width ones narrow, and a source is part of a key
)
WAVES: Final = tuple(range(PRESENT.year - 4, PRESENT.year + 1))
_ALL: Final = ("all", "all")
_PROVINCE_SAMPLE: Final = 6_000
_AREA_SAMPLE: Final = {"prefecture": 1_200, "county": 480}
_DESIGN_EFFECT: Final = 1.4
_Z_95: Final = 1.96
_LEAN: Final = {"city": 1.0, "mountain": -1.0, "island": -0.6}


@dataclass(frozen=True, slots=True)
class _Survey:
    """One question: its latest value, what it gained a year, and by how much cities lie above mountains.

    `spread` is the standard deviation of a single answer; of a share of people it follows from the share.
    """

    indicator: str
    source: str
    unit: str
    value: float
    gain: float
    gap: float
    weight_base: str = "18+"
    spread: float = 0.0


_READING: Final = f"省全民阅读调查{_SIMULATED}"
_LABOUR_FORCE: Final = f"省劳动力抽样调查{_SIMULATED}"
_HOUSEHOLDS: Final = f"省住户收支调查{_SIMULATED}"
_CONSUMPTION: Final = f"省居民消费结构调查{_SIMULATED}"
_CIVILITY: Final = f"省社会文明程度测评{_SIMULATED}"
_SURVEYS: Final = (
    _Survey("comprehensive_reading_rate", _READING, "percent", 91.6, 0.4, 2.2),
    _Survey("digital_learner_share", _READING, "percent", 46.0, 2.6, 9.0),
    _Survey("lifelong_learning_participation_4w", _LABOUR_FORCE, "percent", 11.2, 0.5, 2.4, "25-64"),
    _Survey("skilled_ratio", _LABOUR_FORCE, "percent", 27.4, 0.8, 5.5, "16+ in work"),
    _Survey("culture_entertainment_spending", _HOUSEHOLDS, "cny", 3_260, 145, 780, "households", 2_100),
    _Survey("culture_entertainment_spending", _CONSUMPTION, "percent", 10.6, 0.25, 2.4, "households", 9),
    _Survey("civilised_habits_rate", _CIVILITY, "percent", 92.4, 0.7, 1.6),
    _Survey("social_integrity_index", _CIVILITY, "index", 86.5, 0.5, 0.9, "18+", 11),
    _Survey("public_satisfaction", _CIVILITY, "percent", 88.3, 0.3, 1.2),
)

_OF_SENIORS: Final = ("国办发〔2016〕74号", "老年教育发展规划（2016—2020年）", "2016-10-05")
_INVENTED: Final = ("模拟规〔2024〕1号", f"终身学习省份建设规划{_SIMULATED}", "2024-03-01")
_AS_PUBLISHED: Final = "数值为浙江省已公布的2027年目标；全国口径的公式写明只适用于全国"
_TARGETS: Final = (
    ("gross_enrolment_higher_education", 2027, _INVENTED, "at_least", 72, "percent", _AS_PUBLISHED),
    ("senior_participation", 2020, _OF_SENIORS, "at_least", 20, "percent", "以各种形式经常性参加教育活动"),
    ("comprehensive_reading_rate", 2027, _INVENTED, "at_least", 92.5, "percent", ""),
    ("lifelong_learning_participation", 2027, _INVENTED, "at_least", 15, "percent", "行政记录口径"),
    ("mean_years_schooling", 2027, _INVENTED, "at_least", 10.2, "years", "3岁及以上口径"),
    ("culture_entertainment_spending", 2027, _INVENTED, "at_least", 3_800, "cny", ""),
    ("civilised_habits_rate", 2027, _INVENTED, "at_least", 94, "percent", ""),
    ("pupil_teacher_ratio", 2027, _INVENTED, "at_most", 13, "persons", "每名专任教师的学生数"),
)  # fmt: skip


def survey_rows(plan: Plan) -> Iterator[dict[str, object]]:
    """The province in every wave; in the last one towns and villages, prefectures and counties, too."""
    for survey in _SURVEYS:
        rng = plan.rng(f"survey {survey.indicator}")
        for wave in WAVES:
            value = survey.value - survey.gain * (WAVES[-1] - wave) + survey.gain * rng.uniform(-0.2, 0.2)
            yield _estimate(survey, wave, PROVINCE, _ALL, value, _PROVINCE_SAMPLE)
        latest = WAVES[-1]
        for member, lean, share in (("urban", 0.35, 0.6), ("rural", -0.53, 0.4)):
            sample = round(_PROVINCE_SAMPLE * share)
            value = survey.value + survey.gap * lean
            yield _estimate(survey, latest, PROVINCE, ("urban_rural", member), value, sample)
        for prefecture in PREFECTURE_ZH:
            leans = [_LEAN[county.landscape] for county in HEADLINE if county.prefecture_code == prefecture]
            value = survey.value + survey.gap * 0.6 * sum(leans) / len(leans)
            yield _estimate(survey, latest, prefecture, _ALL, value, _AREA_SAMPLE["prefecture"])
        for county in HEADLINE:
            value = survey.value + survey.gap * (0.6 * _LEAN[county.landscape] + rng.uniform(-0.2, 0.2))
            yield _estimate(survey, latest, county.code, _ALL, value, _AREA_SAMPLE["county"])


def _estimate(survey: _Survey, wave: int, area: str, group: tuple[str, str], value: float, n: int) -> dict[str, object]:
    shown = round(value, 1)
    spread = survey.spread or math.sqrt(shown * (100 - shown))
    return {
        "indicator_code": survey.indicator,
        "area_code": area,
        "source": survey.source,
        "wave": wave,
        "dimension": group[0],
        "member": group[1],
        "value": shown,
        "unit": survey.unit,
        "n": n,
        "margin": max(0.1, round(_Z_95 * spread * math.sqrt(_DESIGN_EFFECT / n), 1)),
        "fieldwork_end": f"{wave}-11-30",
        "weight_base": survey.weight_base,
    }


def target_rows() -> Iterator[dict[str, object]]:
    """One row a target of the whole province."""
    for indicator, year, (number, title, issued), direction, value, unit, note in _TARGETS:
        yield {
            "indicator_code": indicator,
            "area_code": PROVINCE,
            "target_year": year,
            "document_no": number,
            "document_title": title,
            "direction": direction,
            "value": value,
            "unit": unit,
            "issued_date": issued,
            "note": note,
        }
