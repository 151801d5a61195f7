"""What offices call things: lists agree with the rules, no word means two things, mistakes in them are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.sources import words
from expectations.rules import suites
from pipeline import contracts
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT

DESCRIBED = [
    contract
    for contract in contracts.load_all(CHECKOUT / "contracts").values()
    if (words.HERE / f"{contract.source}.yaml").exists()
]
(SENIOR,) = [contract for contract in DESCRIBED if contract.source == "senior"]


@pytest.mark.parametrize("contract", DESCRIBED, ids=lambda contract: contract.name)
def test_codes_are_those_the_rules_allow(contract: contracts.Contract) -> None:
    described = words.of(contract)
    for rule in suites.load()[contract.table].rules:
        arguments = getattr(rule.check, "arguments", {})
        listed = described.get(arguments.get("column", ""))
        if listed is not None and listed.codes and "value_set" in arguments:
            assert {code.code for code in listed.codes} <= set(arguments["value_set"]), rule.id


@pytest.mark.parametrize("contract", DESCRIBED, ids=lambda contract: contract.name)
def test_every_column_is_described_in_both_languages_and_found_by_its_names(contract: contracts.Contract) -> None:
    known = words.columns(contract)
    for field in contract.fields:
        described = words.of(contract)[field.name]
        for word in (field.name, described.zh, described.en):
            assert known[words.loose(word)] == (field.name, True), (field.name, word)
        if field.classification != "dropped" or field.required:
            assert described.zh != described.en, field.name


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2024年秋季", "2024-autumn"), ("2024秋", "2024-autumn"), ("2024 年 春季学期", "2024-spring"),
        ("2024-Fall", "2024-autumn"), ("Spring 2024", "2024-spring"), ("２０２４年夏", "2024-summer"),
        ("2024-2025学年第一学期", None), ("秋季", None),
    ],
)  # fmt: skip
def test_terms_are_understood_where_year_and_season_are_said(text: str, meant: str | None) -> None:
    found = words.of(SENIOR)["term"].meant(text)
    assert (found[0] if found else None) == meant


def test_total_and_remark_are_told_from_names() -> None:
    office = words.office()
    assert all(
        office.total.fullmatch(text)
        for text in ("合计", "总计:", "小计", "本页合计", "total", "grandtotal:", "合计人数")
    )
    assert all(
        office.remark.fullmatch(text) for text in ("制表人:测试", "审核:", "备注:见附件", "单位(盖章):", "2024年9月2日")
    )
    names = ("合肥老年大学", "统计学", "计算机", "制陶", "陈总计", "备考班", "注音", "日语")
    assert not any(office.total.fullmatch(text) or office.remark.fullmatch(text) for text in names)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("enrolments: {colour: {zh: 颜色, en: colour}}", "has no field colour"),
        ("enrolments: {sex: {zh: 性别, en: sex, colour: red}}", "unknown key colour"),
        (
            "enrolments: {sex: {zh: 性别, en: sex, codes: {a: {zh: 甲, en: x}, b: {zh: 乙, en: x}}}}",
            "means both a and b",
        ),
    ],
)
def test_mistake_in_the_words_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, complaint: str
) -> None:
    (tmp_path / "senior.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(words, "HERE", tmp_path)
    words.of.cache_clear()
    with pytest.raises(ConfigurationError, match=complaint):
        words.of(SENIOR)
    words.of.cache_clear()
