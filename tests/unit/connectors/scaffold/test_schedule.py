from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from connectors.scaffold.schedule import EVENT, reschedule
from pipeline.errors import BadInput, ConfigurationError
from pipeline.settings import CHECKOUT

FOLDER = Path("connectors") / "agencies"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / FOLDER).mkdir(parents=True)
    for code in ("sch-lishui", "ou-wenzhou"):
        shutil.copy(CHECKOUT / FOLDER / f"{code}.yml", tmp_path / FOLDER)
    return tmp_path


def lines(checkout: Path, code: str = "sch-lishui") -> list[str]:
    return (checkout / FOLDER / f"{code}.yml").read_text(encoding="utf-8").splitlines()


def test_only_the_lines_about_the_time_change(checkout: Path) -> None:
    before = lines(checkout)
    was, now = reschedule(checkout, "sch-lishui", "40 5 * * 1-5", "07:30")
    assert (was.schedule, was.expected_by) == ("20 2 * * *", "06:00")
    assert (now.schedule, now.expected_by) == ("40 5 * * 1-5", "07:30")
    changed = [(old, new) for old, new in zip(before, lines(checkout), strict=True) if old != new]
    assert [new for _, new in changed] == ['schedule: "40 5 * * 1-5"', 'expected_by: "07:30"']


def test_a_comment_behind_the_line_stays(checkout: Path) -> None:
    path = checkout / FOLDER / "sch-lishui.yml"
    path.write_text(path.read_text().replace('schedule: "20 2 * * *"', 'schedule: "20 2 * * *"  # after their backup'))
    reschedule(checkout, "sch-lishui", "0 4 * * *")
    assert 'schedule: "0 4 * * *"  # after their backup' in lines(checkout)
    assert 'expected_by: "06:00"' in lines(checkout)


def test_a_feed_by_event_has_neither_time_nor_deadline(checkout: Path) -> None:
    _, now = reschedule(checkout, "sch-lishui", EVENT)
    assert (now.schedule, now.expected_by) == (None, None)
    _, back = reschedule(checkout, "sch-lishui", "20 2 * * *", "06:00")
    assert lines(checkout) == (CHECKOUT / FOLDER / "sch-lishui.yml").read_text(encoding="utf-8").splitlines()
    assert back.schedule == "20 2 * * *"


def test_a_setting_that_was_never_said_is_added(checkout: Path) -> None:
    path = checkout / FOLDER / "sch-lishui.yml"
    path.write_text("\n".join(line for line in lines(checkout) if "schedule" not in line) + "\n")
    assert reschedule(checkout, "sch-lishui", "0 4 * * *")[1].schedule == "0 4 * * *"


@pytest.mark.parametrize(("cron", "by", "wrong"), [
    ("61 5 * * *", None, BadInput), ("5 * * *", None, BadInput), ("0 5 * * *", "25:00", ConfigurationError),
])  # fmt: skip
def test_what_is_no_time_changes_nothing(checkout: Path, cron: str, by: str | None, wrong: type[Exception]) -> None:
    before = lines(checkout)
    with pytest.raises(wrong):
        reschedule(checkout, "sch-lishui", cron, by)
    assert lines(checkout) == before
    assert [path.name for path in (checkout / FOLDER).iterdir() if path.is_dir()] == []


def test_an_unknown_agency_is_bad_input(checkout: Path) -> None:
    with pytest.raises(BadInput, match="no such agency"):
        reschedule(checkout, "sch-nowhere", "0 5 * * *")
