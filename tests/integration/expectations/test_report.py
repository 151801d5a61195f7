"""The quality pages of a real database: each number on a page is a number of a view, and no value of a row is there."""

import dataclasses
import datetime as dt
import shutil
import uuid
from decimal import Decimal

import pytest

from connectors import registry
from expectations.judging import judge
from expectations.reports import deadlines, figures, report, words
from expectations.reports.facts import DIMENSIONS
from pipeline.db import InsufficientPrivilege, connect
from pipeline.errors import BadInput
from tests import quality_pages
from tests.landed import Landing, Line
from tests.quality_pages import cells

SECRET = "<b>秘密姓名</b>"
HOUSE = ("sch-hangzhou", "sch-lishui")


def ask(settings, query, *parameters, role="quality_officer"):
    with connect(settings, role) as connection:
        return connection.execute(query, parameters).fetchall()


def orgs(*kinds, key="o"):
    return [
        {"sourced_id": f"{key}{n}", "name": SECRET, "type": kind, "division_code": "330106"}
        for n, kind in enumerate(kinds, 1)
    ]


def judged(settings, batch_id, at):
    """Let a batch have been judged, and its delivery staged, at another time."""
    with connect(settings, "flyover_owner") as connection:
        connection.execute("update quality.batch set judged_at = %s where batch_id = %s", (at, batch_id))
        connection.execute(
            "update connect.delivery set staged_at = %s where delivery_id = "
            "(select delivery_id from quality.batch where batch_id = %s)",
            (at, batch_id),
        )


@pytest.fixture(scope="module")
def house(settings):
    """Two agencies; the one has wrong, unread and held rows over two months, the other is in order."""
    schools, others = (Landing(settings, "oneroster", code) for code in HOUSE)
    october = schools.deliver({"orgs": orgs("school", "scool", "school", "scholl")})
    november = schools.deliver(
        {
            "orgs": [*orgs("school", "scool", key="p"), Line(unread="parse", record_id="o3")],
            "users": [Line({"sourced_id": "u1", "enabled_user": True}, id_status="invalid")],
        }
    )
    held = schools.deliver({"orgs": [Line(deleted=True, record_id=f"g{n}", version=2) for n in range(60)]})
    fine = others.deliver({"orgs": orgs("school", "school")})
    judge.judge_ready(settings, "oneroster")
    judged(settings, october["orgs"], dt.datetime(2026, 10, 31, 15, 59, tzinfo=dt.UTC))
    for batch in november.batches.values():
        judged(settings, batch, dt.datetime(2026, 10, 31, 16, 0, tzinfo=dt.UTC))  # midnight in Hangzhou
    judged(settings, held["orgs"], dt.datetime(2026, 11, 2, tzinfo=dt.UTC))
    judged(settings, fine["orgs"], dt.datetime(2026, 11, 2, tzinfo=dt.UTC))
    report.write(settings)
    return {"settings": settings, "october": october, "november": november, "held": held, "fine": fine}


@pytest.fixture(scope="module")
def folder(house):
    return house["settings"].reports_dir / report.FOLDER


def test_site_holds_together_and_fetches_nothing(folder):
    assert list(quality_pages.broken(folder)) == []
    assert len(list(folder.rglob("*.html"))) > 300


def test_entry_leads_to_it(house, folder):
    entry = (house["settings"].reports_dir / report.NAME).read_text(encoding="utf-8")
    assert 'href="quality/index.html"' in entry
    assert (folder / "index.html").exists()


def test_no_value_of_a_row_is_shown(folder):
    everything = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file())
    for value in ("秘密姓名", "scool", "scholl"):
        assert value not in everything


def test_overview_says_what_the_views_say(house, folder):
    for code in HOUSE:
        row = cells(folder / "index.html", f'data-agency="{code}"')
        scores = dict(
            ask(
                house["settings"],
                "select dimension, score from quality.standing where agency_code = %s and entity_table = 'all'",
                code,
            )
        )
        ((held, waiting, received),) = ask(
            house["settings"],
            "select sum(held_batches), sum(waiting), sum(received) from quality.feed where agency_code = %s",
            code,
        )
        shown = [figures.shown(scores.get(name)) for name in ("all", *DIMENSIONS)]
        assert [row[1], *row[5:11]] == shown
        assert [row[2], row[3], row[12]] == [f"{held}", f"{waiting}", f"{received}"]
    first = cells(folder / "index.html", "data-agency=")[0]
    assert "杭州" in first, "the one with a held batch comes first"


