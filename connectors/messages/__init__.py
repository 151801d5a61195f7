"""What a sender is told: the text of every repair, refusal and reader's reason, once, in both languages.

One yaml a family (``delimited``, ``package``, ``spreadsheet`` …): ``code: {title_zh, title_en, mend_zh, mend_en}``.
``repair.…`` was put right, ``note.…`` is for information, ``reader.…`` sets a row aside, ``refused.…`` the delivery.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from pipeline.errors import ConfigurationError

HERE = Path(__file__).parent
KINDS = ("repair", "note", "reader", "refused")


@dataclass(frozen=True)
class Message:
    """One code in words; ``mend`` says what to do about it, or next time."""

    code: str
    title_zh: str
    title_en: str
    mend_zh: str
    mend_en: str

    def title(self, language: str) -> str:
        """Title in ``zh`` or ``en``."""
        return self.title_zh if language == "zh" else self.title_en

    def mend(self, language: str) -> str:
        """What to do, in ``zh`` or ``en``."""
        return self.mend_zh if language == "zh" else self.mend_en


@functools.cache
def load() -> Mapping[str, Message]:
    """Every message by code.

    :raises ConfigurationError: a code of no kind, without one of its texts, or given twice
    """
    found: dict[str, Message] = {}
    for path in sorted(HERE.glob("*.yaml")):
        for code, texts in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            if code.partition(".")[0] not in KINDS or code in found:
                raise ConfigurationError(f"connectors/messages/{path.name}: {code} is given twice or of no kind")
            try:
                found[code] = Message(code=code, **texts)
            except TypeError as error:
                raise ConfigurationError(f"connectors/messages/{path.name}: {code}: {error}") from error
    return found


def of(code: str) -> Message:
    """Text of a code; of one we no longer know, the code itself."""
    return load().get(code) or Message(code, code, code, "—", "—")
