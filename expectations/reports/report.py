"""Writes the quality report: one HTML file that opens without a network, in Chinese and English.

Overview, agency, entity, rule, batch; made from ``quality.*`` and the quarantine queue alone. It shows counts and row
keys and never a value of a row. Agencies of the simulated province are labelled so wherever they appear.
"""

from __future__ import annotations

import os
from pathlib import Path

import jinja2

from expectations.reports import facts as report_facts
from expectations.reports.facts import PARTS, Facts
from pipeline.settings import Settings

NAME = "quality.html"
_TEMPLATES = Path(__file__).parent / "templates"


def write(settings: Settings) -> Path:
    """Write the report anew; its path. A reader sees the old file or the new one, never half of it."""
    page = render(report_facts.gather(settings))
    settings.reports_dir.mkdir(parents=True, exist_ok=True)
    path = settings.reports_dir / NAME
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(path)
    return path


def render(facts: Facts) -> str:
    """The page of these facts."""
    return environment().get_template("quality.html.j2").render(facts=facts, parts=PARTS)


def environment(*folders: Path) -> jinja2.Environment:
    """Templates of ours, those of ``folders`` first; what is put into them is escaped, what is missing an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, _TEMPLATES]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters["count"] = lambda number: f"{number:,}"
    made.filters["pct"] = _pct
    made.filters["moment"] = lambda at: f"{at:%Y-%m-%d %H:%M} UTC" if at else "—"
    return made


def _pct(share: float) -> str:
    """A share that is not whole never reads 100%: the second decimal is cut, not rounded."""
    return f"{share:.0f}%" if share in (0.0, 100.0) else f"{int(share * 100) / 100:.2f}%"