def test_agency_page_says_what_the_views_say(house, folder):
    page = folder / "agency/sch-hangzhou.html"
    found = ask(
        house["settings"],
        "select rule_id, case scope when 'table' then '—' else failed::text end, batches, waiting, returned "
        "from quality.top_rules where agency_code = 'sch-hangzhou'",
    )
    failed_of = {rule: failed for rule, failed, *_ in found}
    assert failed_of["oneroster__orgs.type_code"] == "3"
    assert failed_of["reader.ragged_row"] == failed_of["oneroster__users.resident_id_valid"] == "1"
    assert failed_of["oneroster__orgs.mass_deletion"] == "—", "about the whole batch: no row of it failed"
    text = page.read_text(encoding="utf-8")
    after = text[text.index('id="rules"') :]
    (folder / "after.txt").write_text(after, encoding="utf-8")
    for rule, failed, batches, waiting, returned in found:
        row = cells(folder / "after.txt", f"rule/{rule}.html")
        assert row[3] == failed
        assert row[5:8] == [f"{batches}", f"{waiting}", f"{returned}"]
    (folder / "after.txt").unlink()
    fields = ask(
        house["settings"],
        "select field, failed, rules from quality.worst_fields "
        "where agency_code = 'sch-hangzhou' and entity_table = 'oneroster__orgs'",
    )
    assert ("type", 3, 1) in fields
    for field, failed, rules in fields:
        assert cells(page, f"<code>{field}</code>")[2:4] == [f"{failed}", f"{rules}"]


def test_score_is_the_documented_share(house):
    """October: four rows; each rule of validity by its weight, two of the rows fail one critical rule."""
    settings, batch = house["settings"], house["october"]["orgs"]
    rules = ask(
        settings,
        "select severity, scope, evaluated, failed from quality.rule_result where batch_id = %s "
        "and dimension = 'validity'",
        batch,
    )
    weight = {"critical": 5, "warning": 2, "info": 1}
    checks = sum(weight[severity] * evaluated for severity, _, evaluated, _ in rules) + 5 * 4  # and the contract
    wrong = sum(weight[severity] * failed for severity, _, _, failed in rules)
    assert wrong == 5 * 2
    ((found, score),) = ask(
        settings, "select checks, score from quality.score where batch_id = %s and dimension = 'validity'", batch
    )
    assert found == checks
    assert score == (Decimal(100) * (checks - wrong) / checks).quantize(Decimal("0.01"), "ROUND_DOWN")
    assert dict(ask(settings, "select score, 1 from quality.score where batch_id = %s and dimension = 'timeliness'",
                    batch)) in ({}, {Decimal("100.00"): 1})  # fmt: skip


def test_unread_rows_count_against_validity(house):
    rows = ask(
        house["settings"],
        "select dimension, checks, failed from quality.rule_check where batch_id = %s and rule_id like 'contract.%%'",
        house["november"]["orgs"],
    )
    assert sorted(rows) == [("completeness", 3, 0), ("validity", 3, 1)]


def test_a_failed_batch_rule_counts_as_every_row(house):
    ((checks, failed),) = ask(
        house["settings"],
        "select checks, failed from quality.rule_check where batch_id = %s and rule_id like '%%mass_deletion'",
        house["held"]["orgs"],
    )
    assert (checks, failed) == (60, 60)


def test_kept_scores_are_those_worked_out_anew(house):
    settings, everything = (
        house["settings"],
        "select batch_id, dimension, checks, failed from quality.score order by 1, 2",
    )
    kept = ask(settings, everything)
    assert ask(settings, "select count(*) from quality.batch_score") == [(len(kept),)]
    assert ask(settings, "select 1 from quality.score_not_kept") == []
    with connect(settings, "flyover_owner") as connection:
        connection.execute("delete from quality.batch_score")
    assert ask(settings, everything) == kept
    report.write(settings)
    with connect(settings, "flyover_owner") as connection:  # as a rehearsal does, which judges anew
        connection.execute("delete from quality.rule_result where batch_id = %s", (house["fine"]["orgs"],))
        assert connection.execute(
            "select count(*) from quality.batch_score where batch_id = %s", (house["fine"]["orgs"],)
        ).fetchone() == (0,)
        connection.rollback()


