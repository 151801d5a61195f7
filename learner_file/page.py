"""A learner's file as a page: one file that needs no network, prints on paper and reads on a phone."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import jinja2

from expectations.reports import report
from learner_file import words
from learner_file.file import LearnerFile, Line

_TEMPLATES = (Path(__file__).parent / "templates", Path(report.__file__).parent / "templates")


def render(file: LearnerFile, language: str, made_on: dt.date) -> str:
    """The page, in ``zh`` or ``en``."""
    return (
        _environment()
        .get_template("file.html.j2")
        .render(
            file=file,
            language=language,
            made_on=made_on,
            years=list(_by_year(file.lines)),
            said=lambda codes, code: words.said(getattr(words, codes), code, language),
            t=lambda zh, en: zh if language == "zh" else en,
        )
    )


def span(line: Line) -> str:
    """First and last day of a line; one day where they are the same."""
    begun = line.begun_date.isoformat() if line.begun_date else "?"
    if line.last_date == line.begun_date:
        return begun
    return f"{begun} – {line.last_date.isoformat() if line.last_date else ''}"


def measures(line: Line) -> str:
    """Score, hours and credits, as far as told."""
    told = ((line.score_pct, " %"), (line.learning_hours, " h"), (line.credits, " cr"))
    return " · ".join(f"{value:g}{unit}" for value, unit in told if value is not None)


def _by_year(lines: Sequence[Line]) -> Iterator[tuple[int | None, list[Line]]]:
    """Lines come in order of their first day; those without one last."""
    for year, group in itertools.groupby(lines, key=lambda line: line.begun_date.year if line.begun_date else None):
        yield year, list(group)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(span=span, measures=measures)
    return environment
