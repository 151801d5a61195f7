"""Writes docs/reference/rights.md from the decisions, so that the page cannot drift; a test compares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline import markdown
from pipeline.rights import rows
from pipeline.rights.decisions import FILE, OWN, Decisions, Group, load
from pipeline.rights.matrix import letters

PAGE = Path("docs") / "reference" / "rights.md"
_HEAD = f"""# Rights

Who may do what in the database. This page is made from `{FILE}` by `./flyover docs`; change the
decisions there. What no line names stops `./flyover up`; what no line allows is taken away; nothing is open to the
public. `./flyover roles` shows the same from the database as it is, and `./flyover roles --check` where they differ.

Letters: **s** select, **i** insert, **u** update, **d** delete, **x** execute, **n** next number; **\\*** some columns
only (which ones, the decisions name). Who may do something in a schema may look up its names; owners (`flyover_owner`,
of what dbt builds `flyover_dbt`) are left out. Roles stand without their `flyover_`.

**Rows of an agency.** Tables marked so have row-level security, forced on their owner too. The house's own roles see
all rows. The agencies' desk (`flyover_portal`) sees those of the agency its connection names, the officers' desk
(`flyover_officer`) those of the agencies it names, an officer's own login (`./flyover officer login`) those that the
account answers for; whoever names none sees none. Views ask with the rights and the rows of who reads them. Tables that
COPY writes cannot have it; people's roles do not reach them.
"""
_KIND = {"relations": "", "partitions": " (partitions)", "sequences": " (sequence)", "functions": " (function)"}


def write(checkout: Path) -> Path:
    """Write the page; the path."""
    path = checkout / PAGE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(load()), encoding="utf-8")
    return path


def render(decided: Decisions) -> str:
    """The whole page."""
    parts = [_HEAD, "## Roles\n", markdown.table(("role", "for what", "also"), _roles(decided))]
    for schema in decided.schemas.values():
        groups = [g for g in decided.groups if any(name.startswith(f"{schema.name}.") for name in g.names)]
        if groups:
            parts += [
                f"## {schema.name}\n\n{schema.why}\n",
                markdown.table(("object", "who", "rows", "why"), _rows(groups)),
            ]
    policies = [f"`{p.table}`" for p in rows.policies(decided) if p.name == "house"]
    parts.append(f"## Kept by agency\n\n{len(policies)} tables: {', '.join(sorted(policies))}.\n")
    return "\n".join(parts)


def _roles(decided: Decisions) -> Iterable[Sequence[str]]:
    for role in decided.roles.values():
        also = ", ".join([*(f"`{name}`" for name in sorted(role.also)), *sorted(role.can)])
        yield f"`{role.name}`", role.why, also


def _rows(groups: Iterable[Group]) -> Iterable[Sequence[str]]:
    for group in groups:
        names = ", ".join(f"`{name}`" for name in group.names) + _KIND[group.kind]
        may = "; ".join(f"{_short(role)} {word}" for role, word in letters(group.rights).items()).replace("*", "\\*")
        yield names, may or "nobody", _kept(group), group.why


def _kept(group: Group) -> str:
    if not group.by_agency:
        return ""
    return "an agency's" if group.by_agency == OWN else "an agency's, by what they belong to"


def _short(role: str) -> str:
    return role.removeprefix("flyover_")
