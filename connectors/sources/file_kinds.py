"""Tells by its first bytes what a file really is, whatever it is called: offices rename, and so do attackers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.sources.package import Member

ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"Rar!": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}
_OTHERS = {
    b"%PDF": "a PDF",
    b"{\\rtf": "a text document (RTF)",
    b"SQLite format 3": "a database",
    b"\x89PNG": "a picture",
}
_WORKBOOK_PARTS = (b"[Content_Types].xml", b"_rels/.rels", b"xl/", b"docProps/")
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument"
_MARKUP = (b"<!doctype", b"<html", b"<table", b"<head", b"<meta", b"<?xml", b"<style", b"<div")


def is_workbook(head: bytes) -> bool:
    """Whether these first bytes are those of an Excel or OpenDocument workbook: told by its first part.

    A zip that merely holds a workbook begins with that file's name.
    """
    if head.startswith(_OLD_OFFICE):
        return True
    if not head.startswith(ZIP_STARTS[0]):
        return False
    length = int.from_bytes(head[26:28], "little")
    name, content = head[30 : 30 + length], head[30 + length :]
    return name.startswith(_WORKBOOK_PARTS) or (name == b"mimetype" and content.startswith(_OPEN_DOCUMENT))


def is_packed(head: bytes) -> str | None:
    """Name of the packing method, for a packed file other than a zip."""
    return next((name for start, name in _PACKED.items() if head.startswith(start)), None)


def refuse_other_kinds(member: Member, head: bytes) -> None:
    """Refuse what is no text at all, or text that is a page.

    :raises BadInput: naming what it really is
    """
    if is_workbook(head):
        raise member.bad(
            "this is a workbook (Excel, OpenDocument), whatever its name says",
            code="refused.workbook",
            advice="In the spreadsheet program choose Save as, CSV UTF-8, and send that file.",
        )
    if head.startswith(ZIP_STARTS):
        raise member.bad(
            "this is a zip inside the delivery", code="refused.nested_archive", advice="Unpack it and send the tables."
        )
    if packed := is_packed(head):
        raise member.bad(
            f"this file is packed with {packed}",
            code="refused.packed",
            advice="Unpack it, or send it as a zip.",
        )
    if other := next((name for start, name in _OTHERS.items() if head.startswith(start)), None):
        raise member.bad(f"this is {other}, not a table", code="refused.not_a_table", advice="Send the table as CSV.")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith(_MARKUP):
        raise member.bad(
            "this is a web page or XML, whatever its name says",
            code="refused.markup",
            advice="It may be an error page. If it is a table, save it as CSV UTF-8 in the spreadsheet program.",
        )
