"""Sizing: the arithmetic by hand, what must hold for every load, and the page as the rates make it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.sizing import arithmetic, page
from pipeline.errors import ConfigurationError

RATES = arithmetic.read()
ROUND = {
    "drain_rows_per_s": 10_000, "drain_cpu_s": 20, "publish_cpu_s": 20, "pull_cpu_s": 60, "judge_cpu_s": 20,
    "model_cpu_s": 100, "message_bytes": 500, "compressed_share": 0.5, "landing_bytes": 400, "ledger_bytes": 100,
    "core_bytes": 1_000, "window_hours": 5, "peak_factor": 3, "busy_share": 0.5, "topic_days": 7, "copies": 3,
    "broker_mb_per_s": 50, "broker_gb": 1_000, "database_gb": 4_000, "database_cores": 32, "records_seen": 1_000_000,
}  # fmt: skip


def test_a_load_that_was_reckoned_by_hand() -> None:
    """360 million records a day in 5 hours: 20,000 rows/s, 60,000 at peak."""
    rates = {name: replace(rate, value=ROUND.get(name, rate.value)) for name, rate in RATES.items()}
    found = arithmetic.needs(rates, arithmetic.of_day("by hand", 360_000_000, 3_600_000_000))
    assert found.rows_per_s == 60_000
    assert (found.drains, found.partitions) == (12, 24), "60,000 / (half of 10,000); twice that"
    assert found.topics_gb == pytest.approx(360e6 * 7 * 750 / 1e9)
    assert found.brokers == 4, "1,890 GB / (half of 1,000) is 3.8; 45 MB/s alone would need 2"
    assert found.workers == 4, "360 × 200 CPU-s in 18,000 s are 4 cores, 8 at half their capacity, two a worker"
    assert found.cores == 9, "the drains' 0.4 more, at half of capacity 0.8"
    assert found.database_gb == pytest.approx(((3.6e9 + 365 * 360e6) * 500 + 3.6e9 * 1_000) / 1e9)
    assert found.first_load_days == pytest.approx(3_600 * 220 / (0.5 * 9) / 86_400)
    assert (found.beyond, found.basis) == (3_600, "extrapolated × 3,600")


def test_more_records_never_take_less_and_what_was_seen_is_told_from_what_was_not() -> None:
    before = None
    for exponent in range(3, 10):
        found = arithmetic.needs(RATES, arithmetic.of_day("a load", 10**exponent))
        size = (found.brokers, found.partitions, found.drains, found.workers, found.cores, found.databases)
        assert found.partitions >= 2 * found.drains
        assert found.brokers == 1 or found.brokers >= 3, "two cannot outvote one"
        assert found.basis.startswith("extrapolated") == (found.beyond > 1)
        if before:
            assert all(now >= then for now, then in zip(size, before, strict=True))
        before = size


def test_every_figure_says_where_it_is_from(tmp_path: Path) -> None:
    (tmp_path / "rates.yaml").write_text("x: {value: 1, unit: u, basis: measured, source: somewhere}")
    with pytest.raises(ConfigurationError, match="x: a positive value"):
        arithmetic.read(tmp_path / "rates.yaml")


def test_the_page_is_what_the_rates_make() -> None:
    assert page.written(RATES) in page.PAGE.read_text(encoding="utf-8"), "./flyover sizing --page writes it anew"
