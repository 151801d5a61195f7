"""Every code a sender may be told has its text, and no text is left of a code that is gone."""

import re
from pathlib import Path

import pytest

from connectors import messages
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT

_CODE = re.compile(r"""["']((?:repair|note|reader|refused)\.[a-z0-9_]+)["']""")


def codes_in_code() -> set[str]:
    found = set()
    for package in ("connectors", "pipeline", "expectations", "portal", "cli"):
        for path in (CHECKOUT / package).rglob("*.py"):
            found.update(_CODE.findall(path.read_text(encoding="utf-8")))
    return found


def test_every_code_has_a_text_and_every_text_a_code() -> None:
    assert codes_in_code() == set(messages.load())


def test_texts_are_whole_in_both_languages() -> None:
    for message in messages.load().values():
        assert all(text.strip() for text in vars(message).values()), message.code
        assert not re.search(r"[一-鿿]", message.title_en + message.mend_en), message.code


@pytest.mark.parametrize("wrong", ["mishap.x: {}", "repair.x: {title_zh: a}"])
def test_a_wrong_text_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    (tmp_path / "odd.yaml").write_text(wrong, encoding="utf-8")
    monkeypatch.setattr(messages, "HERE", tmp_path)
    messages.load.cache_clear()
    with pytest.raises(ConfigurationError, match="odd"):
        messages.load()
    messages.load.cache_clear()
