"""Metadata beside a CSV file, as the W3C's CSV on the Web wants it: columns, their types and meaning, the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.publishing.columns import COLUMNS
from portal.publishing.reading import Mart

CONTEXT = "http://www.w3.org/ns/csvw"


def metadata(mart: Mart, code: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of an indicator's CSV; ``document`` is its JSON document."""
    first = document["definitions"][0]
    return {
        "@context": CONTEXT,
        "@id": f"{code}.csv",
        "url": f"{code}.csv",
        "dc:title": [{"@value": first["name"][lang], "@language": lang} for lang in ("zh", "en")],
        "dc:description": [{"@value": first["sentence"][lang], "@language": lang} for lang in ("zh", "en")],
        "dc:issued": mart.release.published_at,
        "dc:identifier": f"release {mart.release.release_id}",
        "rdfs:comment": [{"@value": document["notice"][lang], "@language": lang} for lang in ("zh", "en")],
        "dialect": {"encoding": "utf-8", "lineTerminators": ["\r\n"], "header": True},
        "tableSchema": {
            "columns": [
                {
                    "name": column.name,
                    "titles": {"und": column.name, "zh": column.zh},
                    "datatype": column.datatype,
                    "required": column.is_key or column.name in ("status", "unit", "definition_version", "as_of"),
                    "dc:description": mart.comments.get(column.name, column.name),
                }
                for column in COLUMNS
            ],
            "primaryKey": [column.name for column in COLUMNS if column.is_key],
        },
    }
