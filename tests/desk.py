"""Deliveries for the desk's tests: taken in and judged as the stages do it, and their receipts read back."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors import producer, pull, registry, sink
from connectors.registry import Agency
from expectations.judging import judge
from pipeline.settings import Settings
from portal.agency import desk, receipt_page, receipts, tables
from portal.agency.mend_file import MendFile
from portal.agency.receipt import Receipt


def known(settings: Settings, code: str) -> Agency:
    """An agency of this checkout."""
    return registry.load_all(settings.agencies_dir)[code]


def carry(settings: Settings, agency: Agency, origin: Path) -> uuid.UUID:
    """Take a delivery from its file to the verdict; its delivery id."""
    delivery = pull.pull(settings, agency, origin)
    forward(settings, agency.source)
    return delivery.delivery_id


def forward(settings: Settings, source: str) -> None:
    """Carry what is staged of a source to the verdict."""
    producer.publish(settings, source=source)
    sink.drain(settings, sink.topics_of(settings, source))
    judge.judge_ready(settings, source)


def receipt(settings: Settings, agency: Agency, receipt_id: uuid.UUID) -> Receipt:
    """The receipt, which must be there."""
    with desk.opened(settings, agency.agency_code) as connection:
        found = receipts.gather(connection, settings, agency, receipt_id)
    assert found is not None
    return found


def written(settings: Settings, agency: Agency, receipt_id: uuid.UUID, language: str = "en") -> Mapping[str, bytes]:
    """Every form of a receipt by its name: html, csv, json, and fix.<table> where there are rows to mend."""
    words: registry.Language = "zh" if language == "zh" else "en"
    with desk.opened(settings, agency.agency_code) as connection:
        found = receipts.gather(connection, settings, agency, receipt_id)
        assert found is not None
        return {
            "html": receipt_page.render(connection, found, words).encode(),
            "csv": b"".join(tables.as_csv(connection, found, words)),
            "json": b"".join(tables.as_json(connection, found, words)),
            **{
                f"fix.{part.anchor}": b"".join(
                    MendFile(connection, settings.secrets, agency.agency_code, part, words).as_csv()
                )
                for part in found.parts
                if part.to_mend
            },
        }


def document(forms: Mapping[str, bytes]) -> dict[str, Any]:
    """The JSON form, read."""
    return dict(json.loads(forms["json"]))


def sheet(content: bytes) -> list[dict[str, str]]:
    """A CSV as a spreadsheet reads it: with its mark of UTF-8, by the header."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
