"""Holds a batch's profile against those of earlier batches, and says in both languages why it does or does not fit.

Where there is too little to compare a rule passes, and its evidence says so.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from expectations.judging import bands
from expectations.judging.bands import Band
from expectations.judging.profile import Profile
from expectations.rules.checks import History

WHOLE = "bulk"
"""Only here does a delivery say of each record whether it still exists, so that its size means something."""


@dataclass(frozen=True)
class Compared:
    """What a rule about history found; it fails when the observed figure lies outside the bounds."""

    observed: float | None = None
    low: float | None = None
    high: float | None = None
    baseline: float | None = None
    batches: tuple[uuid.UUID, ...] = ()
    because_zh: str = ""
    because_en: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)

    @property
    def fails(self) -> bool:
        """Whether the figure is out of bounds."""
        if self.observed is None:
            return False
        return (self.low is not None and self.observed < self.low) or (
            self.high is not None and self.observed > self.high
        )

    def evidence(self) -> dict[str, Any]:
        """As it is kept with the rule's result."""
        return {
            "observed": self.observed,
            "low": self.low,
            "high": self.high,
            "baseline": self.baseline,
            "batches": len(self.batches),
            "batch_ids": [str(batch) for batch in self.batches],
            "because": {"zh": self.because_zh, "en": self.because_en},
            "thresholds": dict(self.thresholds),
        }


def compare(check: History, now: Profile, before: Sequence[Profile]) -> Compared:
    """Hold a batch against earlier ones, newest first."""
    return _MEASURES[check.measure](check, now, before)


def _volume(check: History, now: Profile, before: Sequence[Profile]) -> Compared:
    if now.detail("volume").get("mode") != WHOLE:
        return Compared(
            because_zh="增量报送没有自身的总量，不作比较。",
            because_en="a delivery of changes has no volume of its own; not compared",
        )
    past = [(p.batch_id, p.value("volume")) for p in before]
    return _held_against(check, now.value("volume"), past, ("本次报送共", "行", "rows"))


def _deleted_share(check: History, now: Profile, before: Sequence[Profile]) -> Compared:
    if now.detail("volume").get("mode") != WHOLE:
        return Compared(
            because_zh="增量报送中的删除由其自身决定，不作比较。",
            because_en="in a delivery of changes deletions come as they come; not compared",
        )
    if (few := _too_few(check, now.detail("deleted_share").get("of", 0))) is not None:
        return few
    past = [(p.batch_id, p.value("deleted_share")) for p in before]
    return _held_against(check, now.value("deleted_share"), past, ("被删除记录的比例为", "", "of its records deleted"))


def _null_share(check: History, now: Profile, before: Sequence[Profile]) -> Compared:
    rows = now.value("rows") or 0
    if (few := _too_few(check, rows)) is not None:
        return few
    past = [(p.batch_id, p.value("null_share", check.column)) for p in before if _enough_rows(check, p)]
    said = (f"{check.column} 为空的比例为", "", f"of {check.column} empty")
    return _held_against(
        check, now.value("null_share", check.column), past, said, lambda middle: bands.share_noise(middle, rows)
    )


def _mean(check: History, now: Profile, before: Sequence[Profile]) -> Compared:
    detail = now.detail("number", check.column)
    if (few := _too_few(check, detail.get("n", 0))) is not None:
        return few
    past = [
        (p.batch_id, p.value("number", check.column))
        for p in before
        if p.detail("number", check.column).get("n", 0) >= check.thresholds["rows"]
    ]
    noise = bands.mean_noise(detail.get("deviation") or 0.0, detail["n"])
    said = (f"{check.column} 的平均值为", "", f"as the mean of {check.column}")
    return _held_against(check, now.value("number", check.column), past, said, lambda _: noise)


def _distribution(check: History, now: Profile, before: Sequence[Profile]) -> Compared:
    """The stability index of this batch against all earlier ones together, held against theirs among themselves."""
    rows = now.value("rows") or 0
    if (few := _too_few(check, rows)) is not None:
        return few
    past = [(p.batch_id, p.detail("codes", check.column)) for p in before if _enough_rows(check, p)]
    past = [(batch, counts) for batch, counts in past if counts]
    if len(past) < check.thresholds["batches"]:
        return _not_enough(check, past)
    together = _sum([counts for _, counts in past])
    counts_now = now.detail("codes", check.column)
    observed = bands.stability_index(counts_now, together)
    own = [
        bands.stability_index(counts, {code: n - counts.get(code, 0) for code, n in together.items()})
        for _, counts in past
    ]
    codes = len(set(together) | set(counts_now))
    chance = bands.chance_index(codes, rows, sum(together.values()))
    usual = bands.band(own, spread=check.thresholds["spread"])
    high = max(usual.high, check.thresholds["change"], chance)
    moved = _most_moved(counts_now, together)
    return Compared(
        observed=observed,
        high=high,
        baseline=usual.baseline,
        batches=tuple(batch for batch, _ in past),
        thresholds=check.thresholds,
        because_zh=f"{check.column} 各代码占比与此前 {len(past)} 批相比的稳定性指数为 {_shown(observed)}，"
        f"此前各批之间一般为 {_shown(usual.baseline)}，上限 {_shown(high)}；变动最大：{moved}。",
        because_en=f"the shares of the codes of {check.column} against the {len(past)} batches before give a stability "
        f"index of {_shown(observed)}; among themselves these show {_shown(usual.baseline)}, the limit is "
        f"{_shown(high)}; moved most: {moved}",
    )


