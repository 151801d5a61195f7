"""All pages from made-up facts: they nest, lead nowhere that is not there, fetch nothing, speak both languages."""

import datetime as dt
import re
import uuid
from decimal import Decimal

import pytest

from connectors.registry import Agency
from expectations.reports import report, site
from expectations.reports.batches import BatchDetail, Decision, Kept, Result
from expectations.reports.facts import (
    DIMENSIONS,
    AgencyFacts,
    BatchLine,
    Books,
    Evidence,
    Facts,
    Failure,
    Feed,
    FieldCount,
    HeldBatch,
    Point,
    RuleCount,
    Threshold,
    Version,
)
from expectations.reports.pages import Pages
from expectations.reports.scorecard import MonthScore, Problem, Scorecard
from expectations.reports.site import Page
from expectations.rules.suites import Text
from tests import quality_pages

HOSTILE = '<script>alert("x")</script>&amp;\' {{ 7*7 }}'
NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
HELD, RELEASED, REPLAY, GONE = (uuid.UUID(int=n) for n in range(1, 5))
TABLE, RULE = "oneroster__orgs", "oneroster__orgs.type_code"
COMPARED = {
    "observed": 120.0, "low": 800.0, "high": 1200, "baseline": 1000.0, "batches": 6,
    "because": {"zh": f"原因 {HOSTILE}", "en": f"because {HOSTILE}"},
}  # fmt: skip
SCORES = {
    name: Decimal(score) for name, score in zip(("all", *DIMENSIONS), ("98.10", "100.00", "96.2", "99.6"), strict=False)
}


def agency(code, area):
    return Agency(
        code, f"机构{HOSTILE}", f"Agency {HOSTILE}", "school", "oneroster", area, "bulk", "Asia/Shanghai", "x"
    )


def line(batch_id, code, status="released", replay_of=None):
    books = Books(10, 8, 2, 0, 0, 0) if status == "released" else Books(10, 0, 2, 0, 0, 8)
    return BatchLine(batch_id, code, TABLE, status, NOW, replay_of, books, Decimal("98.10"), (RULE,))


def facts_of(code, area, **more):
    trend = [Point(NOW - dt.timedelta(days=n), Decimal("99.10")) for n in (2, 1)]
    feed = Feed(code, TABLE, Books(20, 8, 4, 0, 0, 8), 2, 0, 1, 3, NOW, SCORES, trend)
    held = HeldBatch(HELD, code, TABLE, "2026-11", NOW, 10, None, "waiting", (Evidence(RULE, None, COMPARED),))
    return AgencyFacts(
        code=code,
        name=Text(f"机构{HOSTILE}", f"Agency {HOSTILE}"),
        area=area,
        punctuality="late",
        deadline=NOW,
        feeds=[feed],
        scores=SCORES,
        trend=trend,
        rules=[
            RuleCount(code, TABLE, RULE, "critical", "validity", "row", 20, 2, 1, 3, 1),
            RuleCount(code, TABLE, "contract.type", "critical", "validity", "row", 20, 1, 1, 0, 0),
            RuleCount(code, TABLE, "oneroster__orgs.of_old", "warning", None, None, 0, 0, 0, 1, 0),
        ],
        fields=[FieldCount(TABLE, "type", 1, 2)],
        batches=[line(HELD, code, "held"), line(RELEASED, code), line(REPLAY, code, replay_of=RELEASED)],
        held=[held],
        months=["2026-11"],
        **more,
    )


def card(code):
    scores = tuple(MonthScore(name, SCORES.get(name), Decimal("97.00")) for name in DIMENSIONS)
    held = facts_of(code, "simulated").held
    return Scorecard(
        code, "2026-11", 3, 4, Books(20, 8, 4, 0, 0, 8), 3, 1, 1, 1, 2, Decimal("5.5"), 3, 1, 0, 0, 1,
        MonthScore("all", Decimal("98.10"), Decimal("97.00")), scores, (Problem(RULE, TABLE, "critical", 2),), held,
    )  # fmt: skip


def detail(one):
    return BatchDetail(
        line=one,
        origin=HOSTILE,
        staged_at=NOW,
        redelivered=2,
        scores=SCORES,
        results=[
            Result(RULE, "critical", "validity", "row", False, False, 10, 2, None, None),
            Result(
                "oneroster__orgs.mass_deletion", "critical", "consistency", "table", False, True, 10, 1, "1", COMPARED
            ),
        ],
        kept=[Kept(RULE, {"open": 1, "closed": 1}, ["key-1"])],
        decisions=[
            Decision("waive", 1, NOW, f"officer {HOSTILE}", f"reason {HOSTILE}"),
            Decision("released", None, NOW, "secret officer", "secret reason"),
        ],
        replays=[REPLAY] if one.batch_id == RELEASED else [],
        siblings=[("oneroster__users", GONE)],
    )


