"""Texts for what keeps a row back before any rule is asked: the reader's and the contract's own reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors import messages
from expectations.rules.suites import SUITES, Severity, Text, load


@dataclass(frozen=True)
class Reason:
    """What a rule id means to a person, and how to mend what it found."""

    title: Text
    mend: Text
    severity: Severity


_CONTRACT: Mapping[str, Reason] = {
    "contract.type": Reason(
        Text("值的类型与数据契约不符", "A value is not of the type the contract names"),
        Text("请检查日期（YYYY-MM-DD）与数字的写法。", "Check how dates (YYYY-MM-DD) and numbers are written."),
        "critical",
    ),
    "contract.required": Reason(
        Text("缺少必填字段", "A required field is missing"),
        Text("请补填必填字段。", "Fill in the required field."),
        "critical",
    ),
    "contract.length": Reason(
        Text("值超过允许的长度", "A value is longer than the contract allows"),
        Text("请缩短该值，或检查列是否错位。", "Shorten the value, or check whether columns have shifted."),
        "critical",
    ),
    "contract.nul": Reason(
        Text("值中含有空字符（NUL）", "A value contains a NUL character"),
        Text("请在源系统中清除该字符后重新导出。", "Remove the character in the source system and export again."),
        "critical",
    ),
}


def known() -> Mapping[str, Reason]:
    """Every reason a row can be kept back or reported for, by rule id."""
    rules = {rule.id: rule for suite in load(SUITES).values() for rule in suite.rules}
    before = {
        code: Reason(Text(m.title_zh, m.title_en), Text(m.mend_zh, m.mend_en), "critical")
        for code, m in messages.load().items()
        if code.startswith("reader.")
    }
    return {**before, **_CONTRACT, **{id_: Reason(rule.title, rule.mend, rule.severity) for id_, rule in rules.items()}}


def explain(rule_id: str, reasons: Mapping[str, Reason]) -> Reason:
    """The reason, or its bare id where a rule has meanwhile been taken out of its suite."""
    return reasons.get(rule_id) or Reason(Text(rule_id, rule_id), Text("—", "—"), "critical")
