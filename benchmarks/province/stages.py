"""The stages from file to release, each as one piece of work over a whole province, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.meter import Meter
from connectors import producer, registry, sink, vault
from connectors.pull import pull
from expectations.judging.judge import judge_ready
from pipeline import backlog
from pipeline.settings import Settings
from release.build import BuildReport, build_warehouse

READ, PUBLISH, LAND, VAULT, JUDGE, BUILD, LINK, POST, RELEASE = (
    "read and stage",
    "publish",
    "land",
    "vault",
    "judge",
    "build",
    "link, build what moved",
    "post credits, build them",
    "release",
)
_TESTS, _INDICATORS, _CORE, _AROUND = "data tests", "indicators", "core", "dbt itself"


@dataclass(frozen=True)
class Province:
    """Where one day's deliveries lie, by agency, and the servers that take them."""

    settings: Settings
    deliveries: Mapping[str, Sequence[Path]]

    def sources(self) -> list[str]:
        """Sources that deliver."""
        agencies = registry.load_all(self.settings.agencies_dir)
        return sorted({agencies[code].source for code in self.deliveries})


def read(province: Province, meter: Meter) -> None:
    """Every file of every agency: read, made pseudonymous, compared with what was said before, into the outbox."""
    agencies = registry.load_all(province.settings.agencies_dir)
    for code, origins in province.deliveries.items():
        for origin in origins:
            pull(province.settings, agencies[code], origin)
        meter.part(code)


def publish(province: Province, meter: Meter) -> None:
    """What is new, onto its topics."""
    producer.publish(province.settings)
    meter.part("all")


def land(province: Province, meter: Meter) -> None:
    """The topics into typed tables."""
    for source in province.sources():
        sink.drain(province.settings, sink.topics_of(province.settings, source), label=source)
        meter.part(source)


def keep_identities(province: Province, meter: Meter) -> None:
    """The sealed identities into the vault."""
    vault.drain_vault(province.settings)
    meter.part("all")


def judge(province: Province, meter: Meter) -> None:
    """Every rule over every batch."""
    for source in province.sources():
        judge_ready(province.settings, source)
        meter.part(source)


def build(province: Province, meter: Meter) -> None:
    """Core and the indicators before disclosure control."""
    _tell(meter, build_warehouse(province.settings))


def link(province: Province, meter: Meter) -> None:
    """Who is whom, and core again where links moved."""
    from linkage.run import link_persons

    if backlog.to_link(province.settings):
        moved = link_persons(province.settings).moved_anything
        meter.part("link")
        if moved:
            _tell(meter, build_warehouse(province.settings))


def post(province: Province, meter: Meter) -> None:
    """The ledger, and core again where postings were made."""
    from ledger.post import post as post_credits

    posted = post_credits(province.settings).run_id is not None
    meter.part("post")
    if posted:
        _tell(meter, build_warehouse(province.settings))


def release(province: Province, meter: Meter) -> None:
    """Disclosure control, and the published numbers."""
    from release.publish import publish_release

    publish_release(province.settings)
    meter.part("all")


STAGES: Mapping[str, Callable[[Province, Meter], None]] = {
    READ: read,
    PUBLISH: publish,
    LAND: land,
    VAULT: keep_identities,
    JUDGE: judge,
    BUILD: build,
    LINK: link,
    POST: post,
    RELEASE: release,
}


def import_engines() -> None:
    """What a worker has behind it before a task begins."""
    import great_expectations  # noqa: F401 - for its being imported


def _tell(meter: Meter, report: BuildReport) -> None:
    """Models run several at once, so their seconds may add up to more than the clock's."""
    for name, seconds in _seconds(report):
        meter.parts[name] = meter.parts.get(name, 0.0) + seconds


def _seconds(report: BuildReport) -> Iterator[tuple[str, float]]:
    for step in report.steps:
        kind = _TESTS if step.kind == "test" else _INDICATORS if step.name.startswith("ind") else _CORE
        yield kind, step.seconds
    yield _AROUND, max(0.0, report.seconds - sum(step.seconds for step in report.steps))
