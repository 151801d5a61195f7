"""The higher-education returns: students by form of study and origin over ten school years, and graduates by field.

The scale of all forms together, with the weights of the ministry, rises to a set share of the residents of 18 to 22.
Open-university students whose courses lead to no degree are in no return.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from simulator.cohorts import SCHOOL_YEARS, Cells
from simulator.divisions import COUNTIES
from simulator.plan import Plan, apportion

_GROSS_RATIO: Final = 0.62
"""Weighted scale over residents of 18 to 22 in the last school year."""
_GROWTH: Final = 0.024
_AGES: Final = slice(18, 23)
_NOISE: Final = 0.01

_HOME: Final = (("33", 1.0),)
_NEAR: Final = (("33", 0.72), ("34", 0.09), ("36", 0.08), ("41", 0.06), ("00", 0.05))
_FAR: Final = (("33", 0.45), ("32", 0.16), ("34", 0.16), ("41", 0.14), ("00", 0.09))
_DEGREE_YEARS: Final = {"ordinary_ug": 3.8, "postgrad": 2.9}
"""Years of study, so that one in as many graduates a year."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """Students of one form at one institution as a share of all heads, and where they come from."""

    form: str
    share: float
    origins: Sequence[tuple[str, float]] = _HOME


@dataclass(frozen=True, slots=True)
class _Institution:
    code: str
    division_code: str
    offers: tuple[_Offer, ...]
    fields: tuple[tuple[str, float], ...] = ()
    levels: tuple[tuple[str, str, float], ...] = ()
    """Form, ISCED level and the level's share of the form's graduates."""


_UNIVERSITY = _Institution(
    "4133990001",
    "330106",
    (
        _Offer("ordinary_ug", 0.34, _NEAR), _Offer("postgrad", 0.09, _FAR), _Offer("inservice_degree", 0.01),
        _Offer("course_class", 0.005),
    ),
    (("02", 0.1), ("03", 0.1), ("04", 0.2), ("05", 0.12), ("06", 0.16), ("07", 0.22), ("09", 0.1)),
    (("ordinary_ug", "6", 1.0), ("postgrad", "7", 0.88), ("postgrad", "8", 0.12)),
)  # fmt: skip
_POLYTECHNIC = _Institution(
    "4133990002",
    "330108",
    (_Offer("ordinary_ug", 0.27, _NEAR), _Offer("adult_fulltime", 0.01), _Offer("adult_evening", 0.03)),
    (("04", 0.24), ("06", 0.26), ("07", 0.38), ("10", 0.12)),
    (("ordinary_ug", "5", 0.7), ("ordinary_ug", "6", 0.3)),
)
_TEACHERS = _Institution(
    "4133990003",
    "331181",
    (_Offer("ordinary_ug", 0.11, _NEAR), _Offer("adult_corresp", 0.03)),
    (("01", 0.46), ("02", 0.16), ("08", 0.14), ("09", 0.24)),
    (("ordinary_ug", "5", 0.4), ("ordinary_ug", "6", 0.6)),
)
_AT_A_DISTANCE = _Institution(
    "4233990004",
    "330106",
    (_Offer("network", 0.06), _Offer("adult_corresp", 0.03), _Offer("selfexam_grads", 0.005)),
)
_NAVAL = _Institution("4133990005", "330921", (_Offer("military", 0.01, (("00", 1.0),)),))
_INSTITUTIONS: Final = (_UNIVERSITY, _POLYTECHNIC, _TEACHERS, _AT_A_DISTANCE, _NAVAL)
_WEIGHT: Final = {
    "adult_evening": 0.5, "adult_corresp": 0.5, "network": 0.5, "selfexam_grads": 1.5, "course_class": 0.5,
}  # fmt: skip
"""Forms of study that count other than once in the gross enrolment ratio (the ministry's reply of 2019-09-29)."""
_WOMEN: Final = {
    "01": 0.78, "02": 0.66, "03": 0.6, "04": 0.57, "05": 0.48, "06": 0.3, "07": 0.27, "08": 0.46, "09": 0.71,
    "10": 0.52,
}  # fmt: skip
FORMS: Final = tuple(dict.fromkeys(offer.form for one in _INSTITUTIONS for offer in one.offers))


@dataclass(frozen=True, slots=True)
class HigherEducation:
    """All students by institution, form and school year."""

    heads: Mapping[tuple[str, str, int], int]

    def student_rows(self) -> Iterator[dict[str, object]]:
        """One row an institution, form, origin and school year."""
        for institution in _INSTITUTIONS:
            for offer in institution.offers:
                origins = [origin for origin, _ in offer.origins]
                for year in SCHOOL_YEARS:
                    heads = self.heads[institution.code, offer.form, year]
                    for origin, count in zip(origins, apportion(heads, [w for _, w in offer.origins]), strict=True):
                        yield {
                            "school_year": year,
                            "institution_code": institution.code,
                            "form": offer.form,
                            "origin_province": origin,
                            "division_code": institution.division_code,
                            "headcount": count,
                        }

    def graduate_rows(self) -> Iterator[dict[str, object]]:
        """One row an institution, level, field and year; who graduates in a year was counted in its school year."""
        for institution in _INSTITUTIONS:
            fields = [field for field, _ in institution.fields]
            for form, level, share in institution.levels:
                for year in SCHOOL_YEARS[:-1]:
                    done = round(self.heads[institution.code, form, year] / _DEGREE_YEARS[form] * share)
                    for field, count in zip(fields, apportion(done, [w for _, w in institution.fields]), strict=True):
                        yield {
                            "year": year,
                            "institution_code": institution.code,
                            "isced_level": level,
                            "isced_f_broad": field,
                            "division_code": institution.division_code,
                            "graduates": count,
                            "graduates_female": round(count * _WOMEN[field]),
                        }


def draw_higher_education(plan: Plan, cells: Mapping[str, Cells]) -> HigherEducation:
    """Heads of every form such that their weighted sum is the set share of the residents of 18 to 22."""
    of_age = sum(sum(ages[_AGES]) for county in COUNTIES for ages in cells[county.code].values())
    weighted = sum(offer.share * _WEIGHT.get(offer.form, 1) for one in _INSTITUTIONS for offer in one.offers)
    everyone = of_age * _GROSS_RATIO / weighted
    heads = {}
    for institution in _INSTITUTIONS:
        for offer in institution.offers:
            rng = plan.rng(f"higher education {offer.form}", int(institution.code))
            for year in SCHOOL_YEARS:
                ago = SCHOOL_YEARS[-1] - year
                scale = everyone * offer.share / (1 + _GROWTH) ** ago
                heads[institution.code, offer.form, year] = max(1, round(scale * (1 + rng.uniform(-_NOISE, _NOISE))))
    return HigherEducation(heads)
