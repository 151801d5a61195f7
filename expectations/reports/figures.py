"""Small drawings of the quality pages: a score's course over deliveries, as inline SVG that can be read aloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from expectations.reports.facts import Point

TONES: tuple[tuple[Decimal, str, str], ...] = (
    (Decimal(100), "clean", "✓"),
    (Decimal("99.5"), "good", ""),
    (Decimal(97), "watch", "◆"),
    (Decimal(0), "poor", "▲"),
)
"""From this score on, its class, and the sign that says the same without colour."""
_LEAST_RANGE = 2.0
"""Points of score that a drawing spans at least, so that 99.9 after 100 is no cliff."""


def tone(score: Decimal | None) -> tuple[str, str]:
    """(class, sign) of a score."""
    if score is None:
        return "none", ""
    return next((name, sign) for least, name, sign in TONES if score >= least)


def shown(score: Decimal | None) -> str:
    """A score as it is read: 100, 99.84, —."""
    if score is None:
        return "—"
    return "100" if score == 100 else f"{score:.2f}"


def sparkline(points: Sequence[Point], *, width: int = 92, height: int = 26) -> Markup:
    """The course of a score in a table's cell; nothing with fewer than two points."""
    if len(points) < 2:
        return Markup('<span class="soft">—</span>')
    places = _places(points, width, height, margin=3.5)
    name, _ = tone(points[-1].score)
    x, y = places[-1]
    return Markup(  # noqa: S704 - numbers, and one text that is escaped
        f'<svg class="spark" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f"<title>{_said(points)}</title>"
        f'<polyline points="{_joined(places)}"/><circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="2.8"/></svg>'
    )


def course(points: Sequence[Point], *, width: int = 1080, height: int = 170) -> Markup:
    """The same large, with its scale, its first and last day, and a title on each point."""
    if len(points) < 2:
        return Markup("")
    low, high = _bounds(points)
    places = _places(points, width - 46, height - 24, margin=8)
    lines = [
        f'<svg class="course" role="img" viewBox="0 0 {width} {height}" preserveAspectRatio="xMinYMid meet">'
        f"<title>{_said(points)}</title>"
    ]
    for value in (high, (low + high) / 2, low):
        y = _height(value, low, high, height - 24, 8)
        lines.append(f'<line class="grid" x1="0" x2="{width - 46}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{width - 40}" y="{y + 4:.1f}">{value:.4g}</text>')
    lines.append(f'<polyline points="{_joined(places)}"/>')
    for point, (x, y) in zip(points, places, strict=True):
        title = escape(f"{point.judged_at:%Y-%m-%d %H:%M} UTC: {shown(point.score)}")
        name, _ = tone(point.score)
        lines.append(f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="3.6"><title>{title}</title></circle>')
    lines.append(f'<text x="4" y="{height - 5}">{points[0].judged_at:%Y-%m-%d}</text>')
    last = f'<text x="{width - 50}" y="{height - 5}" text-anchor="end">{points[-1].judged_at:%Y-%m-%d}</text>'
    return Markup("".join([*lines, last, "</svg>"]))  # noqa: S704 - numbers, and texts that are escaped


def _said(points: Sequence[Point]) -> str:
    scores = [point.score for point in points]
    return str(
        escape(
            f"近 {len(points)} 次报送的得分：最近 {shown(scores[-1])}，最低 {shown(min(scores))}，"
            f"最高 {shown(max(scores))} / score of the last {len(points)} deliveries: latest {shown(scores[-1])}, "
            f"lowest {shown(min(scores))}, highest {shown(max(scores))}"
        )
    )


def _bounds(points: Sequence[Point]) -> tuple[float, float]:
    scores = [float(point.score) for point in points]
    high = 100.0
    return max(0.0, min(min(scores), high - _LEAST_RANGE)), high


def _places(points: Sequence[Point], width: int, height: int, *, margin: float) -> list[tuple[float, float]]:
    low, high = _bounds(points)
    step = (width - 2 * margin) / (len(points) - 1)
    return [
        (margin + number * step, _height(float(point.score), low, high, height, margin))
        for number, point in enumerate(points)
    ]


def _height(value: float, low: float, high: float, height: int, margin: float) -> float:
    return margin + (high - value) / (high - low) * (height - 2 * margin)


def _joined(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


@dataclass(frozen=True)
class Range:
    """Where a measured value stands beside what was expected, in per cent of a drawn scale."""

    low: float
    width: float
    at: float
    out: bool


def range_of(compared: Mapping[str, Any]) -> Range | None:
    """Places a value on a scale half as wide again as what was expected; none where there is nothing to compare."""
    found = [value for name in ("observed", "low", "high") if isinstance(value := compared.get(name), int | float)]
    if len(found) < 3:
        return None
    observed, low, high = found
    least, most = min(low, observed), max(high, observed)
    margin = (most - least) * 0.15 or 1.0
    start, span = least - margin, most - least + 2 * margin
    return Range(
        low=round(100 * (low - start) / span, 1),
        width=round(100 * (high - low) / span, 1),
        at=round(100 * (observed - start) / span, 1),
        out=not low <= observed <= high,
    )


def measure(value: Any) -> str:
    """A measured number as it is read."""
    if value is None:
        return "…"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if value == int(value) else f"{value:,.4g}"


def share(value: float) -> str:
    """A small share in per cent; what happened once is not 0."""
    if value == 0:
        return "0%"
    return "<0.01%" if value < 0.01 else f"{value:.2f}%"


def change(points: Decimal) -> str:
    """Points of score gained or lost, with a sign that needs no colour."""
    return "±0" if not points else f"{'▲ +' if points > 0 else '▼ −'}{abs(points):.2f}"


def hours(value: Decimal | None) -> str:
    """A span of hours as it is read."""
    if value is None:
        return "—"
    return f"{value:.1f} h" if value < 48 else f"{value / 24:.1f} d"
