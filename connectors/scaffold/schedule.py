"""Changes when an agency is asked: the lines of its yml that say so, and no other."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import yaml
from croniter import croniter

from connectors import registry
from connectors.registry import Agency
from pipeline import names
from pipeline.errors import BadInput

EVENT = "event"
"""Instead of five cron fields: whenever something arrives."""


def reschedule(checkout: Path, code: str, schedule: str, expected_by: str | None = None) -> tuple[Agency, Agency]:
    """Write ``schedule``, and ``expected_by`` where one is given, into ``connectors/agencies/<code>.yml``.

    Comments and every other line stay. Whoever reads meanwhile finds the old file or the new one.

    :returns: the agency as it was, and as it is read back
    :raises BadInput: there is no such agency, or the five fields are no time
    :raises ConfigurationError: naming the setting whose value is wrong; nothing was written
    """
    path = checkout / "connectors" / "agencies" / f"{names.agency(code)}.yml"
    if not path.exists():
        raise BadInput("there is no such agency", agency=code, advice="./flyover schedule show lists them.")
    if schedule != EVENT and not croniter.is_valid(schedule):
        raise BadInput(f"schedule {schedule!r} is no time: write minute, hour, day, month, weekday", agency=code)
    before, text = registry.read(path), path.read_text(encoding="utf-8")
    text = _with(text, "schedule", None if schedule == EVENT else schedule)
    if expected_by is not None or schedule == EVENT:
        text = _with(text, "expected_by", expected_by)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        draft = Path(folder) / path.name
        draft.write_text(text, encoding="utf-8")
        draft.chmod(path.stat().st_mode)
        after = registry.read(draft)
        os.replace(draft, path)
    return before, after


def _with(text: str, setting: str, value: str | None) -> str:
    """The yml with one setting changed, its comment kept; put at the end where it was not said."""
    said = "null" if value is None else f'"{value}"'
    line = re.compile(rf"^{setting}:[^#\n]*?(?P<comment>[ \t]+#.*)?$", re.MULTILINE)
    if line.search(text):
        return line.sub(lambda found: f"{setting}: {said}{found['comment'] or ''}", text, count=1)
    assert setting not in (yaml.safe_load(text) or {}), setting  # noqa: S101 - a yml of ours has a setting a line
    return f"{text.rstrip()}\n{setting}: {said}\n"
