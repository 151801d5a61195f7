"""How far groups are apart in one file a realm; the definition before and now where it is the reason."""

import datetime as dt
from dataclasses import fields
from typing import Any

from portal.publishing.numbers import parity_files
from portal.publishing.reading import Mart, Number, Release
from portal.publishing.reasons import revisions_files

AT = dt.datetime(2026, 11, 9, tzinfo=dt.UTC)


def mart(**given: Any) -> Mart:
    empty: dict[str, Any] = {field.name: () for field in fields(Mart)}
    return Mart(**empty | {"release": Release(2, 1, AT, AT, None), "definitions": {}} | given)


def number(indicator: str, period: str, value: float | None, **given: Any) -> Number:
    base = dict.fromkeys(Number._fields) | {
        "indicator": indicator, "method": "any", "realm": "simulated", "area": "330000", "level": "province",
        "period": period, "dimension": "schooling.census", "member": "female/male", "value": value,
        "status": "withheld" if value is None else "published",
    }  # fmt: skip
    return Number(**base | given)


def test_parities_are_those_of_the_province_and_the_newest_even_where_that_one_is_withheld():
    numbers = [
        number("parity_index", "2024", 0.98),
        number("parity_index", "2025", None),
        number("gap_absolute", "2024", -0.2),
        number("parity_index", "2025", 0.5, area="330106"),
        number("parity_index", "2025", 1.25, member="rural/urban"),
        number("gap_absolute", "2025", 2.0, member="rural/urban"),
        number("parity_index", "2025", 0.9, realm="real"),
        number("mean_years_schooling", "2025", 10.0),
    ]
    files = dict(parity_files(mart(numbers=numbers)))
    assert list(files) == ["data/parities/real.json", "data/parities/simulated.json"]
    same = {"indicator": "schooling", "method": "census", "period": "2025"}
    assert files["data/parities/simulated.json"]["rows"] == [
        same | {"pair": "female/male", "status": "withheld", "parity": None, "gap": None},
        same | {"pair": "rural/urban", "status": "published", "parity": 1.25, "gap": 2},
    ]


def revision(method: str, why: str) -> dict[str, Any]:
    return {
        "indicator_code": "schooling", "method": method, "realm": "simulated", "earlier_release_id": 1,
        "area_code": "330000", "period": "2025", "dimension": "total", "member": "total", "old_status": "published",
        "old_value": 10.0, "new_status": "published", "new_value": 10.5, "why": why,
    }  # fmt: skip


def definition(method: str, version: int) -> dict[str, Any]:
    return {
        "definition_version": version,
        "sentence_zh": f"{method} 第{version}版",
        "sentence_en": f"{method} v{version}",
    }


def test_a_definition_that_is_the_reason_stands_before_and_now():
    definitions = {("schooling", m, v): definition(m, v) for m, v in (("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2))}
    changed = [revision("a", "definition"), revision("b", "data")]
    ((_, file),) = revisions_files(mart(revisions=changed, definitions=definitions))
    assert file["definitions"] == [
        {
            "method": "a",
            "old": {"version": 2, "sentence": {"zh": "a 第2版", "en": "a v2"}},
            "new": {"version": 3, "sentence": {"zh": "a 第3版", "en": "a v3"}},
        }
    ]
