"""From the bank's records to the ledger and into core, on a real server."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Callable

import pytest

from ledger import post
from ledger.run import LedgerBroken
from pipeline.db import DatabaseError, connect
from release.build import build_warehouse
from tests.bank import history
from tests.bank_records import (
    APPLICATIONS,
    BANK,
    COURSES,
    CROSS,
    DEPOSITS,
    OUTCOMES,
    application,
    balances,
    course,
    cross,
    deposit,
    of_events,
    outcome,
    settle,
    tell,
)  # fmt: skip
from tests.released import Released

TODAY = dt.date(2026, 11, 22)
D = dt.date


@pytest.fixture(scope="module")
def bank(new_bank: Callable[[], Released]) -> Released:
    """One holder: a certificate used and revoked, an examination, a course elsewhere, a certificate that expires."""
    made = new_bank()
    made.release(
        OUTCOMES, BANK,
        [
            outcome("cert", revoked_on=D(2025, 5, 1)), outcome("exam", outcome_kind="self_taught_exam"),
            outcome("short", valid_until=D(2026, 12, 31)), outcome("lost", person=None),
        ],
    )  # fmt: skip
    made.release(COURSES, BANK, [course()])
    made.release(
        DEPOSITS, BANK,
        [
            deposit("cert", 6, D(2024, 1, 10)), deposit("exam", 40, D(2024, 2, 1)), deposit("short", 3, D(2024, 3, 1)),
            deposit("lost", 1, D(2024, 4, 1)),
        ],
    )  # fmt: skip
    made.release(
        APPLICATIONS, BANK,
        [application("a-1", "cert", 4, D(2024, 6, 1)), application("a-2", "exam", 40, D(2025, 9, 1))],
    )  # fmt: skip
    made.release(CROSS, BANK, [cross("x-1")])
    settle(made, today=TODAY)
    return made


def test_postings_are_those_that_follow_from_the_records(bank: Released) -> None:
    found = bank.rows(
        "select posting_kind_code, effective_on, outcome_id, amount_credits::float8, rule_version, account_kind_code "
        "from core.fct_credit_entry where amount_credits > 0 order by effective_on, outcome_id, account_kind_code, 4"
    )
    assert found == [
        ("deposit", D(2024, 1, 10), "cert", 6, None, "available"),
        ("deposit", D(2024, 2, 1), "exam", 40, None, "available"),
        ("deposit", D(2024, 3, 1), "short", 3, None, "available"),
        ("deposit", D(2024, 4, 1), "lost", 1, None, "available"),
        ("conversion", D(2024, 6, 1), "cert", 4, "zj-credit-1", "recognised"),
        ("transfer", D(2024, 7, 1), "x-1", 2, None, "recognised"),
        ("revocation", D(2025, 5, 1), "cert", 2, None, "revoked"),
        ("revocation", D(2025, 5, 1), "cert", 4, None, "revoked"),
        ("conversion", D(2025, 9, 1), "exam", 38, "zj-credit-1", "recognised"),
    ]


def test_every_entry_is_of_the_account_holder_and_has_its_event(bank: Released) -> None:
    assert bank.rows(
        "select count(*), count(e.learner_key), count(distinct e.learner_key), count(o._event_id) "
        "from core.fct_credit_entry as e left join core.person_link as o on e.learner_key = o.learner_key "
        "and o.source_entity = e.source_entity and o.record_id = e.record_id"
    )[0][1:3] == (18, 1)


def test_balances_of_any_day(bank: Released) -> None:
    account = "6230-0001"
    on = {
        D(2024, 1, 9): [],
        D(2024, 1, 10): [("available", "cert", 6)],
        D(2024, 6, 1): [("available", "cert", 2), ("available", "exam", 40), ("available", "lost", 1),
            ("available", "short", 3), ("recognised", "cert", 4)],
        TODAY: [("available", "exam", 2), ("available", "lost", 1), ("available", "short", 3),
            ("recognised", "exam", 38), ("revoked", "cert", 6)],
    }  # fmt: skip
    for day, wanted in on.items():
        found = [(kind, what, amount) for kind, owner, _, what, amount in balances(bank, day) if owner == account]
        assert found == wanted, day
    held = bank.rows(
        "select account_kind_code, outcome_id, balance_credits::float8 from core.credit_balance "
        "where account_owner_id = %s order by 1, 2",
        account,
    )
    assert held == on[TODAY]


def test_the_bank_and_the_rules_stand_side_by_side(bank: Released) -> None:
    assert bank.rows(
        "select record_id, reason, bank_says::float8, rules_give::float8, steps, rule_version from ledger.disagreement "
        "where superseded_at is null"
    ) == [("a-2|exam", "stopped_by_rules", 40, 38, ["total_cap"], "zj-credit-1")]


def test_posting_again_changes_nothing(bank: Released) -> None:
    before = bank.rows("select count(*), max(posting_id) from ledger.posting")
    assert post.post(bank.settings, today=TODAY) == post.PostReport()
    anew = post.post(bank.settings, today=TODAY, everything=True)
    assert (anew.run_id, anew.holders, anew.disagreements) == (None, 1, 0)
    assert bank.rows("select count(*), max(posting_id) from ledger.posting") == before


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger.entry set amount = amount + 1",
        "delete from ledger.posting",
        "truncate ledger.entry",
        "update ledger.run set postings = 0",
        "delete from ledger.account",
    ],
)
def test_nothing_posted_can_be_changed_even_by_the_owner(bank: Released, statement: str) -> None:
    with (
        connect(bank.settings, "flyover_owner") as owner,
        pytest.raises(DatabaseError, match="post a reversal instead"),
    ):
        owner.execute(statement)  # type: ignore[arg-type]


def test_the_ledger_refuses_a_posting_that_does_not_balance(bank: Released) -> None:
    with connect(bank.settings, post.ROLE) as ledger:
        ledger.execute(
            "insert into ledger.posting select (select max(posting_id) + 1000 from ledger.posting), run_id, "
            "gen_random_uuid(), kind, null, agency_code, owner_id, source_entity, record_id, event_id, category_code, "
            "rule_version, effective_on, recorded_at from ledger.posting limit 1"
        )
        with pytest.raises(DatabaseError, match="does not sum to zero"):
            ledger.execute(
                "insert into ledger.entry select (select max(posting_id) from ledger.posting), 1, account_key, "
                "outcome_id, 5, unit from ledger.entry limit 1"
            )


def test_a_run_that_would_overdraw_an_account_posts_nothing(bank: Released, monkeypatch: pytest.MonkeyPatch) -> None:
    from ledger import conversion

    before = bank.rows("select count(*) from ledger.posting")
    tell(bank, [(APPLICATIONS, application("a-9", "exam", 60, D(2026, 1, 1), programme_code="CS"))])
    build_warehouse(bank.settings)
    monkeypatch.setattr(conversion, "STEPS", ("overlap",))
    generous = conversion._limits

    def careless(rule, room):  # type: ignore[no-untyped-def]
        return {step: limit for step, limit in generous(rule, room).items() if step == "overlap"}

    monkeypatch.setattr(conversion, "_limits", careless)
    with pytest.raises(LedgerBroken, match="below zero on 2026-01-01"):
        post.post(bank.settings, today=TODAY)
    monkeypatch.undo()
    assert bank.rows("select count(*) from ledger.posting") == before
    tell(bank, [(APPLICATIONS, {"application_id": "a-9", "outcome_id": "exam", "_version": 2, "_is_deleted": True})])
    settle(bank, today=TODAY)


def test_what_falls_due_is_posted_when_its_day_comes(bank: Released) -> None:
    report = post.post(bank.settings, today=D(2027, 1, 1))
    assert (report.holders, report.postings, report.reversals) == (1, 1, 0)
    build_warehouse(bank.settings)
    assert ("expired", "6230-0001", "", "short", 3.0) in balances(bank, D(2027, 1, 1))
    assert post.post(bank.settings, today=D(2027, 1, 1)) == post.PostReport()


def test_a_late_correction_is_a_reversal_and_a_new_posting(bank: Released) -> None:
    known = bank.rows("select clock_timestamp()")[0][0]
    then = balances(bank, TODAY)
    tell(bank, [(DEPOSITS, deposit("cert", 3, D(2024, 1, 10)))], version=2)
    report = settle(bank, today=D(2027, 1, 1))
    assert report.reversals == 4
    assert balances(bank, TODAY, known) == then
    assert ("revoked", "6230-0001", "", "cert", 3.0) in balances(bank, TODAY)
    assert ("recognised", "6230-0001", "EE", "cert", 3.0) in balances(bank, D(2024, 6, 1))
    apart = bank.rows(
        "select count(*) from ledger.posting as r inner join ledger.posting as p on r.reverses = p.posting_id "
        "where r.effective_on <> p.effective_on or r.recorded_at <= p.recorded_at"
    )
    assert apart == [(0,)]


def test_core_made_anew_is_core_as_it_is(bank: Released) -> None:
    text = "select md5(string_agg(e::text, '|' order by posting_id, entry_line)) from core.fct_credit_entry as e"
    before = bank.rows(text)
    build_warehouse(bank.settings, full_refresh=True)
    assert bank.rows(text) == before


def test_an_account_that_the_bank_takes_back_whole_is_reversed_whole(bank: Released) -> None:
    gone = [
        (DEPOSITS, {"deposit_id": f"d-{name}", "_is_deleted": True}) for name in ("cert", "exam", "short", "lost")
    ] + [(APPLICATIONS, {"application_id": number, "outcome_id": name, "_is_deleted": True})
        for number, name in (("a-1", "cert"), ("a-2", "exam"))]  # fmt: skip
    tell(bank, gone, version=5)
    settle(bank, today=TODAY)
    assert [row for row in balances(bank, TODAY) if row[1] == "6230-0001"] == []
    assert bank.rows("select count(*) from ledger.disagreement where superseded_at is null") == [(0,)]
    assert bank.rows(
        "select count(*) from core.fct_credit_entry where learner_key is null and amount_credits <> 0"
    ) != [(0,)]


def test_any_order_of_delivery_gives_the_balances_of_the_orderly_run(new_bank: Callable[[], Released]) -> None:
    """Sixty lives, told in one piece to one bank and in four random pieces, some first wrongly, to another."""
    orderly, disorderly = new_bank(), new_bank()
    draw = random.Random(5)
    rows = [row for seed in range(60) for row in of_events(history(seed), f"person-{seed}", f"{seed}-")]
    tell(orderly, rows)
    settle(orderly, today=TODAY)
    shuffled = draw.sample(rows, len(rows))
    cuts = [0, *sorted(draw.sample(range(len(rows)), 3)), len(rows)]
    for nth, (begin, end) in enumerate(itertools.pairwise(cuts)):
        piece = shuffled[begin:end]
        if nth == 1:  # a wrong first version of what is told rightly later
            piece += [(e, {**r, "credits": 1, "_version": 0}) for e, r in shuffled[end:] if e == DEPOSITS]
        tell(disorderly, piece)
        settle(disorderly, today=TODAY)
    assert disorderly.rows("select count(*) > 50 from ledger.posting where kind = 'reversal'") == [(True,)]
    assert orderly.rows("select count(*) from ledger.posting where kind = 'reversal'") == [(0,)]
    for day in (D(2024, 1, 20), D(2024, 2, 20), D(2024, 4, 1), TODAY):
        assert balances(disorderly, day) == balances(orderly, day)
    said = (
        "select owner_id, source_entity, record_id, reason, bank_says, rules_give from ledger.disagreement "
        "where superseded_at is null order by 1, 2, 3, 4"
    )
    assert disorderly.rows(said) == orderly.rows(said) != []
    held = (
        "select account_kind_code, account_owner_id, learner_key, programme_code, outcome_id, balance_credits "
        "from core.credit_balance order by 1, 2, 3, 4, 5"
    )
    assert disorderly.rows(held) == orderly.rows(held) != []
    overdrawn = "select count(*) from ledger.run as r, ledger.overdrawn(r.run_id)"
    assert disorderly.rows(overdrawn) == [(0,)]
