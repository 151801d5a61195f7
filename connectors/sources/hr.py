"""Human resources: what labour and social-security offices register about employment, skill certificates and training.

================  ======================================================================================================
Standard          the minimum extract of China's human-resources agencies, three tables (``employment.csv``,
                  ``skill_certificate.csv``, ``training.csv``); its words follow HR Open 4.2.1 where that has one.
                  Codes: GB 32100-2015 (USCC), GB/T 6565 and ISCO-08 (occupations), GB/T 4754-2017 (industries),
                  GB/T 2260 (divisions), the five national skill grades and the chain of eight ranks of 2022
Form              a folder, a zip or one file, as CSV or workbook; a file is recognised by its name or its columns. The
                  same tables come straight out of an agency's database too: ``transport: sql``
                  (:mod:`connectors.transports.sql`)
Grain and key     one employment spell (``employment_id``), one certificate (``certificate_no``), one person's training
                  (``training_id``)
Mode              as the agency's yml says: ``bulk`` (what is missing now is deleted), ``delta`` (changes alone) or
                  ``append`` (nothing ever disappears)
Deletes           ``record_status`` = deleted, in every mode and in every table that has the column
Time of change    ``last_modified``, in the agency's time zone where it has no offset. It travels beside the payload, so
                  that a row whose clock alone has moved is unchanged. Nothing is ordered by it
Skill levels      the five grades count down (一级 is the highest), the eight ranks count up (7 is the highest): a bare
                  number says nothing unless one knows which. It is read as a rank; where an agency means the five
                  grades, ``params.skill_levels: five_grades`` says so and ``5`` becomes 五级 here, at the door
Left out          ``employer_name`` (a sole trader's firm often bears the trader's name); names and resident ids leave
                  the agency only sealed
Missing values    nothing
Try it alone      ``./flyover preview hr --agency hr-zhejiang --path FOLDER``
================  ======================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connectors.registry import Agency
from connectors.sources.base import Row
from connectors.sources.delimited import Finish, Heading
from connectors.sources.forms import Forms
from connectors.transports.base import Transport
from pipeline.contracts import Contract
from pipeline.errors import ConfigurationError

STATUS, MODIFIED, LEVEL = "record_status", "last_modified", "skill_level"
GONE = "deleted"
FIVE_GRADES: Mapping[str, str] = {"1": "一级", "2": "二级", "3": "三级", "4": "四级", "5": "五级"}
"""What a bare number means to an agency that counts the five national grades."""
_SCHEMES: Mapping[str, Mapping[str, str]] = {"eight_ranks": {}, "five_grades": FIVE_GRADES}

RowMaker = Callable[[int, dict[str, str | None], str | None, str | None], Row]
"""Makes a row of its line, its values by property, its status and its time of change."""


def row_maker(agency: Agency) -> RowMaker:
    """How a record of this agency becomes a row, whichever way it came; the values handed in become the row's.

    :raises ConfigurationError: for a scheme of skill levels we do not know
    """
    scheme = agency.params.get("skill_levels", "eight_ranks")
    if scheme not in _SCHEMES:
        raise ConfigurationError(
            f"{agency.agency_code}.yml: params.skill_levels must be one of {', '.join(_SCHEMES)}, not {scheme!r}"
        )
    levels = _SCHEMES[scheme]

    def row(line: int, values: dict[str, str | None], status: str | None, modified: str | None) -> Row:
        if (level := values.get(LEVEL)) and (grade := levels.get(level.strip())):
            values[LEVEL] = grade
        return Row(line, values, (status or "").strip().lower() == GONE, (modified or "").strip() or None)

    return row


def _finish(contract: Contract, agency: Agency, heading: Heading) -> Finish:
    row_of = row_maker(agency)
    status, modified = heading.position(STATUS), heading.position(MODIFIED)

    def finished(row: Row, fields: list[str]) -> Row:
        said = (None if place is None else fields[place] for place in (status, modified))
        made = row_of(row.line, row.values, *said)
        return made._replace(repairs=(*row.repairs, *made.repairs))

    return finished


def _by_sql() -> Transport:
    from connectors.transports.sql import SqlTransport

    return SqlTransport(row_maker, changed=MODIFIED, status=STATUS)


def _by_capture() -> Transport:
    from connectors.transports.cdc import ChangeCapture

    return ChangeCapture(row_maker, status=STATUS)


class HumanResources(Forms):
    """Reads the files of human-resources agencies; their databases are asked by a transport."""

    transports: Mapping[str, Callable[[], Transport]] = {"sql": _by_sql, "cdc": _by_capture}


SOURCE = HumanResources("hr", finish=_finish, workbooks=True)
