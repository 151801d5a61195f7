"""Runs this checkout on a copy of the warehouse and says what would come out otherwise.

The copy is brought to this checkout (migrations, contracts), its batches are judged again by its rules, core is built
by its models, and what a release would show then is compared with what it would show now. Batches that core has not
taken in yet are left out on both sides: they would differ anyhow. The warehouse itself is read and never written.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from expectations.rules.suites import SUITES
from pipeline import migrations
from pipeline.db import connect
from pipeline.settings import Settings
from release import build, changes, differences, picture, scratch
from release.candidates import Slice
from release.differences import Differences
from release.picture import Figure
from release.rejudging import rejudge
from release.scratch import OWNER, Say

Stage = Literal["rules", "models"]
STAGES: tuple[Stage, ...] = ("rules", "models")
_LEFT_OUT = """
update quality.batch set status = 'landed', judged_at = null, released_seq = null
where status = 'released' and modelled_at is null
    and exists (select from intermediate.whole_build as built where quality.batch.released_seq > built.released_seq)
"""


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal came to. ``database`` is the copy's name, where it was kept."""

    differences: Differences
    database: str | None
    judged: int
    """batches judged again"""
    built: int
    """models, seeds and data tests that ran; none where nothing could come out otherwise"""
    numbers: int
    left_out: int
    """batches that core has not taken in yet"""
    seconds: float


def rehearse(
    settings: Settings,
    say: Say,
    *,
    stages: Collection[Stage] = STAGES,
    keep: bool = False,
    room: Path | None = None,
    suites_dir: Path = SUITES,
) -> Rehearsal:
    """Rehearse this checkout on a copy, which is gone afterwards unless ``keep``.

    Without ``models`` nothing is built, so numbers cannot differ.

    :raises NoRoom: when a copy cannot be made
    :raises BuildFailed: when the models of this checkout cannot be built, or a data test fails
    :raises FlyoverError: when a rule of this checkout cannot be evaluated
    """
    began = time.monotonic()
    with scratch.copied(settings, say, keep=keep, room=room) as copy:
        left_out = leave_out_unbuilt(copy)
        before = picture.take(copy, numbers_of(copy))
        say(f"copied: {len(before.verdicts):,} verdicts, {len(before.numbers):,} numbers")
        migrations.apply(copy)
        judged = 0
        if "rules" in stages:
            outcome = rejudge(copy, suites_dir, say)
            judged = outcome.batches
            say(f"judged again: {judged:,} batches, {outcome.moved:,} came out otherwise")
        numbers, built = before.numbers, 0
        if "models" in stages:
            built = len(build_again(copy, say).steps)
            numbers = release_of(copy) if built else numbers
        after = picture.take(copy, numbers)
        found = differences.between(before, after)
    kept = copy.pg_database if keep else None
    return Rehearsal(found, kept, judged, built, len(after.numbers), left_out, time.monotonic() - began)


def leave_out_unbuilt(copy: Settings) -> int:
    """Set aside on a copy what was released since core was last built whole; how many batches."""
    with connect(copy, OWNER) as connection:
        built = connection.execute("select to_regclass('intermediate.whole_build') is not null").fetchone()
        return connection.execute(_LEFT_OUT).rowcount if built and built[0] else 0


def numbers_of(copy: Settings) -> dict[Slice, Figure]:
    """What a release of a copy as it is would show; nothing where core was never built."""
    from release import publish  # with its linear programmes, for whoever rehearses a release

    try:
        return picture.of_values(publish.foretold(copy))
    except publish.NothingToPublish:
        return {}


def build_again(copy: Settings, say: Say) -> build.BuildReport:
    """Build core of a copy: whole where the project has changed, else what moved."""
    with connect(copy, build.ROLE) as connection:
        anew = changes.is_project_changed(connection, copy.checkout / "dbt_project")
    say("building core from nothing: the models have changed" if anew else "building what has moved")
    return build.build_warehouse(copy, full_refresh=anew)


def release_of(copy: Settings) -> dict[Slice, Figure]:
    """Publish on the copy, and read what its readers would see."""
    from release import publish

    publish.publish_release(copy, note="rehearsal")
    return picture.shown(copy, publish.ROLE)
