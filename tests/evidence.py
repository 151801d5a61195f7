"""What the tests have measured about the rules, told once more at the end of a run, before pytest's last line."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.db import Connection

_told: list[str] = []


def tell(line: str) -> None:
    """One line of evidence."""
    _told.append(line)


def lines() -> Iterable[str]:
    """What has been told in this run, in its order."""
    return tuple(_told)


def share(part: int, whole: int) -> str:
    """A share with three decimals that reads 1.000 or 0.000 only where it is so."""
    if part in (0, whole):
        return f"{part / whole:.3f}" if whole else "—"
    return f"{min(max(part / whole, 0.001), 0.999):.3f}"


def alarms(connection: Connection, agency: str) -> tuple[int, dict[str, tuple[int, int]]]:
    """What the rules said about an agency: (rules asked, (rows that fail, rows asked) of each that found something)."""
    found = connection.execute(
        "select r.rule_id, sum(r.failed)::integer, sum(r.evaluated)::integer from quality.rule_result as r "
        "inner join quality.batch as b on r.batch_id = b.batch_id where b.agency_code = %s group by r.rule_id",
        (agency,),
    ).fetchall()
    return len(found), {rule: (failed, asked) for rule, failed, asked in found if failed}
