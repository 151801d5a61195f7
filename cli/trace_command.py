"""./flyover trace: what stands behind one published number."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import Table, emit_tables, say
from pipeline.settings import load

if TYPE_CHECKING:
    from release.trace import Trace


def trace(
    indicator: Annotated[str, typer.Argument(help="Indicator code, as ./flyover indicators lists it.")],
    area: Annotated[str, typer.Argument(help="Area code: 330000 for the province, 330100, 330106 …")],
    period: Annotated[str, typer.Argument(help="Period, as the number has it: 2025")],
    method: Annotated[str | None, typer.Option("--method", help="Where an indicator has several.")] = None,
    dimension: Annotated[str, typer.Option("--dimension", help="Breakdown: sex, age_band, county_group …")] = "total",
    member: Annotated[str | None, typer.Option("--member", help="Member of the breakdown: female …")] = None,
    realm: Annotated[str | None, typer.Option("--realm", help="real or simulated.")] = None,
    release: Annotated[int | None, typer.Option("--release", min=1, help="An earlier release.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Say what a number means and what it rests on: batches, agencies, contracts, rules, links, the project.

    Behind a withheld number stands the word alone.
    """
    from release import trace as asked

    settings = load()
    where = asked.find(
        settings, release, indicator_code=indicator, method=method, realm=realm, area_code=area, period=period,
        dimension=dimension, member=member or ("total" if dimension == "total" else None),
    )  # fmt: skip
    found = asked.behind(settings, where, release)
    if not as_json:
        _tell(found)
    emit_tables([table for table in _tables(found) if as_json or table.rows], as_json, **_about(found))


def _about(found: Trace) -> dict[str, Any]:
    number = dataclasses.asdict(found.number)
    return {
        "number": {**number.pop("slice"), **number},
        "definition": dict(found.definition),
        "made_of": found.made_of,
        "agencies": found.agencies,
    }


def _tell(found: Trace) -> None:
    number, definition = found.number, found.definition
    shown = (
        "withheld" if number.status == "withheld" else number.status if number.value is None else f"{number.value:,.6g}"
    )
    unit = f" {number.unit}" if number.value is not None else ""
    say(f"{definition.get('name_en', number.slice.indicator_code)} ({definition.get('name_zh', '')}): {shown}{unit}")
    say(f"{definition.get('sentence_en', '')}\n{definition.get('sentence_zh', '')}")
    say(
        f"method {number.slice.method}, definition version {number.definition_version}: {definition.get('formula', '')}"
    )
    if number.numerator is not None and number.denominator is not None:
        say(f"{number.numerator:,.10g} / {number.denominator:,.10g}, as of {number.as_of}")
    if number.coverage_pct is not None:
        say(f"{number.coverage_pct:.1f} % of its records belong to a known person")
    if number.status_note is not None:
        say(number.status_note)
    if found.made_of is not None:
        say(f"made of the published figures of {found.made_of}")
    digest = f", project {number.project_digest[:12]}" if number.project_digest else ""
    say(f"release {number.release_id} of {number.published_at:%Y-%m-%d %H:%M}{digest}")


def _tables(found: Trace) -> list[Table]:
    return [
        Table(
            "batches",
            "Batches behind it",
            ("batch", "agency", "table", "contract", "delivered", "released rows", "by", "rows of it"),
            [
                (b.batch_id, b.agency_code, b.table, b.contract_version, b.delivered_at, b.released, b.basis, b.rows)
                for b in found.batches
            ],
        ),
        Table(
            "rules",
            "Rules that judged them",
            ("rule", "version", "severity", "batches", "failed rows"),
            [(r.rule_id, (r.fingerprint or "")[:12], r.severity, r.batches, r.failed) for r in found.rules],
        ),
        Table(
            "links",
            "What said who is who",
            ("method", "version", "links"),
            [(link.method, link.rule_version, link.links) for link in found.links],
        ),
        Table(
            "credit_rules",
            "Rules by which credits were recognised (./flyover credits rules)",
            ("version",),
            [(version,) for version in found.credit_rules],
        ),
    ]
