"""Reads a folder of quality pages as a browser and a mail filter would: links, text, and what would be fetched."""

from __future__ import annotations

import html.parser
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urldefrag

VOID = frozenset({"meta", "link", "input", "br", "img"})
_OUTSIDE = re.compile(r"url\(|@import|(?:https?:)?//[\w.-]+\.\w")


class Read(html.parser.HTMLParser):
    """One page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.links, self.ids, self.open = path, [], set(), []
        self.problems: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        if self.open:
            self.problems.append(f"never closed: {self.open}")

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("src", "href", "action", "data") and value is not None:
                self.links.append(value)
            if name == "id" and value is not None:
                if value in self.ids:
                    self.problems.append(f"id {value} is there twice")
                self.ids.add(value)
            if name.startswith("on"):
                self.problems.append(f"{tag} has {name}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()


class Broken(NamedTuple):
    """Something wrong with a folder of pages."""

    page: str
    what: str


def broken(folder: Path) -> Iterator[Broken]:
    """Links that lead nowhere or outside, markup that does not nest, anything that would be fetched."""
    pages = {path: Read(path) for path in sorted(folder.rglob("*.html"))}
    for path, page in pages.items():
        name = str(path.relative_to(folder))
        yield from (Broken(name, problem) for problem in page.problems)
        if found := _OUTSIDE.search(path.read_text(encoding="utf-8")):
            yield Broken(name, f"would fetch {found[0]}")
        for link in page.links:
            if link == "data:,":
                continue
            there, anchor = urldefrag(link)
            target = (path.parent / unquote(there)).resolve() if there else path.resolve()
            if not target.is_file() or folder.resolve() not in target.parents:
                yield Broken(name, f"leads to {link}, which is not there")
            elif anchor and target.suffix == ".html" and anchor not in (pages.get(target) or Read(target)).ids:
                yield Broken(name, f"leads to {link}, where nothing has that id")


def cells(page: Path, row: str, column_from: int = 0) -> list[str]:
    """Texts of the cells of the first row whose markup holds ``row``."""
    text = page.read_text(encoding="utf-8")
    found = next(one for one in re.findall(r"<tr.*?</tr>", text, re.S) if row in one)
    return [plain(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", found, re.S)][column_from:]


def plain(markup: str) -> str:
    """What is read of markup in Chinese, without the signs that only repeat a colour."""
    without = re.sub(r'<span class="en".*?</span>|<i aria-hidden.*?</i>|<title>.*?</title>', "", markup, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", without).split())
