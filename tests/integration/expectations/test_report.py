"""The quality report of a real database: needs no network, says it in both languages, shows no value of a row."""

import datetime as dt
import html.parser
import re

import pytest

from expectations.judging import judge
from expectations.reports import report
from expectations.reports.facts import Facts
from tests.landed import Landing, Line


class Outside(html.parser.HTMLParser):
    """Collects everything that would be fetched."""

    def __init__(self):
        super().__init__()
        self.fetched = []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("src", "href", "action", "data") and not (value.startswith("#") or value == "data:,"):
                self.fetched.append((tag, name, value))


@pytest.fixture(scope="module")
def page(settings):
    schools = Landing(settings, "oneroster", "sch-hangzhou")
    secret = "<b>秘密姓名</b>"
    orgs = [
        {"sourced_id": "o1", "name": secret, "type": "school", "division_code": "330106"},
        {"sourced_id": "o<2>", "name": secret, "type": "scool", "division_code": "330106"},
        Line(unread="parse", record_id="o3"),
    ]
    schools.deliver({"orgs": orgs, "users": [Line({"sourced_id": "u1", "enabled_user": True}, id_status="invalid")]})
    schools.deliver({"orgs": [Line(deleted=True, record_id=f"g{n}", version=2) for n in range(60)]})
    judge.judge_ready(settings, "oneroster")
    return report.write(settings).read_text(encoding="utf-8")


def test_report_fetches_nothing(page):
    outside = Outside()
    outside.feed(page)
    assert outside.fetched == []
    assert not re.search(r"url\(|@import|https?://", page)


def test_report_says_it_in_both_languages(page):
    for words in (
        "数据质量报告",
        "Data quality report",
        "机构类型应为规定代码",
        "The kind of organisation must be a code",
    ):
        assert words in page
    assert "列数与表头不符" in page
    assert "should pass its check" in page


def test_report_shows_keys_and_never_values(page):
    assert "秘密姓名" not in page
    assert "scool" not in page
    assert "<code>o&lt;2&gt;</code>" in page


def test_simulated_agencies_are_labelled(page):
    assert '<span class="badge simulated">' in page
    assert "every person in them, are invented" in page


def test_report_shows_what_waits(page):
    assert re.search(r"暂缓批次.*?batches held</span> 1", page)
    assert '<td class="n bad">60</td>' in page


def test_report_of_an_empty_house_is_written(page, settings):

    assert "No batch has arrived yet" in report.render(Facts(dt.datetime.now(dt.UTC), []))
