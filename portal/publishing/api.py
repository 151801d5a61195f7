"""api/v1: the published numbers for machines, as files with addresses that stay.

JSON by JSON Schema (schema/), and CSV with W3C's metadata beside it. Full figures, as mart holds them. What
``releases/<number>/`` holds never changes: the last releases stand there for those who cite them.
"""

from __future__ import annotations

import csv
import io
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from portal.publishing import csvw
from portal.publishing.catalogue import areas, dimensions, target
from portal.publishing.columns import COLUMNS
from portal.publishing.files import Folder
from portal.publishing.reading import Mart, Number

BASE = "api/v1"
RELEASES_KEPT = 3
NOTICE = {
    "zh": "realm 为 simulated 的数字是模拟数据，其中的人都是虚构的，不得当作真实情况引用。"
    "不公布（withheld）和缺少数据（needs_input）都不是零。",
    "en": "Numbers whose realm is simulated are invented, every person in them is; do not cite them as facts. "
    "Neither withheld nor needs_input is zero.",
}
LICENCE = {
    "zh": "使用条件由本站的发布机关规定。引用时请写明发布编号和日期；模拟数据须注明为模拟。",
    "en": "The authority that runs this site sets the terms of use. Cite the number and date of the release; say of "
    "simulated numbers that they are.",
}


def write_api(mart: Mart, earlier: Sequence[Mart], folder: Folder) -> None:
    """All of api/v1: the current release, and it and the earlier ones given under addresses that stay."""
    for schema in sorted(resources.files("portal.publishing").joinpath("schema").iterdir(), key=lambda f: f.name):
        folder.put(f"{BASE}/schema/{schema.name}", schema.read_bytes())
    for each in (mart, *earlier):
        write_release(each, folder, f"{BASE}/releases/{each.release.release_id}")
    _link_current(folder, mart.release.release_id)
    folder.put_json(f"{BASE}/areas.json", _areas(mart))
    folder.put_json(f"{BASE}/index.json", _index(mart, [each.release.release_id for each in (mart, *earlier)]))


def write_release(mart: Mart, folder: Folder, base: str) -> None:
    """The indicators of one release: a list, and of each its numbers as JSON and as CSV with metadata."""
    by_code: dict[str, list[Number]] = defaultdict(list)
    for number in mart.numbers:
        by_code[number.indicator].append(number)
    listed = []
    for code in sorted(by_code):
        document = _indicator(mart, code, by_code[code])
        folder.put_json(f"{base}/indicators/{code}.json", document)
        folder.put(f"{base}/indicators/{code}.csv", _csv(by_code[code]))
        folder.put_json(f"{base}/indicators/{code}.csv-metadata.json", csvw.metadata(mart, code, document))
        listed.append(_listed(code, document))
    folder.put_json(f"{base}/indicators.json", {"release": _release(mart), "notice": NOTICE, "indicators": listed})


def _link_current(folder: Folder, release_id: int) -> None:
    """The current release under the address that always has the newest: the same files, not copies."""
    kept = f"{BASE}/releases/{release_id}/"
    for path in [path for path in folder.sizes if path.startswith(kept)]:
        newest = f"{BASE}/{path.removeprefix(kept)}"
        (folder.root / newest).parent.mkdir(parents=True, exist_ok=True)
        os.link(folder.root / path, folder.root / newest)
        folder.sizes[newest] = folder.sizes[path]


def _release(mart: Mart) -> dict[str, Any]:
    release = mart.release
    return {
        "id": release.release_id,
        "published_at": release.published_at,
        "as_of": release.as_of,
        "note": release.note,
    }


def _index(mart: Mart, kept: Sequence[int]) -> dict[str, Any]:
    return {
        "title": {"zh": "Flyover 已发布的终身学习指标", "en": "Published indicators of lifelong learning"},
        "version": "1",
        "release": _release(mart),
        "notice": NOTICE,
        "licence": LICENCE,
        "realms": sorted({number.realm for number in mart.numbers}),
        "links": {
            "indicators": "indicators.json",
            "areas": "areas.json",
            "indicator_json": "indicators/{code}.json",
            "indicator_csv": "indicators/{code}.csv",
            "indicator_csv_metadata": "indicators/{code}.csv-metadata.json",
            "schema": {
                name: f"schema/{name}.schema.json" for name in ("index", "indicators", "indicator", "areas")
            },
            "parquet": "../../parquet/{table}.parquet",
        },
        "releases": [
            {"id": number, "indicators": f"releases/{number}/indicators.json"} for number in sorted(kept, reverse=True)
        ],
    }  # fmt: skip


def _areas(mart: Mart) -> dict[str, Any]:
    return {
        "release": _release(mart),
        "areas": [{key: value for key, value in area.items() if key != "tile"} for area in areas(mart)],
    }


def _indicator(mart: Mart, code: str, numbers: Sequence[Number]) -> dict[str, Any]:
    shown = {number.dimension for number in numbers}
    versions = sorted({(number.method, number.version) for number in numbers})
    return {
        "release": _release(mart),
        "notice": NOTICE,
        "code": code,
        "definitions": [_definition(mart.definitions[code, *version]) for version in versions],
        "dimensions": {name: named for name, named in dimensions(mart).items() if name in shown},
        "targets": [target(row) for row in mart.targets if row["indicator_code"] == code],
        "columns": [column.name for column in COLUMNS],
        "observations": [[column.of(number) for column in COLUMNS] for number in numbers],
    }


def _definition(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "method": row["method"],
        "version": row["definition_version"],
        "subject": row["subject"],
        "name": {"zh": row["name_zh"], "en": row["name_en"]},
        "sentence": {"zh": row["sentence_zh"], "en": row["sentence_en"]},
        **{
            word: row[word]
            for word in (
                "formula", "source", "numerator", "denominator", "reference_date", "unit", "unit_of_count",
                "missing_return", "better",
            )
        },
    }  # fmt: skip


def _listed(code: str, document: Mapping[str, Any]) -> dict[str, Any]:
    status, realm = (document["columns"].index(column) for column in ("status", "realm"))
    published: dict[str, int] = defaultdict(int)
    for row in document["observations"]:
        published[row[realm]] += row[status] == "published"
    return {
        "code": code,
        "methods": [
            {word: definition[word] for word in ("method", "version", "subject", "name", "unit")}
            for definition in document["definitions"]
        ],
        "published": dict(published),
        "json": f"indicators/{code}.json",
        "csv": f"indicators/{code}.csv",
        "csv_metadata": f"indicators/{code}.csv-metadata.json",
    }


def _csv(numbers: Sequence[Number]) -> bytes:
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows([column.of(number) for column in COLUMNS] for number in numbers)
    return lines.getvalue().encode()
