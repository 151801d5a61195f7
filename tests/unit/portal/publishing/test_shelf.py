"""The shelf: readers get one whole site, old or new, whatever happens to the writer."""

import os
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.errors import BadInput
from portal.publishing import shelf


@pytest.fixture
def settings(tmp_path):
    return SimpleNamespace(state_dir=tmp_path / "state")


def write(settings, release_id: int, text: str) -> shelf.Site:
    with shelf.writing(settings) as work:
        (work / "data").mkdir()
        (work / "data" / "catalogue.json").write_text(text)
        (work / "index.html").write_text(text)
        site = shelf.place(settings, work, release_id)
        shelf.show(settings, site)
    return site


def seen(settings) -> str:
    root = shelf.link(settings).resolve()
    texts = {path.read_text() for path in (root / "index.html", root / "data" / "catalogue.json")}
    assert len(texts) == 1
    return texts.pop()


def test_a_reader_follows_one_link_to_one_whole_site(settings):
    write(settings, 1, "one")
    held = shelf.link(settings).resolve()
    write(settings, 2, "two")
    assert seen(settings) == "two"
    assert (held / "index.html").read_text() == "one"  # who holds the old folder still has it


@pytest.mark.parametrize(
    "step", ["write_text", "rename", "symlink_to", "replace", "rmtree"], ids=lambda step: f"it dies at {step}"
)
def test_a_writer_that_dies_leaves_the_old_site_and_the_next_clears_up(settings, monkeypatch, step):
    class Died(BaseException):
        """As a kill: nothing of ours catches it."""

    for place in range(3):
        write(settings, place + 1, f"site {place}")
    old = seen(settings)

    def die(*args, **kwargs):
        raise Died

    where = {"replace": (os, "replace"), "rmtree": (shutil, "rmtree")}.get(step, (Path, step))
    with monkeypatch.context() as patch:
        patch.setattr(*where, die)
        with pytest.raises(Died):
            write(settings, 9, "new")
    # only the tidying after the swap comes too late to keep readers with the old site
    assert seen(settings) == ("new" if step == "rmtree" else old)
    write(settings, 10, "mended")
    assert seen(settings) == "mended"
    left = [path.name for path in shelf.home(settings).iterdir()]
    assert sorted(left) == [".lock", "current", "releases"]


def test_the_last_three_are_kept_and_never_the_one_that_is_shown_is_dropped(settings):
    first = write(settings, 1, "one")
    for number in (2, 3, 4, 5):
        write(settings, number, f"n{number}")
    assert [site.release_id for site in shelf.sites(settings)] == [5, 4, 3]
    assert not first.path.exists()
    back = next(site for site in shelf.sites(settings) if site.release_id == 3)
    with shelf.writing(settings):
        shelf.show(settings, back)
    assert seen(settings) == "n3"
    assert [(site.release_id, site.is_current) for site in shelf.sites(settings)] == [(3, True), (5, False), (4, False)]


def test_equal_content_is_one_site_and_other_content_of_the_same_release_another(settings):
    one, again, other = write(settings, 1, "same"), write(settings, 1, "same"), write(settings, 1, "other")
    assert replace(one, is_current=False) == replace(again, is_current=False)
    assert other.path != one.path
    assert seen(settings) == "other"


def test_an_export_is_a_copy_that_replaces_an_earlier_one_and_nothing_else(settings, tmp_path):
    with pytest.raises(BadInput, match="portal build"):
        shelf.export(settings, tmp_path / "www")
    write(settings, 1, "one")
    shelf.export(settings, tmp_path / "www")
    write(settings, 2, "two")
    shelf.export(settings, tmp_path / "www")
    assert (tmp_path / "www" / "index.html").read_text() == "two"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state", "www"]
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="no export"):
        shelf.export(settings, other)
    assert [path.name for path in other.iterdir()] == ["mine.txt"]
