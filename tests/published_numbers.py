"""The invented numbers of tests/published.py: one line an indicator says where it lies and how it is broken down."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release.candidates import Slice, Value

PROVINCE = "330000"
YEARS = tuple(str(year) for year in range(2016, 2026))
LAST = ("2025",)
AHEAD = tuple(str(year) for year in range(2026, 2036))
SECTORS = ("school", "open_university", "human_resources", "senior_university")
STAGES = ("kindergarten", "primary", "junior", "senior")
SEX, URBAN_RURAL = ("female", "male"), ("urban", "town", "rural")
AGES = ("25_34", "35_44", "45_54", "55_64")
SENIOR_AGES = ("60_69", "70_79", "80plus")
FIELDS = tuple(f"{field:02}" for field in range(1, 11))
MAJORS = ("1", "2", "3", "4", "5", "6")
CROSSED = tuple(f"{field}:{major}" for field in FIELDS for major in MAJORS[1:4])
ALL, FEW, TOP = ("province", "prefecture", "county"), ("province", "prefecture"), ("province",)
_GROUPS = {
    "county_group": ("mountain", "listed", "rest"),
    "county_group_fixed": ("mountain26_2021", "mountain26", "rest"),
    "island": ("island", "island", "mainland"),
}


@dataclass(frozen=True)
class Area:
    """A division in force."""

    code: str
    level: str
    zh: str
    en: str
    parent: str | None
    groups: tuple[str, ...]

    def row(self) -> dict[str, Any]:
        """As mart.area has it."""
        return {
            "area_code": self.code, "area_level": self.level, "name_zh": self.zh, "name_en": self.en,
            "parent_area_code": self.parent, "valid_from": None, "valid_to": None, "groups": list(self.groups),
        }  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """One indicator: around ``middle``, rising by ``step`` a year, ``spread`` between areas."""

    code: str
    method: str
    middle: float
    step: float
    spread: float
    periods: Sequence[str] = YEARS
    levels: Sequence[str] = ALL
    breakdowns: Mapping[str, Sequence[str]] | None = None
    has_total: bool = True
    is_grouped: bool = True
    detailed: int = 3
    """of so many last periods the breakdowns are there, too"""
    margin: float = 0.0
    """half the width of the interval that is shown, as a share of the value"""
    is_shared: bool = False
    """the members of the breakdown share the total between them; the last period is seen for 18 of 24 months"""
    withheld: float = 0.02
    missing: float = 0.005


SPECS = (
    Spec("mean_years_schooling", "census_3plus_jc16", 10.2, 0.09, 1.2, breakdowns={"sex": SEX}, withheld=0,
         detailed=10),
    Spec("expected_years_of_schooling", "uis_schools", 14.0, 0.05, 0.6, breakdowns={"sex": SEX}),
    Spec("gross_enrolment_kindergarten", "returns_by_school", 97.0, 0.2, 3.0),
    Spec("gross_enrolment_senior", "returns_by_school", 96.0, 0.2, 4.0),
    Spec("pupil_teacher_ratio", "returns_full_time", 15.0, -0.1, 2.0, detailed=10,
         breakdowns={"stage": ("primary", "junior"), "urban_rural": URBAN_RURAL}),
    Spec("small_school_share", "returns_headcount", 12.0, -0.3, 8.0,
         breakdowns={"stage": STAGES, "urban_rural": URBAN_RURAL}),
    Spec("school_size_bands", "returns_headcount", 30.0, 0.0, 12.0, has_total=False, is_grouped=False, detailed=10,
         breakdowns={"size_band": ("lt100", "100_2000", "gt2000")}),
    Spec("kindergarten_median_fee", "returns_fees", 900.0, 25.0, 300.0,
         breakdowns={"ownership": ("public", "private_inclusive", "private")}),
    Spec("school_places_shortfall", "returns_places", 400.0, 30.0, 300.0, breakdowns={"stage": STAGES}),
    Spec("gross_enrolment_higher_education", "uis", 62.0, 1.4, 0.0, levels=TOP, is_grouped=False, withheld=0),
    Spec("skilled_ratio", "registered_employment", 33.0, 0.8, 6.0, LAST,
         breakdowns={"occupation": MAJORS, "sex": SEX, "industry_section": ("A", "C", "F", "G", "P", "Q")}),
    Spec("high_skilled_share", "registered_employment", 32.0, 0.5, 7.0, LAST, breakdowns={"sex": SEX}),
    Spec("vacancies_per_applicant", "registered_monthly_mean", 1.4, 0.02, 0.4, YEARS[-3:],
         breakdowns={"occupation": MAJORS}),
    Spec("graduates_to_vacancies", "isced_f_crosswalk", 0.9, -0.02, 0.35, YEARS[-3:], FEW,
         breakdowns={"field": FIELDS, "occupation": MAJORS, "field_occupation": CROSSED}, withheld=0.15),
    Spec("first_job_within_12_months", "registered_employment", 71.0, 0.3, 9.0, LAST,
         breakdowns={"stage": ("senior_school", "open_university"), "sex": SEX}, withheld=0.2),
    Spec("lifelong_learning_participation", "administrative_12m", 41.0, 2.2, 9.0,
         breakdowns={"sex": SEX, "age_band": AGES}, margin=0.05),
    Spec("lifelong_learning_participation", "sdg_4_3_1", 33.0, 1.8, 8.0, LAST, breakdowns={"sex": SEX}, margin=0.05),
    Spec("participation_by_sector", "administrative_12m", 12.0, 0.5, 4.0, LAST, has_total=False, is_grouped=False,
         breakdowns={"sector": SECTORS}, withheld=0.15),
    Spec("senior_participation", "any_source", 17.0, 1.1, 6.0,
         breakdowns={"sex": SEX, "age_band": SENIOR_AGES}, margin=0.12, withheld=0.06),
    Spec("residents_60plus", "resident", 22.0, 0.7, 5.0, breakdowns={"sex": SEX}, withheld=0),
    Spec("digital_learning_reach", "administrative_12m", 28.0, 2.0, 8.0, LAST, breakdowns={"sex": SEX}),
    Spec("comprehensive_reading_rate", "survey_percent", 89.0, 0.4, 1.5, YEARS[-5:], FEW, margin=0.01, withheld=0,
         is_grouped=False),
    Spec("community_learning_attendance", "monthly_returns", 210.0, 12.0, 60.0, YEARS[-3:], missing=0.06),
    Spec("credit_transfer_rate", "learners", 14.0, 2.5, 5.0, YEARS[-3:], breakdowns={"sex": SEX}, withheld=0.3),
    Spec("credit_transfer_rate", "credits", 46.0, 1.5, 5.0, YEARS[-3:], TOP, is_grouped=False, withheld=0),
    *(
        Spec("learner_flow", f"next_24m_from_{sector}", 9000.0, 200.0, 3000.0, YEARS[-5:-1], FEW, is_grouped=False,
             breakdowns={"next_sector": (*SECTORS, "several", "none")}, withheld=0.1, is_shared=True)
        for sector in SECTORS
    ),
    Spec("forecast_school_places", "least_backtest_error", 5200.0, -90.0, 2500.0, AHEAD, has_total=False, detailed=10,
         is_grouped=False, breakdowns={"stage": STAGES}, margin=0.12, withheld=0),
    Spec("forecast_teachers", "least_backtest_error", 410.0, -6.0, 200.0, AHEAD[:5], has_total=False, detailed=5,
         is_grouped=False, breakdowns={"stage": STAGES}, margin=0.1, withheld=0),
    Spec("forecast_higher_education_entrants", "least_backtest_error", 61000.0, 900.0, 0.0, AHEAD[:5], TOP,
         is_grouped=False, margin=0.06, withheld=0, missing=0),
)  # fmt: skip


def numbers(areas: Sequence[Area], definitions: Mapping[tuple[str, str], dict[str, Any]]) -> list[Value]:
    """All of them; every series of the simulated realm waits for its return in the real one, but for a census."""
    found: list[Value] = []
    for spec in SPECS:
        maker = _Maker(spec, definitions[spec.code, spec.method])
        found += maker.simulated(areas)
        found += maker.real(areas)
    return found


class _Maker:
    """Makes the rows of one indicator; the same each time."""

    def __init__(self, spec: Spec, definition: Mapping[str, Any]) -> None:
        self._spec, self._definition = spec, definition
        self._chance = random.Random(f"{spec.code}/{spec.method}")

    def simulated(self, areas: Sequence[Area]) -> Iterator[Value]:
        spec = self._spec
        lean = {area.code: self._lean(area) for area in areas}
        shift = {
            (dimension, member): 0.0 if dimension == "total" else self._chance.gauss(0, 0.5) * spec.spread
            for dimension, member in self._cells()
        }
        for area in areas:
            if area.level not in spec.levels:
                continue
            size = {"province": 60_000_000, "prefecture": 5_000_000, "county": 620_000}[area.level]
            for place, period in enumerate(spec.periods):
                middle = spec.middle + lean[area.code] + spec.step * place
                for cell in self._cells(is_detailed=place >= len(spec.periods) - spec.detailed):
                    value = middle + shift[cell] + self._chance.gauss(0, 0.05) * spec.spread
                    if spec.is_shared:
                        value = middle * self._share(cell[1])
                    yield self._value(area, period, *cell, value, size)
                if area.code == PROVINCE and spec.is_grouped:
                    yield from self._groups(areas, lean, period, place)

    def real(self, areas: Sequence[Area]) -> Iterator[Value]:
        """A census of the province and its prefectures is real; everything else waits."""
        if self._spec.code == "mean_years_schooling":
            for area in areas:
                if area.level != "county":
                    yield self._value(area, "2020", "total", "total", 9.8 + self._chance.random(), 1e6, realm="real")
        else:
            yield self._value(areas[0], "2026", "total", "total", 0.0, 0, realm="real", status="needs_input")

    def _groups(self, areas: Sequence[Area], lean: Mapping[str, float], period: str, place: int) -> Iterator[Value]:
        counties = [area for area in areas if area.level == "county"]
        for dimension, (group, inside, outside) in _GROUPS.items():
            for member, wanted in ((inside, True), (outside, False)):
                leans = [lean[area.code] for area in counties if (group in area.groups) is wanted]
                value = self._spec.middle + sum(leans) / len(leans) + self._spec.step * place
                yield self._value(areas[0], period, dimension, member, value, 5_000_000)

    def _lean(self, area: Area) -> float:
        if area.level == "province":
            return 0.0
        sign = -1.0 if self._definition["better"] == "higher" else 1.0
        behind = sign * 0.6 if "mountain26_2021" in area.groups else -0.1 * sign
        return self._spec.spread * (behind + self._chance.gauss(0, 0.4))

    def _share(self, member: str) -> float:
        """Of every hundred: 34 stay in their sector, 38 are not seen again, 4 go to several, 8 to each other one."""
        stays = self._spec.method.endswith(f"_from_{member}")
        return {"total": 1.0, "none": 0.38, "several": 0.04}.get(member, 0.34 if stays else 0.08)

    def _cells(self, *, is_detailed: bool = True) -> list[tuple[str, str]]:
        cells = [("total", "total")] if self._spec.has_total else []
        if not is_detailed:
            return cells
        return cells + [(d, member) for d, members in (self._spec.breakdowns or {}).items() for member in members]

    def _value(
        self, area: Area, period: str, dimension: str, member: str, value: float, size: float, *,
        realm: str = "simulated", status: str | None = None,
    ) -> Value:  # fmt: skip
        definition = self._definition
        value = max(value, 0.0)
        if definition["unit"] == "pct":
            value = min(value, 100.0)
        if definition["unit"] in ("persons", "places", "schools"):
            value = float(round(value))
        status = status or self._status(area)
        is_shown = status == "published"
        denominator = float(round(size * (0.8 + 0.4 * self._chance.random()))) if is_shown else None
        has_parts = definition["unit"] == "pct" and is_shown
        width = self._spec.margin * value * (1 + 0.08 * (int(period) - int(self._spec.periods[0])))
        return Value(
            slice=Slice(self._spec.code, self._spec.method, realm, area.code, period, dimension, member),
            area_level=area.level,
            parent_area_code=area.parent,
            value=value if is_shown else None,
            unit=definition["unit"],
            unit_of_count=definition["unit_of_count"],
            numerator=float(round(denominator * value / 100)) if has_parts and denominator else None,
            denominator=denominator if has_parts else None,
            coverage_pct=self._coverage(period, has_parts=has_parts) if is_shown else None,
            unlinked_persons=None,
            status=status,
            status_note=self._note(status, is_shown),
            definition_version=definition["definition_version"],
            as_of=dt.date(int(period), 12, 31),
            value_low=round(value - width, 4) if is_shown and self._spec.margin else None,
            value_high=round(value + width, 4) if is_shown and self._spec.margin else None,
            in_groups=None,
        )

    def _coverage(self, period: str, *, has_parts: bool) -> float | None:
        if self._spec.is_shared:
            return 75.0 if period == self._spec.periods[-1] else 100.0
        return round(90 + 10 * self._chance.random(), 1) if has_parts and self._spec.margin else None

    def _status(self, area: Area) -> Any:
        if area.level == "province":
            return "published"
        chance = self._chance.random()
        if chance < self._spec.withheld:
            return "withheld"
        if chance < self._spec.withheld + self._spec.missing:
            return "needs_input"
        return "not_applicable" if chance > 0.999 else "published"

    def _note(self, status: str, is_shown: bool) -> str | None:
        if status == "needs_input":
            return str(self._definition["missing_return"] or "有关报表 the return (source returns.schools)")
        if is_shown and self._spec.code.startswith("forecast"):
            return (
                "指数平滑 exponential smoothing; MASE 0.71 (naive 1.26), MAPE 4.2 %, 90 % interval held in 87 % of 15 "
                "backtested values, origins 2021-2025"
            )
        return None
