"""The whole way in one process, without Airflow: the same stages that the DAGs call, in their order."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from connectors import producer, pull, sink, vault
from connectors.corrections.reading import is_correction
from connectors.registry import Agency
from expectations.decisions import corrections
from expectations.judging import judge
from ledger.post import post
from linkage import run
from pipeline import backlog
from pipeline.settings import Settings
from portal.publishing import shelf, site
from release import build, publish

Say = Callable[[str], None]


def carry(settings: Settings, agency: Agency, origins: Sequence[Path], say: Say, *, release: bool) -> list[uuid.UUID]:
    """Take deliveries and corrections of one agency from file to release; returns the ids of what was staged."""
    deliveries: list[uuid.UUID] = []
    for origin in origins:
        if is_correction(origin, agency):
            taken = corrections.take(settings, agency, origin)
            deliveries += taken.deliveries
            say(f"{agency.agency_code}: {origin.name}: {corrections.in_words(taken)}")
            continue
        delivery = pull.pull(settings, agency, origin)
        deliveries.append(delivery.delivery_id)
        say(f"{agency.agency_code}: {origin.name}: {delivery.read_rows:,} rows read, {len(delivery.batches)} batches")
    forward(settings, agency.source, say)
    close(settings, say, release=release)
    return deliveries


def forward(settings: Settings, source: str, say: Say) -> None:
    """Carry everything of a source that has been staged up to the verdict."""
    published = producer.publish(settings, source=source)
    say(f"publish: {published.rows:,} events of {source}")
    landed = sink.drain(settings, sink.topics_of(settings, source), label=source)
    say(f"land: {landed.rows:,} rows, {len(landed.landed_batches)} whole batches")
    kept = vault.drain_vault(settings)
    say(f"vault: {kept.rows:,} identities")
    verdicts = judge.judge_ready(settings, source)
    held = [verdict for verdict in verdicts if verdict.status == "held"]
    say(f"validate: {len(verdicts)} batches judged, {len(held)} held for a decision")


def close(settings: Settings, say: Say, *, release: bool) -> None:
    """Model what was released, post to the ledger what follows from it, and publish a release."""
    build.build_warehouse(settings)
    say("model: warehouse built")
    if backlog.to_link(settings):
        found = run.link_persons(settings)
        say(f"link: {found.recorded:,} links recorded, {found.opened:,} questions for a person")
        if found.moved_anything:
            build.build_warehouse(settings)
            say("model: links taken in")
    if (posted := post(settings)).run_id is not None:
        say(f"post: {posted.postings:,} postings and {posted.reversals:,} reversals of {posted.holders:,} holders")
        build.build_warehouse(settings)
    if release:
        publish.publish_release(settings)
        say("release: published")
        if shelf.link(settings).is_dir():  # where pages are shown, they follow
            site.build(settings, None, say)
