"""The whole of a table of persons as its reader can work it out: what is left over, and the groupings of counties.

Areas and breakdowns must add up for an attack to be bounded. So what a reader can work out by subtraction (people of a
zone without a code, people of unknown sex) stands in the table as a remainder of its own, and where parts count
somebody twice their overlap stands in the line. A grouping of counties (mountain counties of the day, those of the
first list, islands) is a further sum over the same counties: groups can be subtracted from each other and from areas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from release.tables import NOBODY, PROVINCE, TOTAL, Cell, Line, lines_of

REST = "rest"
UNSTATED = "unstated"
"""Member of what a breakdown leaves over: no breakdown may call one of its own so (a grouping has a member rest)."""
Groups = Mapping[Cell, Sequence[Cell]]
"""The cell of a group (province, grouping, group) and the counties added up in it."""


def groups_of(in_groups: Mapping[Cell, str | None], province: str = PROVINCE) -> dict[Cell, list[Cell]]:
    """Groups by what counties say they were added to: ``county_group:listed,island:mainland``."""
    groups: dict[Cell, list[Cell]] = {}
    for county in sorted(in_groups):
        for word in (in_groups[county] or "").split(","):
            grouping, _, group = word.strip().partition(":")
            if group:
                groups.setdefault(Cell(province, grouping, group), []).append(county)
    return groups


def with_remainders(
    counts: Mapping[Cell, float], parents: Mapping[str, str], groups: Groups | None = None
) -> tuple[dict[Cell, float], tuple[Line, ...]]:
    """The table with what is missing between parts and totals as cells of their own, and its lines.

    An area's people outside its parts become the area ``<code>:rest``; a breakdown's people without a member become
    the member ``unstated``. A remainder that is nobody anywhere is left out.
    """
    whole, above = dict(counts), dict(parents)
    for line in lines_of(whole, above):
        if line.parts[0].area != line.total.area:
            remainder = Cell(f"{line.total.area}:{REST}", line.total.dimension, line.total.member)
            whole[remainder] = _left_over(whole, line)
            above[remainder.area] = line.total.area
    _drop_empty_areas(whole, above)
    for dimension in sorted({cell.dimension for cell in whole} - {TOTAL}):
        rests = {
            line.total.area: _left_over(whole, line)
            for line in lines_of(whole, {})
            if line.parts[0].dimension == dimension
        }
        if any(rests.values()):
            whole |= {Cell(area, dimension, UNSTATED): rest for area, rest in rests.items()}
    lines = [*lines_of(whole, above), *_lines_of_groups(whole, groups or {})]
    return whole, tuple(replace(line, overlap=_overlap(whole, line)) for line in lines)


def _lines_of_groups(whole: dict[Cell, float], groups: Groups) -> list[Line]:
    lines = []
    for group, counties in groups.items():
        parts = tuple(county for county in counties if county in whole)
        if group in whole and parts:
            rest = _left_over(whole, Line(group, parts))
            if rest:
                outside = Cell(f"{group.area}:{group.dimension}:{REST}", group.dimension, group.member)
                whole[outside] = rest
                parts = (*parts, outside)
            lines.append(Line(group, parts))
    return lines


def _left_over(whole: Mapping[Cell, float], line: Line) -> float:
    rest = whole[line.total] - sum(whole[part] for part in line.parts)
    return rest if rest > NOBODY else 0


def _overlap(whole: Mapping[Cell, float], line: Line) -> float:
    more = sum(whole[part] for part in line.parts) - whole[line.total]
    return more if abs(more) > NOBODY else 0.0


def _drop_empty_areas(whole: dict[Cell, float], above: dict[str, str]) -> None:
    for area in [code for code in above if code.endswith(f":{REST}")]:
        cells = [cell for cell in whole if cell.area == area]
        if not any(whole[cell] for cell in cells):
            del above[area]
            for cell in cells:
                del whole[cell]
