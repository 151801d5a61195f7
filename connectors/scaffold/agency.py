"""Writes one agency's yml: what its sister agencies have in common is taken over, the rest must be told."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

import yaml
from croniter import croniter

from connectors import registry, sources
from connectors.registry import Agency, TransportKind
from pipeline import contracts, names
from pipeline.errors import BadInput

ASKED: Final[Mapping[str, str]] = {
    "name_zh": "Name in Chinese",
    "name_en": "Name in English",
    "area": "Area (province, simulated or outside)",
    "sector": f"Sector ({', '.join(get_args(registry.Sector))})",
    "owner": "Who answers for the feed",
}
"""Settings that only a person knows, unless sister agencies agree on them, and how they are asked for."""
_TAKEN_OVER: Final = ("sector", "owner", "time_zone")
_SECRETS: Final[Mapping[str, tuple[str, ...]]] = {
    "rest": ("client_id", "client_secret"),
    "sql": ("password",),
    "cdc": ("password",),
}
_COMMENTS: Final[Mapping[str, str]] = {
    "source": "the form it delivers in",
    "area": "province: counts in the province's numbers; simulated; outside: enters none",
    "mode": "bulk: a delivery is the whole truth; delta: what changed; append: nothing disappears",
    "transport": "file: its drop folder or an upload; else how its live system is asked",
    "schedule": "five cron fields in its own time zone; null = whenever something arrives",
    "expected_by": "local time after which a scheduled delivery is late",
    "owner": "who answers for the feed",
    "term_calendar": "{name, begins, ends}; ends is the first day after the term",
    "params": "what only this source knows: see its data sheet",
    "secret_names": "names alone: ./flyover secret keeps the values",
}
_ORDER: Final = (
    "agency_code", "name_zh", "name_en", "sector", "source", "transport", "area", "mode", "schedule", "expected_by",
    "time_zone", "owner", "paused", "term_calendar", "params", "secret_names",
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """An agency's new file, and the agency as it is read back from it."""

    path: Path
    agency: Agency


def write(
    checkout: Path, code: str, source: str, told: Mapping[str, Any], ask: Callable[[str], str] | None = None
) -> Written:
    """Write ``connectors/agencies/<code>.yml`` and no other file.

    ``told`` are settings by name, as far as they were given; ``ask`` answers for the rest of :data:`ASKED`.

    :raises BadInput: the agency is there already, the source is unknown, or something only a person knows is missing
    :raises ConfigurationError: naming the setting whose value is wrong; nothing was written
    """
    path = checkout / "connectors" / "agencies" / f"{names.agency(code)}.yml"
    if path.exists():
        raise BadInput("there is such an agency already", agency=code, advice=f"Edit {path.relative_to(checkout)}.")
    _check_source(checkout, source)
    sisters = registry.of_source(path.parent, source)
    transport = told.get("transport", "file")
    settings = _complete({**_in_common(sisters, transport), **told}, ask, code)
    settings |= {"agency_code": code, "source": source, "transport": transport}
    settings.setdefault("secret_names", _secrets(sisters, transport))
    _check_more(settings)
    text = _text(settings)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / path.name
        draft.write_text(text, encoding="utf-8")
        registry.read(draft)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return Written(path, registry.read(path))


def _check_source(checkout: Path, source: str) -> None:
    known = contracts.load_all(checkout / "contracts")
    if not any(owner == source for owner, _ in known):
        listed = ", ".join(sorted({owner for owner, _ in known}))
        raise BadInput(f"no source {source}", advice=f"Known: {listed}; a new one: ./flyover new-source.")


def _in_common(sisters: Sequence[Agency], transport: str) -> dict[str, Any]:
    """What most agencies of the source say; of the mode, those that are asked in the same way."""
    found: dict[str, Any] = {"time_zone": "Asia/Shanghai", "mode": "delta" if transport == "cdc" else "bulk"}
    for setting in _TAKEN_OVER:
        if said := Counter(getattr(sister, setting) for sister in sisters):
            found[setting] = said.most_common(1)[0][0]
    alike = [sister for sister in sisters if sister.transport == transport]
    alike = alike or [sister for sister in sisters if "cdc" not in (transport, sister.transport)]
    if said := Counter(sister.mode for sister in alike):
        found["mode"] = said.most_common(1)[0][0]
    return found


def _complete(given: dict[str, Any], ask: Callable[[str], str] | None, code: str) -> dict[str, Any]:
    missing = [setting for setting in ASKED if not given.get(setting)]
    if missing and ask is None:
        options = ", ".join(f"--{setting.replace('_', '-')}" for setting in missing)
        raise BadInput(f"not everything is known of it: {options}", agency=code, advice="Give what is missing.")
    return given | {setting: ask(ASKED[setting]).strip() for setting in missing if ask is not None}


def _secrets(sisters: Sequence[Agency], transport: str) -> list[str]:
    alike = [sister for sister in sisters if sister.transport == transport]
    return list(alike[0].secret_names if alike else _SECRETS.get(transport, ()))


def _check_more(settings: Mapping[str, Any]) -> None:
    """What :func:`connectors.registry.read` cannot know: whether the clock and the wire exist."""
    code, source, transport = settings["agency_code"], settings["source"], settings["transport"]
    schedule = settings.get("schedule")
    if schedule is not None and not croniter.is_valid(schedule):
        raise BadInput(f"schedule {schedule!r} is no time: write minute, hour, day, month, weekday", agency=code)
    if transport in get_args(TransportKind) and transport not in ("file", "cdc"):
        offered = getattr(sources.load(source), "transports", {})
        if transport not in offered:
            known = ", ".join(sorted({"file", "cdc", *offered}))
            raise BadInput(f"{source} cannot be asked by {transport}", agency=code, advice=f"It knows {known}.")


def _text(settings: Mapping[str, Any]) -> str:
    quiet: dict[str, Any] = {"schedule": None, "expected_by": None, "paused": False, "term_calendar": [], "params": {}}
    whole = {**quiet, **settings}
    lines = []
    for setting in _ORDER:
        comment = f"  # {_COMMENTS[setting]}" if setting in _COMMENTS else ""
        lines.append(f"{setting}: {_scalar(whole[setting])}{comment}\n")
    return "".join(lines)


def _scalar(value: Any) -> str:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000, sort_keys=False)
    return text.removesuffix("...\n").strip()
