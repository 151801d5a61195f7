"""The assets that carry the work from stage to stage; an event on one is a wake-up, never the data."""

from __future__ import annotations

from airflow.sdk import Asset, AssetAlias, AssetWatcher

from dags.wiring.deliveries import DeliveryWatcher
from dags.wiring.watcher import TopicWatcher
from pipeline import names

CORE = Asset("flyover://core")
"""Core has taken in newly released batches."""
CORE_BEHIND = Asset("flyover://core/behind")
"""Something was released that no build has taken in for some minutes."""
INDICATORS = Asset("flyover://indicators")
"""The candidates for publication were made of what core holds."""
INDICATORS_BEHIND = Asset("flyover://indicators/behind")
"""Core holds something that the indicators have not been made of for some minutes."""
LINKED = Asset("flyover://linked")
"""Links of persons moved that core is to take in."""
LINKS_BEHIND = Asset("flyover://links/behind")
"""Core or the vault took something in that the linkage has not looked at for some minutes."""
LEDGER = Asset("flyover://ledger")
"""Postings were made that core has not taken in."""
MART = Asset("flyover://mart")
"""A release of indicators was published."""
RECONCILED = Asset("flyover://reconciled")
"""The steps from outbox to core were compared; alerts know what to look at."""

WAKE_UP = AssetAlias("flyover-wake-up")
"""Stands for whichever of the assets `watch__backlog` finds waiting."""


def delivery(agency_code: str) -> Asset:
    """An agency has handed something over, into its drop folder or where the event's ``{"path": …}`` says."""
    watcher = AssetWatcher(name=f"deliveries-{agency_code}", trigger=DeliveryWatcher(agency_code))
    return Asset(f"flyover://delivery/{agency_code}", watchers=[watcher])


def changes(agency_code: str) -> Asset:
    """An agency's database has said what changed in it."""
    raw = names.raw_topic(agency_code)
    watcher = AssetWatcher(name=f"changes-{agency_code}", trigger=TopicWatcher(raw))
    return Asset(f"flyover://changes/{agency_code}", watchers=[watcher])


def delivered(source: str) -> Asset:
    """A delivery of the source is on its topics."""
    return Asset(f"flyover://delivered/{source}")


def topic(source: str) -> Asset:
    """The source's topics have grown."""
    watcher = AssetWatcher(name=f"topics-{source}", trigger=TopicWatcher(source))
    return Asset(f"flyover://topic/{source}", watchers=[watcher])


def landed(source: str) -> Asset:
    """Whole batches of the source wait to be judged."""
    return Asset(f"flyover://landed/{source}")


def released(source: str) -> Asset:
    """Batches of the source were judged; what was released waits for core."""
    return Asset(f"flyover://released/{source}")
