"""Takes the body of a request apart as it comes: a form with files, or one file raw; never more of it than a chunk."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import unquote

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from portal.agency.incoming import WRITE_BYTES, Incoming
from portal.refusals import NotTaken
from portal.sessions import MARK_FIELD

_LONGEST_FIELD = 4096
_MOST_FIELDS = 16


class _Form:
    """What a multipart parser tells, put in order: fields kept, files handed on."""

    def __init__(self, incoming: Incoming, is_genuine: Callable[[str | None], bool]) -> None:
        self._incoming, self._is_genuine = incoming, is_genuine
        self._fields: dict[str, str] = {}
        self._headers: dict[str, bytes] = {}
        self._header = (b"", b"")
        self._name, self._value, self._is_file, self._ended = "", b"", False, False

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._collect(data[start:end], b""),
            "on_header_value": lambda data, start, end: self._collect(b"", data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": lambda data, start, end: self._data(data[start:end]),
            "on_part_end": self._end,
            "on_end": self._finished,
        }

    def check_ended(self) -> None:
        if not self._ended:
            raise NotTaken("broken_off")

    def _begin(self) -> None:
        self._headers, self._header = {}, (b"", b"")

    def _collect(self, field: bytes, value: bytes) -> None:
        self._header = (self._header[0] + field, self._header[1] + value)

    def _header_end(self) -> None:
        field, value = self._header
        self._headers[field.decode("latin-1").lower()] = value
        self._header = (b"", b"")

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        self._name, self._value = options.get(b"name", b"").decode("utf-8", "replace"), b""
        self._is_file = b"filename" in options
        if not self._is_file:
            return
        if not self._is_genuine(self._fields.get(MARK_FIELD)):  # before a byte of it is taken
            raise NotTaken("stale_form", 403)
        filename = options[b"filename"].decode("utf-8", "replace")
        if filename:
            self._incoming.open(filename)
        else:
            self._is_file = False  # a form sent with no file chosen

    def _data(self, data: bytes) -> None:
        if self._is_file:
            self._incoming.write(data)
        elif len(self._value) + len(data) <= _LONGEST_FIELD and len(self._fields) < _MOST_FIELDS:
            self._value += data
        else:
            raise NotTaken("broken_off")

    def _end(self) -> None:
        if self._is_file:
            self._incoming.close()
        elif self._name:
            self._fields[self._name] = self._value.decode("utf-8", "replace")

    def _finished(self) -> None:
        self._ended = True


async def form(
    request: Request, incoming: Incoming, silence_s: float, is_genuine: Callable[[str | None], bool]
) -> None:
    """Take the files of a multipart form; ``is_genuine`` is asked about the form's mark before the first of them.

    :raises NotTaken: what is wrong with it
    """
    _, options = parse_options_header(request.headers.get("content-type", ""))
    told = _Form(incoming, is_genuine)
    try:
        parser = MultipartParser(options.get(b"boundary", b"") or uuid.uuid4().hex, told.callbacks())
        async for chunk in _chunks(request, silence_s):
            await run_in_threadpool(parser.write, chunk)
        parser.finalize()
    except FormParserError:
        raise NotTaken("broken_off") from None
    told.check_ended()


async def raw(request: Request, incoming: Incoming, silence_s: float, name: str | None) -> None:
    """Take the body as one file.

    :raises NotTaken: what is wrong with it
    """
    incoming.open(name)
    async for chunk in _chunks(request, silence_s):
        await run_in_threadpool(incoming.write, chunk)
    await run_in_threadpool(incoming.close)


def announced_length(request: Request) -> int | None:
    """What the sender says it sends; None where it does not."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdigit() else None


def announced_name(request: Request) -> str | None:
    """Name of a raw body: ``?filename=``, or as ``Content-Disposition`` gives it."""
    if given := request.query_params.get("filename"):
        return given
    _, options = parse_options_header(request.headers.get("content-disposition", ""))
    name = options.get(b"filename", b"").decode("utf-8", "replace")
    return unquote(name) if name else None


def is_form(request: Request) -> bool:
    """Whether the body is a form with files."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def _chunks(request: Request, silence_s: float) -> AsyncIterator[bytes]:
    """The body in pieces worth a write; a sender that has gone ends it."""
    stream = request.stream().__aiter__()
    held: list[bytes] = []
    size = 0
    try:
        while True:
            try:
                chunk = await asyncio.wait_for(anext(stream), silence_s)
            except StopAsyncIteration:
                break
            held.append(chunk)
            size += len(chunk)
            if size >= WRITE_BYTES:
                yield b"".join(held)
                held, size = [], 0
    except (ClientDisconnect, TimeoutError):
        raise NotTaken("broken_off", 408) from None
    if held:
        yield b"".join(held)
