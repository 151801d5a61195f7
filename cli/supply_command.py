"""./flyover supply: what this house is made of, under which licences, and what is known against it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from cli.output import emit_table, say
from stack import supply as made_of


def supply(
    sbom: Annotated[
        Path | None, typer.Option(help="Write bills of materials (CycloneDX) into this folder, and nothing else.")
    ] = None,
    audit: Annotated[bool, typer.Option("--audit", help="Ask uv and npm what is known against our packages.")] = False,
    licences: Annotated[bool, typer.Option("--licences", help="Count packages by licence only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """List every package and jar with version, licence and how many of its files the locks pin by checksum."""
    if sbom is not None:
        for path in made_of.write_sboms(sbom):
            say(f"written: {path}")
        return
    if audit:
        for origin, told in made_of.advisories().items():
            say(f"{origin}:\n{told}\n")
        return
    found = made_of.parts()
    if licences:
        counted = Counter((part.licence, part.is_shipped) for part in found)
        rows = [(licence, shipped, number) for (licence, shipped), number in counted.most_common()]
        emit_table("Licences", ("licence", "runs", "packages"), rows, as_json=as_json)
        return
    columns = ("from", "name", "version", "licence", "files pinned", "runs")
    emit_table("Made of", columns, [tuple(vars(part).values()) for part in found], as_json=as_json)
