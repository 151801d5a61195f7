"""Figures of published figures: gaps between groups, inequality between counties, indicators side by side.

They are made after disclosure control, from what a reader sees, so they can give nothing away. Where a part is
withheld, or shown only as a bound, what rests on it is withheld. A derived row says what it is made of:
``dimension`` is ``indicator.method``, ``member`` the pair, the grouping or the other indicator, ``denominator`` how
many figures went in. Which are made is data: the seed indicator_derivations. Pure: no database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from release import inequality
from release.candidates import Slice, TableKey, Value
from release.tables import PROVINCE

ANY, OTHERS = "*", "others"
RATE_UNITS = ("pct", "years", "ratio")
LEAST_COUNTIES = 10
"""A correlation over fewer counties says nothing."""
TOTAL = ("total", "total")
FIXED_GROUP = "county_group_fixed"

Table = Mapping[tuple[str, str, str], Value]
"""Rows of one indicator, method, realm and period by area, dimension and member."""
Tables = Mapping[TableKey, Table]


@dataclass(frozen=True)
class Derivation:
    """One row of the seed: what is made, from which indicator, and along which groups.

    ``member_a`` is the likely disadvantaged group and ``member_b`` the other, or ``others``; for a correlation they
    are the other indicator and its method, for a decomposition ``dimension`` is the grouping of counties.
    """

    derived_code: str
    derived_method: str
    input_indicator: str
    input_method: str
    dimension: str
    member_a: str
    member_b: str


@dataclass(frozen=True)
class Meaning:
    """What the definition in force says of a derived figure; the unit ``input`` is that of what it is made from."""

    unit: str
    definition_version: int


@dataclass(frozen=True)
class _Made:
    """One figure: where it stands (the area of ``like``), what goes into it, and how."""

    like: Value
    member: str
    parts: Sequence[Value]
    figure: Callable[[], float | None]
    note: str | None = None


def derived(
    values: Iterable[Value], derivations: Sequence[Derivation], meanings: Mapping[tuple[str, str], Meaning]
) -> list[Value]:
    """The rows that the derivations make of a release's other rows; none for a derivation without a definition."""
    tables: dict[TableKey, dict[tuple[str, str, str], Value]] = defaultdict(dict)
    for value in values:
        where = value.slice
        tables[where.table][where.area_code, where.dimension, where.member] = value
    return [
        _row(made, derivation, key, meanings[derivation.derived_code, derivation.derived_method])
        for derivation in derivations
        if (derivation.derived_code, derivation.derived_method) in meanings
        for key in sorted(tables)
        if _is_input(derivation, key, tables[key])
        for made in _MAKERS[derivation.derived_code](derivation, key, tables)
    ]


def _is_input(derivation: Derivation, key: TableKey, table: Table) -> bool:
    if derivation.input_indicator == ANY:
        return next(iter(table.values())).unit in RATE_UNITS
    return (derivation.input_indicator, derivation.input_method) == key[:2]


def _row(made: _Made, derivation: Derivation, key: TableKey, meaning: Meaning) -> Value:
    indicator, method, realm, period = key
    is_hidden = any(not _is_exact(part) for part in made.parts)
    figure = None if is_hidden else made.figure()
    return replace(
        made.like,
        slice=Slice(
            derivation.derived_code, derivation.derived_method, realm, made.like.slice.area_code, period,
            f"{indicator}.{method}", made.member,
        ),
        value=figure,
        unit=made.like.unit if meaning.unit == "input" else meaning.unit,
        unit_of_count="none",
        numerator=None,
        denominator=float(len(made.parts)) if figure is not None and made.parts else None,
        coverage_pct=None,
        unlinked_persons=None,
        status="withheld" if is_hidden else "not_applicable" if figure is None else "published",
        status_note=made.note if figure is not None else None if is_hidden else "nothing to compare with",
        definition_version=meaning.definition_version,
        value_low=None,
        value_high=None,
        in_groups=None,
    )  # fmt: skip


def _pairs(measure: Callable[[float, float], float | None]) -> Callable[..., Iterator[_Made]]:
    """A figure of two groups' values, in every area that tells them apart."""

    def made(derivation: Derivation, key: TableKey, tables: Tables) -> Iterator[_Made]:
        for (area, dimension, member), one in tables[key].items():
            if (dimension, member) == (derivation.dimension, derivation.member_a):
                other = _other(derivation, tables[key], area, one)
                if other is not None and _is_known(one) and _is_known(other):
                    yield _Made(
                        one,
                        f"{derivation.member_a}/{derivation.member_b}",
                        (one, other),
                        lambda one=one, other=other: measure(one.value or 0.0, other.value or 0.0),  # type: ignore[misc]
                    )

    return made


def _other(derivation: Derivation, table: Table, area: str, one: Value) -> Value | None:
    if derivation.member_b != OTHERS:
        return table.get((area, derivation.dimension, derivation.member_b))
    whole = table.get((area, *TOTAL))
    if whole is None or not _is_exact(whole) or not _is_exact(one):
        return whole
    left = [(of_all or 0.0) - (of_one or 0.0) for of_all, of_one in _figures(whole, one)]
    per = (whole.value or 0.0) * (whole.denominator or 0.0) / whole.numerator if whole.numerator else 0.0
    return replace(whole, value=per * left[0] / left[1] if left[1] else None, numerator=left[0], denominator=left[1])


def _figures(whole: Value, one: Value) -> tuple[tuple[float | None, float | None], ...]:
    return (whole.numerator, one.numerator), (whole.denominator, one.denominator)