def test_no_checks_give_no_score(house):
    assert ask(house["settings"], "select quality.score_of(0, 0), quality.score_of(3, 1)") == [(None, Decimal("66.66"))]


def test_batch_page_balances_and_says_why_it_was_held(house, folder):
    text = (folder / f"batch/{house['held']['orgs']}.html").read_text(encoding="utf-8")
    plain = quality_pages.plain(text)
    assert "收到 60 = 放行 0 隔离 0 重复 0 拒收 0 暂缓 60" in plain
    assert "为何暂缓" in plain
    results = ask(
        house["settings"],
        "select rule_id, failed, evaluated from quality.rule_result where batch_id = %s",
        house["november"]["orgs"],
    )
    page = folder / f"batch/{house['november']['orgs']}.html"
    verdicts = folder / "verdicts.txt"
    text = page.read_text(encoding="utf-8")
    verdicts.write_text(text[text.index("各规则的结论") :], encoding="utf-8")
    for rule, failed, evaluated in results:
        assert cells(verdicts, f"rule/{rule}.html")[4:6] == [f"{failed}", f"{evaluated}"]
    verdicts.unlink()
    assert "<code>p2</code>" in text, "keys, to those who may see them"


def test_months_are_those_of_the_province(house):
    rows = ask(
        house["settings"],
        "select month, batches, received from quality.scorecard where agency_code = 'sch-hangzhou' and batches > 0 "
        "order by month",
    )
    assert rows == [("2026-10", 1, 4), ("2026-11", 3, 64)]


def test_scorecard_equals_the_view(house, folder, tmp_path):
    settings = house["settings"]
    path = tmp_path / "card.html"
    card = report.write_scorecard(settings, "sch-hangzhou", "2026-11", path)
    (row,) = ask(
        settings,
        "select deliveries, batches, received, released, quarantined, duplicate, refused, held, waiting, held_batches, "
        "held_waiting, mended from quality.scorecard where agency_code = 'sch-hangzhou' and month = '2026-11'",
    )
    books = card.books
    assert row == (
        card.deliveries, card.batches, books.received, books.released, books.quarantined, books.duplicate,
        books.refused, books.held, card.waiting, card.held_batches, card.held_waiting, card.mended,
    )  # fmt: skip
    for page in (path, folder / "scorecard/sch-hangzhou-2026-11.html"):
        plain = quality_pages.plain(page.read_text(encoding="utf-8"))
        assert f"收到 {row[2]} = 放行 {row[3]} 隔离 {row[4]} 重复 {row[5]} 拒收 {row[6]} 暂缓 {row[7]}" in plain
        assert f"报送次数 · 批次 {row[0]} · {row[1]}" in plain
        assert f"本月的行仍待处理 {row[8]}" in plain
        assert f"暂缓的批次 : {row[9]}" in plain
        scores = ask(
            settings,
            "select dimension, score, score_before from quality.monthly_score "
            "where agency_code = 'sch-hangzhou' and month = '2026-11'",
        )
        assert len(scores) > 3
        for dimension, score, before in scores:
            if dimension == "all":
                assert f"得分 {figures.shown(score)} 上月 {figures.shown(before)}" in plain
            else:
                assert f"{words.DIMENSIONS[dimension].zh} {figures.shown(score)}" in plain
    assert "href" not in path.read_text(encoding="utf-8").replace('rel="icon" href="data:,"', ""), "stands alone"
    with pytest.raises(BadInput, match="nothing to say"):
        report.write_scorecard(settings, "sch-hangzhou", "2025-01", None)


def test_problems_of_the_month_are_ranked_by_weight(house):
    found = ask(
        house["settings"],
        "select rule_id from quality.scorecard_problem where agency_code = 'sch-hangzhou' and month = '2026-11' "
        "and severity = 'critical' order by place",
    )
    assert {rule for (rule,) in found} >= {"oneroster__orgs.type_code", "reader.ragged_row"}


def test_nothing_new_rewrites_only_the_overview(house, folder):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.html")}
    done = report.written(house["settings"], folder)
    assert done.changed == 1
    changed = {path.name for path in folder.rglob("*.html") if before.get(path) != path.stat().st_mtime_ns}
    assert changed == {"index.html"}


