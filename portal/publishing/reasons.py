"""data/revisions, data/gaps.json and data/traces.json: why a number changed, why there is none, where it comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from portal.publishing.files import short
from portal.publishing.reading import Mart, Row


def revisions_files(mart: Mart) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and document (the type RevisionsFile) of every indicator that the release shows otherwise."""
    deliveries: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in mart.deliveries:
        deliveries[row["realm"], row["indicator_code"]].append(_delivery(row))
    for key, rows in groupby(mart.revisions, key=lambda r: (r["realm"], r["indicator_code"])):
        changed = list(rows)
        realm, indicator = key
        yield (
            f"data/revisions/{realm}/{indicator}.json",
            {
                "indicator": indicator,
                "realm": realm,
                "before": changed[0]["earlier_release_id"],
                "after": mart.release.release_id,
                "changes": [_change(row) for row in changed],
                "batches": deliveries[key],
                "definitions": _definitions(mart, changed),
            },
        )


def gaps(mart: Mart) -> list[dict[str, Any]]:
    """The document of the type GapsFile."""
    found: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in mart.gaps:
        found[row["realm"], row["indicator_code"], row["method"], row["missing_return"] or ""].append(row)
    return [
        {
            "indicator": indicator,
            "method": method,
            "realm": realm,
            "missing_return": missing,
            "sources": list(rows[0]["send_to_sources"]),
            "numbers": len(rows),
            "areas": sorted({row["area_code"] for row in rows if row["area_level"] != "province"}),
        }
        for (realm, indicator, method, missing), rows in sorted(found.items())
    ]


def traces(mart: Mart) -> list[dict[str, Any]]:
    """The document of the type TracesFile."""
    return [
        {
            "indicator": indicator,
            "method": method,
            "realm": realm,
            "agencies": [
                {
                    "code": row["agency_code"],
                    "zh": row["agency_name_zh"],
                    "en": row["agency_name_en"],
                    "entities": list(row["entities"]),
                    "batches": row["batches"],
                    "newest": row["newest"],
                }
                for row in rows
            ],
        }
        for (indicator, method, realm), rows in groupby(
            mart.sources, key=lambda r: (r["indicator_code"], r["method"], r["realm"])
        )
    ]


def _change(row: Row) -> dict[str, Any]:
    return {
        "method": row["method"],
        "area": row["area_code"],
        "period": row["period"],
        "dimension": row["dimension"],
        "member": row["member"],
        "old": _seen(row["old_status"], row["old_value"]),
        "new": _seen(row["new_status"], row["new_value"]),
        "why": row["why"],
    }


def _definitions(mart: Mart, changed: list[Row]) -> list[dict[str, Any]]:
    """How a definition read and how it reads, for each method of which it is the reason."""
    found = []
    for series in sorted({(row["indicator_code"], row["method"]) for row in changed if row["why"] == "definition"}):
        versions = sorted(version for *known, version in mart.definitions if tuple(known) == series)
        if len(versions) > 1:
            old, new = (mart.definitions[(*series, version)] for version in versions[-2:])
            found.append({"method": series[1], "old": _read(old), "new": _read(new)})
    return found


def _read(definition: Row) -> dict[str, Any]:
    return {
        "version": definition["definition_version"],
        "sentence": {"zh": definition["sentence_zh"], "en": definition["sentence_en"]},
    }


def _seen(status: str | None, value: float | None) -> dict[str, Any] | None:
    return None if status is None else {"status": status, "value": short(value)}


def _delivery(row: Row) -> dict[str, Any]:
    return {
        "agency": row["agency_code"],
        "agency_name": {"zh": row["agency_name_zh"], "en": row["agency_name_en"]},
        "entity": row["entity"],
        "what": row["what"],
        "deliveries": row["deliveries"],
        "newest": row["newest"],
    }
