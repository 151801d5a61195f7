"""The rules of conversion: caps, overlap, highest of duplicates, and the rule of the day."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from ledger import play, rules
from ledger.postings import Booked, balances
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT
from tests.bank import ACCOUNT, apply, deposit, money, on, outcome, revoke, transfer

RULES = rules.load()
GOLDEN = json.loads((CHECKOUT / "tests" / "golden" / "values.json").read_text(encoding="utf-8"))
TODAY = dt.date(2026, 11, 22)


def recognised(written):
    return sum(p.entries[0].amount for p in written.postings if p.kind == "conversion")


def decided(events, book_of_rules=RULES):
    written = play.write(events, book_of_rules, TODAY)
    return written, {d.assessed.line.application.outcome_id: d.assessed for d in written.decided}


def one_application(*lines):
    """Deposits and one application for them all: (name, title, kind, amount, online)."""
    return [deposit(0, outcome(name, title=title, kind=kind), amount) for name, title, kind, amount, _ in lines] + [
        apply(10, name, amount, online=online) for name, *_, amount, online in lines
    ]


def test_credit_transfer_golden():
    golden = GOLDEN["credit_transfer"]
    applied = golden["applied"]
    events = one_application(
        ("exam", "高等数学", "self_taught_exam", applied["self-study exam"], False),
        ("mooc", "人工智能通识", "non_degree_course", applied["MOOC"], True),
        ("grade-3", "电工（三级）", "certificate", applied["certificate 三级"], False),
        ("grade-4", "电工（四级）", "certificate", applied["same certificate 四级"], False),
    )
    written, lines = decided(events)
    after = {
        step: sum(line.after[step] for line in lines.values()) for step in ("duplicates", "online_cap", "total_cap")
    }
    assert after == {
        "duplicates": golden["after_dedup"],
        "online_cap": golden["after_online_cap"],
        "total_cap": golden["total_cap"],
    }
    assert lines["mooc"].after["online_cap"] == golden["online_cap"]
    assert lines["grade-4"].bit[0] == "duplicates"
    assert recognised(written) == golden["recognised"]
    assert round(100 * recognised(written) / sum(applied.values()), 2) == money(golden["rate_pct"])


def test_an_application_has_what_earlier_ones_left_of_the_caps():
    events = [deposit(0, name, 30) for name in ("a", "b")]
    events += [apply(10, "a", 30, name="a-1"), apply(20, "b", 30, name="a-2")]
    written, lines = decided(events)
    assert (lines["a"].recognised, lines["b"].recognised) == (30, 8)
    assert lines["b"].bit == ("total_cap",)
    assert [(d.reason, d.bank_says, d.rules_give, d.steps) for d in written.disagreements] == [
        ("stopped_by_rules", 30, 8, ("total_cap",))
    ]


def test_the_share_learnt_online_is_one_over_all_applications():
    events = [deposit(0, name, 15) for name in ("a", "b")]
    events += [apply(10, "a", 15, name="a-1", online=True), apply(20, "b", 15, name="a-2", online=True)]
    _, lines = decided(events)
    assert (lines["a"].recognised, lines["b"].recognised) == (15, 4)


def test_what_was_revoked_makes_room_again():
    events = [deposit(0, name, 38) for name in ("a", "b")]
    events += [apply(10, "a", 38, name="a-1"), revoke(15, "a"), apply(20, "b", 38, name="a-2")]
    _, lines = decided(events)
    assert lines["b"].recognised == 38


def test_a_course_is_transferred_once():
    events = [transfer(10, "x-1", 2, shown_by="a"), transfer(20, "x-2", 3, shown_by="a"), deposit(30, "a", 3)]
    written, _ = decided(events)
    assert [(p.kind, p.entries[0].amount) for p in written.postings] == [("transfer", 2), ("transfer", 1)]
    assert [d.reason for d in written.disagreements] == ["used_before_transfer", "used_before_deposit"]


def test_another_programme_has_caps_of_its_own():
    events = [deposit(0, name, 30) for name in ("a", "b")]
    events += [apply(10, "a", 30, name="a-1"), apply(20, "b", 30, name="a-2", programme="CS")]
    assert recognised(decided(events)[0]) == 60


@pytest.mark.parametrize(("overlap", "wanted"), [(79.9, 0), (80, 3), (None, 3)])
def test_a_course_converts_only_where_contents_overlap_enough(overlap, wanted):
    assert recognised(decided([deposit(0, "a", 3), apply(10, "a", 3, overlap=overlap)])[0]) == wanted


def test_examinations_convert_course_for_course_without_overlap():
    events = [deposit(0, outcome("a", kind="self_taught_exam"), 3), apply(10, "a", 3, overlap=10)]
    assert recognised(decided(events)[0]) == 3


def test_a_higher_level_adds_only_what_it_is_more():
    low, high = outcome("low", title="电工 四级"), outcome("high", title="电工（三级）")
    events = [
        deposit(0, low, 4),
        apply(5, "low", 4, name="a-1"),
        deposit(10, high, 6),
        apply(20, "high", 6, name="a-2"),
    ]
    written, lines = decided(events)
    assert (lines["low"].recognised, lines["high"].recognised) == (4, 2)
    assert lines["high"].bit == ("duplicates",)
    assert recognised(written) == 6


def test_levels_of_different_certificates_do_not_shadow_each_other():
    events = [deposit(0, outcome("a", title="电工（三级）"), 6), deposit(0, outcome("b", title="焊工（三级）"), 4)]
    events += [apply(10, "a", 6), apply(10, "b", 4)]
    assert recognised(decided(events)[0]) == 10


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("电工（三级）", "电工 四级", True),
        ("电工（三级）", "电工高级技师", True),
        ("大学英语四级", "大学英语６级", True),
        ("Welding Level 3", "welding level IV", True),
        ("电工（三级）", "电梯安装维修工（三级）", False),
        ("三级", "四级", False),
    ],
)
def test_titles_without_their_levels(one, other, is_same):
    rule = RULES.in_force(TODAY)
    assert (rule.base_title(one) == rule.base_title(other)) is is_same


def test_what_the_institution_gave_less_stays_less_and_is_told():
    written, _ = decided([deposit(0, "a", 10), apply(10, "a", 10, said=4)])
    assert recognised(written) == 4
    assert [(d.reason, d.bank_says, d.rules_give) for d in written.disagreements] == [("less_than_rules_give", 4, 10)]


def test_a_bank_that_shares_out_the_caps_itself_does_not_disagree():
    events = [deposit(0, name, amount) for name, amount in (("a", 30), ("b", 22), ("c", 6))]
    events += [apply(10, "a", 30), apply(10, "b", 22, said=2, online=True), apply(10, "c", 6)]
    written, _ = decided(events)
    assert recognised(written) == 38
    assert written.disagreements == []


def test_the_rule_of_the_day_of_the_application_decides_and_is_named():
    general = RULES.rules[0]
    old = replace(general, version="old", total_cap_pct=money(30), valid_to=on(10))
    new = replace(general, version="new", valid_from=on(10))
    book_of_rules = rules.RuleBook((old, new))
    for applied, version, most in ((9, "old", Decimal("22.8")), (10, "new", 38)):
        written, _ = decided([deposit(0, "a", 60), apply(20, "a", 60, applied=applied)], book_of_rules)
        conversion = next(p for p in written.postings if p.kind == "conversion")
        assert (conversion.rule_version, conversion.entries[0].amount) == (version, most)


def test_an_institution_may_have_a_share_of_its_own():
    general = RULES.rules[0]
    own = replace(general, version="own", institution_code="4133010335", total_cap_pct=money(25))
    written, _ = decided([deposit(0, "a", 60), apply(20, "a", 60)], rules.RuleBook((general, own)))
    assert recognised(written) == 19


def test_nothing_converts_before_there_was_a_rule():
    general = replace(RULES.rules[0], valid_from=on(15))
    written, _ = decided([deposit(0, "a", 6), apply(20, "a", 6, applied=14)], rules.RuleBook((general,)))
    assert recognised(written) == 0
    assert [d.reason for d in written.disagreements] == ["no_rule"]


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        (outcome("a", hours=48), []),
        (outcome("a", hours=64), [("other_worth", 3, 4)]),
        (outcome("a", awarded=3, framework="credit_hours", hours=64), []),
        (outcome("a", awarded=6, framework="ects"), []),
    ],
)
def test_a_deposit_stands_as_the_bank_says_and_another_worth_is_told(what, wanted):
    written, _ = decided([deposit(0, what, 3)])
    assert [(d.reason, d.bank_says, d.rules_give) for d in written.disagreements] == wanted
    booked = [Booked(n, posting, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) for n, posting in enumerate(written.postings)]
    assert {a.owner: amount for (a, *_), amount in balances(booked, TODAY).items() if a.kind == "available"} == {
        ACCOUNT: 3
    }


def test_rules_that_overlap_in_time_are_refused(tmp_path):
    text = (rules.DIRECTORY / "conversion.yaml").read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(text.replace("zj-credit-1", "another"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="zj-credit-1 begins while another is in force"):
        rules.load(tmp_path)