def _over_counties(
    measure: Callable[[Sequence[Value], Sequence[str]], float | None],
) -> Callable[..., Iterator[_Made]]:
    """A figure of the province from its counties' values and how many persons each stands for."""

    def made(derivation: Derivation, key: TableKey, tables: Tables) -> Iterator[_Made]:
        whole = tables[key].get((PROVINCE, *TOTAL))
        counties = [value for value in _counties(tables[key]) if _is_known(value)]
        if whole is not None and len(counties) > 1:
            groups = [_group(county, derivation.dimension) for county in counties]
            yield _Made(whole, derivation.dimension, counties, lambda: measure(counties, groups))

    return made


def _group(county: Value, grouping: str) -> str:
    if grouping == "prefecture":
        return county.parent_area_code or ""
    words = dict(word.split(":", 1) for word in (county.in_groups or "").split(",") if ":" in word)
    return words.get(grouping, "")


def _theil(counties: Sequence[Value], groups: Sequence[str]) -> float | None:
    return inequality.theil(*_weighted(counties))


def _between(counties: Sequence[Value], groups: Sequence[str]) -> float | None:
    return inequality.theil_between(*_weighted(counties), groups)


def _within(counties: Sequence[Value], groups: Sequence[str]) -> float | None:
    whole, between = _theil(counties, groups), _between(counties, groups)
    return None if whole is None or between is None else whole - between


def _between_share(counties: Sequence[Value], groups: Sequence[str]) -> float | None:
    whole, between = _theil(counties, groups), _between(counties, groups)
    return None if not whole or between is None else 100.0 * between / whole


def _gini(counties: Sequence[Value], groups: Sequence[str]) -> float | None:
    return inequality.gini(*_weighted(counties))


def _weighted(counties: Sequence[Value]) -> tuple[list[float], list[float]]:
    return [county.value or 0.0 for county in counties], [county.denominator or 0.0 for county in counties]


def _dissimilarity(derivation: Derivation, key: TableKey, tables: Tables) -> Iterator[_Made]:
    """How differently two groups' persons are spread over the counties."""
    table = tables[key]
    whole = table.get((PROVINCE, *TOTAL))
    places = [value.slice.area_code for value in _counties(table) if _is_known(value)]
    pairs = [
        (table.get((area, derivation.dimension, derivation.member_a)),
         table.get((area, derivation.dimension, derivation.member_b)))
        for area in places
    ]  # fmt: skip
    known = [(one, other) for one, other in pairs if one is not None and other is not None]
    if whole is not None and known and whole.numerator is not None:
        yield _Made(
            whole,
            f"{derivation.member_a}/{derivation.member_b}",
            [part for pair in known for part in pair],
            lambda: inequality.dissimilarity(
                [a.numerator or 0.0 for a, _ in known], [b.numerator or 0.0 for _, b in known]
            ),
        )


def _correlation(
    measure: Callable[[Sequence[float], Sequence[float]], float | None],
) -> Callable[..., Iterator[_Made]]:
    """How two indicators of one period go together over the counties that show both."""

    def made(derivation: Derivation, key: TableKey, tables: Tables) -> Iterator[_Made]:
        other = tables.get((derivation.member_a, derivation.member_b, *key[2:]), {})
        whole = tables[key].get((PROVINCE, *TOTAL))
        both = [
            (county, other[county.slice.area_code, *TOTAL])
            for county in _counties(tables[key])
            if _is_exact(county) and (county.slice.area_code, *TOTAL) in other
        ]
        both = [(one, two) for one, two in both if _is_exact(two)]
        if whole is not None and len(both) >= LEAST_COUNTIES:
            yield _Made(
                whole,
                f"{derivation.member_a}.{derivation.member_b}",
                [one for one, _ in both],
                lambda: measure([a.value or 0.0 for a, _ in both], [b.value or 0.0 for _, b in both]),
                f"n = {len(both)} counties that show both; they go together, which is no cause",
            )

    return made


def _withheld(derivation: Derivation, key: TableKey, tables: Tables) -> Iterator[_Made]:
    """How many figures of a table are withheld: what everything made from it has to do without."""
    whole = tables[key].get((PROVINCE, *TOTAL))
    hidden = sum(value.status == "withheld" for value in tables[key].values())
    if whole is not None:
        yield _Made(whole, "withheld", (), lambda: float(hidden))


def _counties(table: Table) -> list[Value]:
    return [
        value for (_, *place), value in sorted(table.items()) if tuple(place) == TOTAL and value.area_level == "county"
    ]


def _is_known(value: Value) -> bool:
    """Whether there is a figure, shown or not."""
    return value.status in ("published", "withheld")


def _is_exact(value: Value) -> bool:
    return value.status == "published" and value.value is not None and value.status_note is None


_MAKERS: Mapping[str, Callable[[Derivation, TableKey, Tables], Iterator[_Made]]] = {
    "parity_index": _pairs(inequality.parity),
    "parity_index_adjusted": _pairs(inequality.adjusted_parity),
    "gap_absolute": _pairs(lambda disadvantaged, other: disadvantaged - other),
    "theil_of_counties": _over_counties(_theil),
    "theil_between_groups": _over_counties(_between),
    "theil_within_groups": _over_counties(_within),
    "theil_between_share": _over_counties(_between_share),
    "gini_of_counties": _over_counties(_gini),
    "dissimilarity_over_counties": _dissimilarity,
    "correlation_pearson": _correlation(inequality.pearson),
    "correlation_spearman": _correlation(inequality.spearman),
    "withheld_figures": _withheld,
}
KINDS = frozenset(_MAKERS)
