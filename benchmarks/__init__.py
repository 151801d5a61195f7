"""Benchmarks: contenders side by side in one run on one machine, as ratios and processor time. See README.md."""

BENCHMARKS = {
    "fresh": "benchmarks.fresh.bench",
    "judge": "benchmarks.judge.bench",
    "land": "benchmarks.land.bench",
    "ledger": "benchmarks.ledger.bench",
    "linkage": "benchmarks.linkage.bench",
    "model": "benchmarks.model.bench",
    "province": "benchmarks.province.bench",
    "publish": "benchmarks.publish.bench",
    "release": "benchmarks.release.bench",
    "startup": "benchmarks.startup.bench",
}
"""Name → module with ``run(command, progress, *, rows, rounds) -> Report``; ``rows`` None: what the aim speaks of.

One that takes a stream also takes ``rate``.
"""
