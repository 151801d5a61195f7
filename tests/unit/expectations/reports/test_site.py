"""A folder of pages: only what changed is written, nothing is left behind, nothing foreign is touched."""

import pytest

from expectations.reports import site
from expectations.reports.site import Page
from pipeline.errors import BadInput


def page(path, text):
    return Page(path, text, lambda: text)


def write(folder, *pages, edition="1", audience="everyone"):
    with site.opened(folder, audience) as opened:
        return opened.write(pages, edition)


def test_only_changed_pages_are_written(tmp_path):
    write(tmp_path, page("a/1.html", "one"), page("b.html", "two"))
    before = (tmp_path / "a/1.html").stat().st_mtime_ns
    done = write(tmp_path, page("a/1.html", "one"), page("b.html", "other"))
    assert (done.pages, done.changed, done.pruned) == (2, 1, 0)
    assert (tmp_path / "a/1.html").stat().st_mtime_ns == before
    assert (tmp_path / "b.html").read_text() == "other"


def test_a_new_edition_writes_everything(tmp_path):
    write(tmp_path, page("a.html", "one"))
    assert write(tmp_path, page("a.html", "one"), edition="2").changed == 1


def test_a_page_someone_deleted_comes_back(tmp_path):
    write(tmp_path, page("a.html", "one"))
    (tmp_path / "a.html").unlink()
    assert write(tmp_path, page("a.html", "one")).changed == 1
    assert (tmp_path / "a.html").exists()


def test_what_is_no_longer_a_page_goes_last(tmp_path):
    write(tmp_path, page("old.html", "one"), page("b.html", "two"))
    seen = []

    def render():
        seen.append((tmp_path / "old.html").exists())
        return "new"

    done = None
    with site.opened(tmp_path, "everyone") as opened:
        done = opened.write([Page("b.html", "new", render)], "1")
    assert seen == [True], "pages stop pointing to it before it goes"
    assert done.pruned == 1
    assert not (tmp_path / "old.html").exists()


def test_whoever_is_interrupted_writes_again(tmp_path):
    write(tmp_path, page("a.html", "one"), page("b.html", "two"))

    def dies():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), site.opened(tmp_path, "everyone") as opened:
        opened.write([page("a.html", "three"), Page("b.html", "four", dies)], "1")
    assert (tmp_path / "b.html").read_text() == "two"
    assert write(tmp_path, page("a.html", "one"), page("b.html", "two")).changed == 2, "also what was as before"
    assert (tmp_path / "a.html").read_text() == "one"


def test_no_unfinished_file_is_left(tmp_path):
    write(tmp_path, page("a.html", "one"))
    assert {path.name for path in tmp_path.iterdir()} == {"a.html", ".pages.json", ".lock"}


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(BadInput, match="not empty"):
        write(tmp_path, page("a.html", "one"))


def test_a_folder_of_another_agency_is_left_alone(tmp_path):
    write(tmp_path, page("agency/sch-a.html", "one"), audience="sch-a")
    with pytest.raises(BadInput, match="sch-a"):
        write(tmp_path, page("agency/sch-b.html", "two"), audience="sch-b")
