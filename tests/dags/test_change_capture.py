"""Agencies whose database is captured: woken by their raw topic, looked after by their calendar, alone in both."""

from __future__ import annotations

from typing import Any

from airflow.sdk import AssetAny

from connectors import registry
from dags.wiring import assets
from dags.wiring.watcher import TopicWatcher, topics_of
from pipeline import names
from pipeline.settings import CHECKOUT

AGENCIES = registry.load_all(CHECKOUT / "connectors" / "agencies")


def test_any_word_of_an_agency_wakes_its_dag(dagbag: Any) -> None:
    for code, agency in AGENCIES.items():
        schedule = dagbag.dags[names.ingest_dag(agency.source, code)].timetable.asset_condition
        assert isinstance(schedule, AssetAny)
        wanted = [assets.delivery(code), *([assets.changes(code)] if agency.transport == "cdc" else [])]
        assert [asset.uri for asset in schedule.objects] == [asset.uri for asset in wanted]


def test_a_raw_topic_is_watched_by_itself() -> None:
    (watcher,) = assets.changes("hr-lishui").watchers
    assert isinstance(watcher.trigger, TopicWatcher)
    assert topics_of(None, watcher.trigger.source) == ["raw.hr-lishui.changes"]  # type: ignore[arg-type]


def test_no_topic_that_is_landed_is_raw() -> None:
    from pipeline.settings import Settings

    settings: Any = Settings(CHECKOUT, "", "", 0, "", None)  # type: ignore[arg-type]
    landed = {
        topic for source in {agency.source for agency in AGENCIES.values()} for topic in topics_of(settings, source)
    }
    assert landed
    assert not any(names.is_raw(topic) for topic in landed)
