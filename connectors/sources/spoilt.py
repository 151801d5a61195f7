"""Looks at a record's text before its cells: bytes that do not fit, garbled words, NULs, or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.sources.garbled import is_garbled
from connectors.sources.text_form import TextForm, surely_utf8
from connectors.sources.tidy import ODD_CHARACTER

BAD_ENCODING, GARBLED, NUL = "reader.bad_encoding", "reader.garbled_text", "reader.nul_bytes"
_SURROGATE = re.compile("[\udc80-\udcff]")
_MARKS = ('="', "'", "E+")


def oddity(form: TextForm) -> Callable[[str], object]:
    """Whether a record needs a closer look, as cheaply as it can be told."""
    if form.has_nul or not form.is_whole:
        return _always
    if not form.has_marks:
        return ODD_CHARACTER.search  # nothing ASCII is odd, so ASCII records need no test of their own
    return lambda record: any(mark in record for mark in _MARKS) or ODD_CHARACTER.search(record)


def _always(record: str) -> object:
    return True


def spoilt(text: str, form: TextForm) -> str | None:
    """Why a record cannot be trusted, from its text alone."""
    if form.has_nul and "\0" in text:
        return NUL
    if text.isascii():
        return None
    if not form.is_whole and (_SURROGATE.search(text) or _is_utf8_after_all(text, form)):
        return BAD_ENCODING
    return GARBLED if is_garbled(text) else None


def _is_utf8_after_all(text: str, form: TextForm) -> bool:
    """Whether a line of a GB18030 file that was found to mix encodings is UTF-8."""
    if form.encoding != "gb18030":
        return "\ufffd" in text and form.errors == "replace"
    raw = text.encode("gb18030", "surrogateescape")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return surely_utf8(raw)


def raw_of(record: str, form: TextForm) -> str:
    """Text as it stands in the file; bytes that are none are written out, so that nothing of them is lost."""
    if form.is_whole or not _SURROGATE.search(record):
        return record
    return record.encode(form.encoding, "surrogateescape").decode(form.encoding, "backslashreplace")
