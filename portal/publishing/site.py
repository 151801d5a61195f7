"""Writes the published pages whole: what npm built, the data, the public interface and Parquet, of one release."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.settings import Settings
from portal.publishing import dictionary, questions, shelf
from portal.publishing.api import RELEASES_KEPT, write_api
from portal.publishing.data import write_data
from portal.publishing.files import Folder, compress
from portal.publishing.parquet import write_parquet
from portal.publishing.reading import as_reader, earlier, read
from portal.publishing.shelf import Site
from release import reasons

Say = Callable[[str], None]
WRITTEN = ("data", "api", "parquet")
"""Folders that a release writes; everything else is the pages themselves."""
MAP = Path("geo") / "counties.geojson"
"""Below the state directory the operator's, beside the pages every reader's: counties in their boundaries."""


def build(settings: Settings, built: Path | None, say: Say) -> Site:
    """Write the pages of the current release and show them; ``built`` is the folder of the pages without data.

    Without ``built`` the pages that are shown get the new data; where there are none, the data stands alone. Readers
    have the earlier pages until the last step, which is one rename; whatever fails or is killed before it leaves them.

    :raises portal.publishing.reading.NothingPublished: when there is no release
    """
    if reasons.explain(settings):
        say("Pages: sources and changes of the release are written down")
    with shelf.writing(settings) as work:
        release_id = write(settings, built, work, say)
        site = shelf.place(settings, work, release_id)
        shelf.show(settings, site)
    say(f"Pages: release {site.release_id} is shown ({site.path.name})")
    return replace(site, is_current=True)


def write(settings: Settings, built: Path | None, work: Path, say: Say) -> int:
    """Write all files of the current release into a folder; the number of the release."""
    _put_pages(built or shelf.link(settings), work)
    put_map(settings, work)
    folder = Folder(work)
    with as_reader(settings) as connection:
        mart = read(connection)
        release_id = mart.release.release_id
        say(f"Pages: release {release_id} has {len(mart.numbers):,} numbers")
        write_data(mart, folder)
        before = earlier(connection, RELEASES_KEPT - 1)
        write_api(mart, [read(connection, number) for number in before], folder)
        write_parquet(connection, mart, [release_id, *before], folder)
        folder.put_json("data/questions.json", questions.answered(connection, mart))
    dictionary.write(settings, work / "data" / "dictionary")
    compress(work)
    say(f"Pages: {len(folder.sizes):,} files, {sum(folder.sizes.values()) / 1e6:,.1f} MB before packing")
    return release_id


def _put_pages(source: Path, work: Path) -> None:
    """Copy the pages without what a release writes; packed files are made anew."""
    if source.is_dir():
        leave = shutil.ignore_patterns("*.gz", *WRITTEN)
        shutil.copytree(source, work, ignore=leave, dirs_exist_ok=True)


def put_map(settings: Settings, work: Path) -> None:
    """Put the operator's map of the counties beside the pages, where there is one; taken away, it goes at the next."""
    own = settings.state_dir / MAP
    shutil.rmtree((work / MAP).parent, ignore_errors=True)
    if own.is_file():
        (work / MAP).parent.mkdir()
        shutil.copyfile(own, work / MAP)


def show_release(settings: Settings, built: Callable[[], Path | None], release_id: int, say: Say) -> Site:
    """Show the pages of a release that is the current one of mart again: kept ones at once, others are written.

    ``built`` gives the pages without data, where they are needed.
    """
    kept = next((site for site in shelf.sites(settings) if site.release_id == release_id), None)
    if kept is None:
        return build(settings, built(), say)
    with shelf.writing(settings):
        shelf.show(settings, kept)
    say(f"Pages: release {release_id} is shown again ({kept.path.name})")
    return replace(kept, is_current=True)
