"""A receipt as a page: one file that needs no network, prints, and reads on a phone."""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from connectors.registry import Language
from expectations.reports import report
from expectations.reports.facts import PARTS
from pipeline.db import Connection
from portal.agency import corrections, rows
from portal.agency.receipt import Part, Receipt
from portal.agency.rows import KeptRow
from portal.words import STATES, STATUSES, say

TEMPLATES = Path(__file__).parents[1] / "templates"
SHOWN_ROWS = 100
"""Rows of one table that a page shows at a time; the CSV has them all."""
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
TONES: Mapping[str, str] = {
    "waiting": "calm",
    "processing": "calm",
    "held": "warn",
    "to_mend": "warn",
    "accepted": "good",
    "unchanged": "good",
    "withdrawn": "bad",
    "refused": "bad",
}


@dataclass(frozen=True)
class Links:
    """Addresses of the desk that a page shows; a page that stands alone has none."""

    home: str = ""
    here: str = ""
    other_language: str = ""
    csv: str = ""
    json: str = ""
    mend: str = ""
    """before ``/<table>.csv`` and ``/<table>.xlsx``"""
    receipts: str = ""
    """before ``/<delivery>``"""


@dataclass(frozen=True)
class Shown:
    """Some rows of one table, and the place behind which there are more."""

    rows: Sequence[KeptRow]
    more_after: int | None


def render(
    connection: Connection[Any],
    receipt: Receipt,
    language: Language,
    *,
    links: Links | None = None,
    after: Mapping[str, int] | None = None,
) -> str:
    """The page; ``after`` says by table behind which row it goes on."""
    begin = after or {}
    shown = {part.anchor: _shown(connection, part, begin.get(part.anchor, -1)) for part in receipt.parts}
    return (
        environment()
        .get_template("receipt.html.j2")
        .render(
            receipt=receipt,
            language=language,
            shown=shown,
            answers=list(corrections.answers(connection, receipt, limit=SHOWN_ROWS)),
            after=begin,
            links=links or Links(),
            states=STATES,
            statuses=STATUSES,
            tones=TONES,
            book_parts=PARTS,
            t=lambda zh, en: zh if language == "zh" else en,
            say=lambda text: say(text, language),
            local=lambda at: at.astimezone(zoneinfo.ZoneInfo(receipt.agency.time_zone)).strftime("%Y-%m-%d %H:%M"),
        )
    )


@functools.cache
def environment() -> jinja2.Environment:
    """Templates of the desk and of the quality report, whose look it shares."""
    return report.environment(TEMPLATES)


def style_hash(page: str) -> str:
    """What a Content-Security-Policy must name so that a page's own style is used, and no other."""
    found = _STYLE.search(page)
    digest = hashlib.sha256((found[1] if found else "").encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _shown(connection: Connection[Any], part: Part, after: int) -> Shown:
    if part.is_under_way:
        return Shown((), None)
    found = list(itertools.islice(rows.of_part(connection, part, after=after, limit=SHOWN_ROWS + 1), SHOWN_ROWS + 1))
    more = len(found) > SHOWN_ROWS
    return Shown(found[:SHOWN_ROWS], found[SHOWN_ROWS - 1].seq if more else None)
