"""Reads the XML inside workbooks as a stream, and nothing it points to: a document type is refused, so are entities."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple
from xml.parsers import expat

from connectors.sources.package import Member

PIECE = 2**16


class Element(NamedTuple):
    """An element that has ended, with the text directly in it."""

    name: str
    attributes: dict[str, str]
    text: str


class DocumentTypeError(Exception):
    """The part declares a document type, which no workbook needs and attacks do."""


_TORN = (
    expat.ExpatError,
    DocumentTypeError,
    ValueError,
    LookupError,
    ArithmeticError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
)
"""What a torn part raises: the parser, the zip around it, and numbers in it that lead nowhere."""


def new_parser() -> expat.XMLParserType:
    """Parser that names elements and attributes ``namespace name`` and refuses document types."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = PIECE
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def local(name: str) -> str:
    """Name without its namespace: strict and transitional files differ only there."""
    return name.rpartition(" ")[2]


def fed(parser: expat.XMLParserType, file: IO[bytes], made: list[object], member: Member) -> Iterator[object]:
    """What the parser's handlers put into ``made``, piece by piece."""
    try:
        while piece := file.read(PIECE):
            parser.Parse(piece)
            if made:
                yield from made
                made.clear()
        parser.Parse(b"", True)
        yield from made
    except _TORN as error:
        raise member.bad(
            "the workbook is damaged: a part of it cannot be read",
            code="refused.workbook_damaged",
            advice="Open it in the spreadsheet program, save it again and send it.",
        ) from error


def elements(file: IO[bytes], member: Member) -> Iterator[Element]:
    """Every element of a small part as it ends, innermost first."""
    made: list[object] = []
    open_elements: list[tuple[str, dict[str, str], list[str]]] = []
    parser = new_parser()

    def start(name: str, attributes: dict[str, str]) -> None:
        open_elements.append((local(name), {local(key): value for key, value in attributes.items()}, []))

    def text(data: str) -> None:
        if open_elements:
            open_elements[-1][2].append(data)

    def end(name: str) -> None:
        started, attributes, parts = open_elements.pop()
        made.append(Element(started, attributes, "".join(parts)))

    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text, end
    for element in fed(parser, file, made, member):
        if isinstance(element, Element):
            yield element


def _refuse(*_: object) -> None:
    raise DocumentTypeError
