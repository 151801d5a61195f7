"""Names of breakdowns: from the seeds, composed of their parts, or the code itself where nobody gave one."""

import csv

from pipeline.settings import CHECKOUT
from release.context import Dimension, Member, Words, named

SEEDS = CHECKOUT / "dbt_project" / "seeds" / "indicators"
WORDS = Words(
    [Dimension("size_band", "规模", "Size", 1), Dimension("stage", "学段", "Stage", 2),
     Dimension("size_band_by_stage", "规模与学段", "Size by stage", 3), Dimension("sex", "性别", "Sex", 4),
     Dimension("county_group_fixed", "山区26县", "The 26", 5)],
    [Member("size_band", "lt100", "不足100人", "Under 100", 1), Member("stage", "junior", "初中", "Junior", 3),
     Member("sex", "female", "女", "Women", 1), Member("sex", "male", "男", "Men", 2)],
    {"years.m": ("年限", "Years"), "share.m": ("占比", "Share")},
)  # fmt: skip


def name_of(dimension: str, member: str) -> tuple[str, str]:
    _, members = named(WORDS, [(dimension, member)])
    return next((m.name_zh, m.name_en) for m in members if (m.dimension, m.member) == (dimension, member))


def test_a_composed_member_is_called_by_its_parts():
    assert name_of("size_band_by_stage", "lt100:junior") == ("不足100人 · 初中", "Under 100, Junior")


def test_what_a_figure_is_made_of_is_called_by_the_indicator_and_its_groups():
    dimensions, _ = named(WORDS, [("years.m", "female/male")])
    assert next(d.name_en for d in dimensions if d.dimension == "years.m") == "Years"
    assert name_of("years.m", "female/male") == ("女／男", "Women / Men")
    assert name_of("years.m", "share.m") == ("占比", "Share")
    assert name_of("years.m", "county_group_fixed") == ("山区26县", "The 26")
    assert name_of("years.m", "withheld")[1] == "Withheld numbers"


def test_what_has_no_name_keeps_its_code():
    assert name_of("new_breakdown", "some") == ("some", "some")
    assert name_of("size_band_by_stage", "lt100:unheard") == ("lt100:unheard", "lt100:unheard")
    assert name_of("education_group", "JT1")[1] == "Education group JT1"


def test_the_seeds_name_each_member_once_and_in_a_breakdown_that_there_is():
    def rows(name):
        with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    dimensions = {row["dimension"] for row in rows("dimensions")}
    members = [(row["dimension"], row["member"]) for row in rows("dimension_members")]
    assert len(members) == len(set(members))
    assert {dimension for dimension, _ in members} <= dimensions
    derived = {
        (row["dimension"], member)
        for row in rows("indicator_derivations")
        for member in (row["member_a"], row["member_b"])
        if row["dimension"] not in ("total", "prefecture") and member
    }
    assert derived <= set(members)
