"""One bit a rule, in as many numbers as the rules need."""

from expectations.judging.marks import BITS, Marks
from expectations.rules.suites import Failing, Rule, Text

WORDS = Text("…", "…")


def rules(count):
    return [
        Rule(f"t.r{n}", WORDS, WORDS, WORDS, "o", "critical", "validity", "row", Failing(f"r.c = {n}"))
        for n in range(count)
    ]


def test_every_rule_has_a_bit_of_its_own():
    marks = Marks(rules(2), "t")
    assert marks.columns == (
        "case when (r.c = 0) then 1::bigint else 0 end + case when (r.c = 1) then 2::bigint else 0 end as _failed_0"
    )
    assert marks.is_failing == "_failed_0 <> 0"
    assert marks.rule_ids == (
        "case when _failed_0 & 1::bigint <> 0 then 't.r0' end, case when _failed_0 & 2::bigint <> 0 then 't.r1' end"
    )


def test_more_rules_than_one_number_has_bits_for_go_into_another():
    marks = Marks(rules(BITS + 1), "t")
    assert f"{1 << (BITS - 1)}::bigint" in marks.columns
    assert 2 ** (BITS) - 1 < 2**63  # all bits at once still fit
    assert "case when (r.c = 62) then 1::bigint else 0 end as _failed_1" in marks.columns
    assert marks.is_failing == "_failed_0 <> 0 or _failed_1 <> 0"
    assert marks.rule_ids.endswith("case when _failed_1 & 1::bigint <> 0 then 't.r62' end")
