"""Generated provinces: indicators of persons over counties, breakdowns and periods, as dbt would hand them over."""

import datetime as dt
import random
from collections import defaultdict

from release.candidates import Slice, Value

BREAKDOWNS = {
    "sex": ("female", "male"),
    "age_band": ("25_34", "35_44", "45_54", "55_64"),
    "urban_rural": ("urban", "town", "rural", "unknown"),
}
PREFECTURES = 11


def province(
    seed: int, *, counties: int = 90, indicators: int = 60, periods: int = 3, scale: float = 1.0, groups: bool = True
) -> list[Value]:
    """Rates of persons; small counties and rare indicators among them, the scarcer the smaller ``scale``."""
    chance = random.Random(seed)  # noqa: S311 -- invented people
    residents = [int(chance.lognormvariate(11.5, 1.0) * scale) + 1 for _ in range(counties)]
    return [
        value
        for indicator in range(indicators)
        for period in range(periods)
        for value in table(
            chance, f"i{indicator:02d}", str(2023 + period), residents, chance.lognormvariate(-5, 1.5), groups=groups
        )
    ]


def table(
    chance: random.Random, indicator: str, period: str, residents: list[int], share: float, *, groups: bool = True
) -> list[Value]:
    """One indicator of one period."""
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    memberships = {}
    for at, people in enumerate(residents):
        prefecture = f"33{at % PREFECTURES + 1:02d}00"
        county = f"{prefecture[:4]}{at // PREFECTURES + 1:02d}"
        listed, fixed, island = at % 4 == 0, at % 4 == 0 and at != 8, at % 30 == 1
        memberships[county] = (
            f"county_group:{'listed' if listed else 'rest'},county_group_fixed:{'mountain26' if fixed else 'rest'},"
            f"island:{'island' if island else 'mainland'}"
        )
        for dimension, members in {"total": ("total",), **BREAKDOWNS}.items():
            left, who = people, min(people, int(people * min(0.9, share * chance.uniform(0.3, 2))))
            if dimension == "total":
                total = who
            else:
                who = total
            for number, member in enumerate(members):
                last = number == len(members) - 1
                den = left if last else int(left * chance.uniform(0.2, 0.6))
                num = min(den, who) if last else min(den, who, int(who * chance.uniform(0.2, 0.7)))
                num = max(num, who - (left - den))
                left, who = left - den, who - num
                for area in (county, prefecture, "330000"):
                    cell = sums[area, dimension, member]
                    cell[0] += num
                    cell[1] += den
                if dimension == "total" and groups:
                    for word in memberships[county].split(","):
                        grouping, group = word.split(":")
                        cell = sums["330000", grouping, group]
                        cell[0] += num
                        cell[1] += den
    return [
        rate(
            indicator,
            period,
            area,
            dimension,
            member,
            num,
            den,
            memberships.get(area) if dimension == "total" else None,
        )
        for (area, dimension, member), (num, den) in sums.items()
    ]


def rate(
    indicator: str,
    period: str,
    area: str,
    dimension: str,
    member: str,
    num: int,
    den: int,
    in_groups: str | None = None,
) -> Value:
    """One candidate."""
    level = "province" if area == "330000" else "prefecture" if area.endswith("00") else "county"
    return Value(
        slice=Slice(indicator, "m", "simulated", area, period, dimension, member),
        area_level=level,
        parent_area_code={"province": None, "prefecture": "330000", "county": f"{area[:4]}00"}[level],
        value=100.0 * num / den if den else None,
        unit="pct",
        unit_of_count="person",
        numerator=float(num),
        denominator=float(den),
        coverage_pct=None,
        unlinked_persons=None,
        status="published",
        status_note=None,
        definition_version=1,
        as_of=dt.date(int(period), 12, 31),
        in_groups=in_groups,
    )