@pytest.fixture(params=[None, "sch-a"], ids=["house", "agency"])
def folder(request, tmp_path):
    only = request.param
    known = {"sch-a": agency("sch-a", "simulated"), "sch-b": agency("sch-b", "province")}
    mine = {code: known[code] for code in known if only in (None, code)}
    facts = Facts(
        agencies={code: facts_of(code, one.area) for code, one in mine.items()},
        failures={RULE: [Failure(RULE, "sch-a", RELEASED, NOW, 10, 2), Failure(RULE, "sch-a", GONE, NOW, 10, 2)]},
        thresholds={RULE: [Threshold(RULE, "sch-a", HELD, NOW, False, COMPARED)]},
        versions={RULE: [Version(RULE, "abc123", NOW, {"check": {"kind": "failing", "sql": HOSTILE}})]},
    )
    kept = {HELD, RELEASED, REPLAY}
    pages = Pages(report.environment(), facts, mine, kept, only=only, shows_keys=only is None)
    lines = {one.batch_id: one for one in facts.agencies["sch-a"].batches}
    made = [Page(f"batch/{i}.html", "", lambda i=i: pages.batch(detail(lines[i]))) for i in kept]
    made += [*pages.rules(), *pages.entities(), *pages.scorecards([card(code) for code in mine]), *pages.agencies()]
    with site.opened(tmp_path / "out", "all") as opened:
        opened.write([*made, *report._assets(pages), pages.overview(NOW)], "1")
    return tmp_path / "out"


def test_links_lead_to_pages_and_nothing_is_fetched(folder):
    assert list(quality_pages.broken(folder)) == []


def test_names_from_elsewhere_are_text_and_nothing_else(folder):
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script>alert" not in text, path
        assert len(re.findall("<script", text)) <= 1, path
        assert "49" not in re.findall(r"Agency .{40}", text), path
    listed = (folder / "assets/pages.js").read_text(encoding="utf-8")
    assert "</script>" not in listed


def test_every_page_is_in_both_languages(folder):
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        spans = re.findall(r'<span class="(zh|en)" lang="(zh|en)">', text)
        if 'http-equiv="refresh"' in text:
            assert 'lang="zh"' in text
            assert 'lang="en"' in text
            continue
        assert all(name == language for name, language in spans)
        assert [name for name, _ in spans].count("zh") == [name for name, _ in spans].count("en") > 10, path
        assert 'type="checkbox" id="lang"' in text, "the language can be changed without scripts"
        assert 'for="lang"' in text


def test_simulated_agencies_are_labelled_wherever_they_are_named(folder):
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if 'agency/sch-a.html">' in text and 'http-equiv="refresh"' not in text:
            assert 'class="badge simulated"' in text, path


def test_pages_for_an_agency_hold_nothing_of_others(folder):
    if not (folder / "agency/sch-b.html").exists():
        everything = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.*") if path.is_file())
        for word in ("sch-b", "secret officer", "secret reason", "key-1", "./flyover"):
            assert word not in everything
        assert not (folder / "entity/hr__employments.html").exists()
        assert "agency/sch-a.html" in (folder / "index.html").read_text()
    else:
        batch = (folder / f"batch/{RELEASED}.html").read_text(encoding="utf-8")
        assert "secret reason" in batch
        assert "key-1" in batch


def test_replays_are_linked_both_ways(folder):
    assert f"batch/{REPLAY}.html" in (folder / f"batch/{RELEASED}.html").read_text()
    assert f"batch/{RELEASED}.html" in (folder / f"batch/{REPLAY}.html").read_text()


def test_a_score_of_nothing_is_a_dash(folder):
    text = (folder / "agency/sch-a.html").read_text(encoding="utf-8")
    dim = re.search(r'<div class="dim none" id="plausibility">.*?</div>', text, re.S)
    assert "<b>—" in dim[0]


def test_thresholds_are_explained(folder):
    text = quality_pages.plain((folder / f"rule/{RULE}.html").read_text(encoding="utf-8"))
    assert "本批 120 · 预期 800 – 1,200 · 以往中位 1,000 · 参照以往 6 批" in text


def test_an_empty_house_has_an_overview():
    pages = Pages(report.environment(), Facts({}, {}, {}, {}), {}, (), only=None, shows_keys=True)
    assert "No batch has arrived yet" in pages.overview(NOW).render()