def _last_term(check: History, now: Profile, before: Sequence[Profile]) -> Compared:
    observed, detail = now.value("last_term"), now.detail("last_term")
    if observed is None or detail.get("before") is None:
        return Compared(because_zh="没有可比较的上一学期。", because_en="there is no earlier term to compare with")
    middle, times, change = float(detail["before"]), check.thresholds["times"], check.thresholds["change"]
    band = bands.band([middle], spread=0, times=times, change=change)
    return Compared(
        observed=observed,
        low=band.low if check.sides != "high" else None,
        high=band.high if check.sides != "low" else None,
        baseline=middle,
        thresholds=check.thresholds,
        because_zh=f"{detail['term']} 开始的学期有 {_shown(observed)} 人次在读，"
        f"{detail['term_before']} 开始的上一学期为 {_shown(middle)}；"
        f"允许范围 {_shown(band.low)}～{_shown(band.high)}。",
        because_en=f"the term from {detail['term']} has {_shown(observed)} enrolments, the one from "
        f"{detail['term_before']} had {_shown(middle)}; expected {_shown(band.low)} to {_shown(band.high)}",
    )


_MEASURES: Mapping[str, Callable[[History, Profile, Sequence[Profile]], Compared]] = {
    "volume": _volume,
    "deleted_share": _deleted_share,
    "null_share": _null_share,
    "distribution": _distribution,
    "mean": _mean,
    "last_term": _last_term,
}


def _held_against(
    check: History,
    observed: float | None,
    found: Sequence[tuple[uuid.UUID, float | None]],
    said: tuple[str, str, str],
    noise: Callable[[float], float] = lambda middle: 0.0,
) -> Compared:
    past = [(batch, value) for batch, value in found if value is not None]
    if observed is None or len(past) < check.thresholds["batches"]:
        return _not_enough(check, past)
    values, limits = [value for _, value in past], check.thresholds
    middle = bands.band(values, spread=0).baseline
    band: Band = bands.band(
        values,
        spread=limits["spread"],
        times=limits.get("times"),
        change=limits.get("change", 0.0),
        noise=noise(middle),
    )
    zh, unit, en = said
    reasons_zh, reasons_en = _reasons(limits, values, noise(middle))
    low = band.low if check.sides != "high" else None
    high = band.high if check.sides != "low" else None
    return Compared(
        observed=observed,
        low=low,
        high=high,
        baseline=middle,
        batches=tuple(batch for batch, _ in past),
        thresholds=limits,
        because_zh=f"{zh} {_shown(observed)}{unit and ' '}{unit}，此前 {len(past)} 批的中位数为 {_shown(middle)}；"
        f"偏离须同时超过{'、'.join(reasons_zh)}才报警，允许范围：{_range_zh(low, high)}。",
        because_en=f"{_shown(observed)} {en}; the median of the {len(past)} batches before is {_shown(middle)}. Only "
        f"what is further off than {' and '.join(reasons_en)} alarms: expected {_range_en(low, high)}",
    )


def _reasons(limits: Mapping[str, float], past: Sequence[float], noise: float) -> tuple[list[str], list[str]]:
    """Every bound that a figure has to leave before it counts as unusual."""
    usual = limits["spread"] * bands.robust_deviation(past)
    zh = [f"以往波动的 {_shown(limits['spread'])} 倍（{_shown(usual)}）"]
    en = [f"{_shown(limits['spread'])} robust deviations ({_shown(usual)})"]
    if "times" in limits:
        zh.append(f" {_shown(limits['times'])} 倍")
        en.append(f"a factor of {_shown(limits['times'])}")
    if "change" in limits:
        zh.append(f" {_shown(limits['change'])}")
        en.append(_shown(limits["change"]))
    if noise:
        zh.append(f"行数所致的偶然误差（{_shown(noise)}）")
        en.append(f"what so few rows stray by chance ({_shown(noise)})")
    return zh, en


def _range_zh(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{_shown(low)}～{_shown(high)}"
    return f"不低于 {_shown(low)}" if low is not None else f"不高于 {_shown(high or 0.0)}"


def _range_en(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{_shown(low)} to {_shown(high)}"
    return f"at least {_shown(low)}" if low is not None else f"at most {_shown(high or 0.0)}"


def _not_enough(check: History, past: Sequence[object]) -> Compared:
    wanted = int(check.thresholds["batches"])
    return Compared(
        because_zh=f"历史不足：可比较的批次有 {len(past)} 个，至少需要 {wanted} 个。",
        because_en=f"not enough history yet: {len(past)} batches to compare with, {wanted} are needed",
        thresholds=check.thresholds,
    )


def _too_few(check: History, rows: float) -> Compared | None:
    if rows >= check.thresholds["rows"]:
        return None
    wanted = int(check.thresholds["rows"])
    return Compared(
        because_zh=f"行数太少，不作比较：{int(rows)} 行，至少需要 {wanted} 行。",
        because_en=f"too few rows to compare: {int(rows)}, {wanted} are needed",
        thresholds=check.thresholds,
    )


def _enough_rows(check: History, past: Profile) -> bool:
    return (past.value("rows") or 0) >= check.thresholds["rows"]


def _sum(counts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for one in counts:
        for code, rows in one.items():
            total[code] = total.get(code, 0) + rows
    return total


def _most_moved(now: Mapping[str, float], before: Mapping[str, float], most: int = 3) -> str:
    rows, past = sum(now.values()) or 1, sum(before.values()) or 1
    shares = {code: (before.get(code, 0) / past, now.get(code, 0) / rows) for code in {*now, *before}}
    order = sorted(shares, key=lambda code: (-abs(shares[code][0] - shares[code][1]), code))
    return ", ".join(f"{code} {shares[code][0]:.0%} → {shares[code][1]:.0%}" for code in order[:most])


def _shown(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.3g}"
