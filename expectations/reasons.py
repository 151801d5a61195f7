"""Texts for what keeps a row back before any rule is asked: the reader's and the contract's own reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from expectations.suites import SUITES, Severity, Text, load


@dataclass(frozen=True)
class Reason:
    """What a rule id means to a person, and how to mend what it found."""

    title: Text
    mend: Text
    severity: Severity


_SEND_AGAIN = Text("请按模板更正该行后重新报送。", "Correct the row by the template and send it again.")
_BEFORE_RULES: Mapping[str, Reason] = {
    "reader.ragged_row": Reason(
        Text("列数与表头不符", "The row has more or fewer fields than the header"),
        Text(
            "请检查该行的逗号与引号，字段内的逗号须加引号。",
            "Check commas and quotes in that row; a comma inside a field needs quotes.",
        ),
        "critical",
    ),
    "reader.bad_quotes": Reason(
        Text("引号不成对", "A quote is never closed"),
        Text("请检查该行的引号，字段内的引号须写两次。", "Check the quotes; a quote inside a field is written twice."),
        "critical",
    ),
    "reader.bad_encoding": Reason(
        Text("字符编码有误", "Characters in another encoding"),
        Text("请以 UTF-8 重新导出。", "Export the file again as UTF-8."),
        "critical",
    ),
    "reader.oversized_row": Reason(
        Text("该行过长", "The row is too large"),
        Text("请检查是否缺少引号，使多行连成一行。", "Check for a missing quote that joins many lines into one."),
        "critical",
    ),
    "reader.unreadable": Reason(Text("无法读取的行", "The row cannot be read"), _SEND_AGAIN, "critical"),
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
    return {**_BEFORE_RULES, **{id_: Reason(rule.title, rule.mend, rule.severity) for id_, rule in rules.items()}}


def explain(rule_id: str, reasons: Mapping[str, Reason]) -> Reason:
    """The reason, or its bare id where a rule has meanwhile been taken out of its suite."""
    return reasons.get(rule_id) or Reason(Text(rule_id, rule_id), Text("—", "—"), "critical")
