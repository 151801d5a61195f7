"""What may be handed in and under which name; decided by the content, never by what the sender calls it."""

from __future__ import annotations

import re
import unicodedata

HEAD_BYTES = 4096
LONGEST_NAME_BYTES = 180
KINDS = ("zip", "xls", "json", "text")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP_OR_SCRIPT = (b"<", b"#!", b"%PDF", b"{\\rtf")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")
_UNFIT = re.compile(r"[^\w .()（）【】\-]+")


def kind_of(head: bytes) -> str | None:
    """What a file is, by its first bytes: a zip (also .xlsx, .ods), an old workbook, JSON or text; else None.

    Whether it can be read as a delivery is for the source's reader to say.
    """
    if head.startswith(_ZIP):
        return "zip"
    if head.startswith(_OLE):
        return "xls"
    if head.startswith(_UTF16):
        return "text"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start or start.startswith(_MARKUP_OR_SCRIPT) or _CONTROLS.search(head):
        return None
    return "json" if start.startswith((b"{", b"[")) else "text"


def clean_name(given: str | None) -> str:
    """A name that stays inside one folder and on one line: no paths, no dots in front, no controls, not too long."""
    name = unicodedata.normalize("NFC", given or "").replace("\\", "/").rpartition("/")[2]
    name = _UNFIT.sub("_", name).strip(" ._")
    while name.lower().endswith(".part"):
        name = name[: -len(".part")].rstrip(" ._")
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    ending = ending[:16]
    while len(f"{stem}.{ending}".encode()) > LONGEST_NAME_BYTES:
        stem = stem[:-1]
    return (f"{stem.rstrip(' ._')}{dot}{ending}" if stem else ending) or "delivery"


def numbered(name: str, number: int) -> str:
    """The same name for a further file: ``pupils.csv``, ``pupils-2.csv``, …"""
    if number == 1:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem}-{number}.{ending}" if dot and stem else f"{name}-{number}"