def test_pages_for_an_agency_hold_nothing_of_others(house, tmp_path):
    settings, out = house["settings"], tmp_path / "send"
    page = report.write_for_agency(settings, "sch-lishui", out)
    everything = "".join(path.read_text(encoding="utf-8") for path in out.rglob("*") if path.is_file())
    assert list(quality_pages.broken(out)) == []
    assert page == out / "index.html"
    strangers = [code for code in registry.load_all(settings.agencies_dir) if code != "sch-lishui"]
    for word in (*strangers, "杭州", str(house["held"]["orgs"]), str(house["november"]["users"]), "<code>o1</code>"):
        assert word not in everything
    assert not (out / "entity/oneroster__users.html").exists(), "it sent none"
    with pytest.raises(BadInput, match="sch-lishui"):
        report.write_for_agency(settings, "sch-hangzhou", out)
    shutil.rmtree(out)
    report.write_for_agency(settings, "sch-hangzhou", out)
    assert "<code>p2</code>" not in (out / f"batch/{house['november']['orgs']}.html").read_text(encoding="utf-8")
    with pytest.raises(BadInput, match="not for"):
        report.write_for_agency(settings, "sch-hangzhou", out, keys=True)
    report.write_for_agency(settings, "sch-hangzhou", tmp_path / "keys", keys=True)
    assert "<code>p2</code>" in (tmp_path / f"keys/batch/{house['november']['orgs']}.html").read_text(encoding="utf-8")


def test_no_pages_for_an_agency_that_sent_nothing(house, tmp_path):
    for code in ("sen-hangzhou", "nobody"):
        with pytest.raises(BadInput):
            report.write_for_agency(house["settings"], code, tmp_path / code)


@pytest.mark.parametrize("role", ["quality_officer", "engineer"])
def test_views_are_readable_by_those_who_look(house, role):
    for view in ("score", "standing", "score_trend", "top_rules", "worst_fields", "feed", "held_batch", "punctuality",
                 "monthly_score", "scorecard", "scorecard_problem"):  # fmt: skip
        ask(house["settings"], f"select * from quality.{view} limit 1", role=role)
    with pytest.raises(InsufficientPrivilege):
        ask(house["settings"], "select payload from quarantine.entry", role="quality_officer")


def test_deliveries_are_held_against_the_deadlines_of_their_day(settings):
    landing = Landing(settings, "oneroster", f"test-{uuid.uuid4().hex[:6]}")
    agency = dataclasses.replace(
        registry.load_all(settings.agencies_dir)["sch-hangzhou"],
        agency_code=landing.agency,
        schedule="0 2 * * *",
        expected_by="06:00",
        term_calendar=(),
    )
    for arrived in ("2026-11-02 05:59", "2026-11-03 06:01", "2026-11-05 23:59"):
        delivered = landing.deliver({"orgs": orgs("school")})  # a time is all that counts here
        judged(settings, delivered["orgs"], dt.datetime.fromisoformat(f"{arrived}+08:00"))
    now = dt.datetime.fromisoformat("2026-11-05 12:00+08:00")
    with connect(settings, "flyover_judge") as connection:
        assert deadlines.record(connection, {landing.agency: agency}, now) == 4
        changed = dataclasses.replace(agency, expected_by="23:59")
        assert deadlines.record(connection, {landing.agency: changed}, now) == 0, "the past stays as it stood"
    states = ask(
        settings, "select state from quality.punctuality where agency_code = %s order by due_at", landing.agency
    )
    assert [state for (state,) in states] == ["on time", "late", "missing", "late"]
    counted = "select due, on_time, late, missing from quality.scorecard where agency_code = %s"
    assert ask(settings, counted, landing.agency) == [(4, 1, 2, 1)]
    with connect(settings, "flyover_owner") as connection:  # a live system: when it is asked is our doing
        connection.execute(
            "insert into connect.cursor (agency_code, source, cursor, delivery_id) "
            "select agency_code, source, '1', delivery_id from connect.delivery where agency_code = %s limit 1",
            (landing.agency,),
        )
    assert ask(settings, counted, landing.agency) == [(3, 3, 0, 0)]
