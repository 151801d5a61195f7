"""OULAD layout: what open universities export about modules, students, results and clicks.

================  ======================================================================================================
Standard          the seven tables of the Open University Learning Analytics Dataset; four columns ``cn_*`` of ours in
                  studentInfo, absent from the public data set
Form              a folder or zip with one CSV a table, or a single CSV; quoted or not; names in any case, ``_sample``
                  may follow; a file of another name is recognised by its columns
Taken in          every table that is there, at least one; a delivery without a table leaves that table as it was
Missing values    ``?`` and nothing
Mode              ``bulk`` for six tables: what is missing from the next delivery is deleted. ``append`` for studentVle:
                  ten million rows without a key of their own, whose past does not change; remembering each one only to
                  notice that it is gone would cost more than all other tables together
Record identity   rows of studentVle repeat and mean different clicks; equal rows are told apart by their number in the
                  delivery, later on the way
Time of change    none given
Why it is safe    one row at a time is held, so the 450 MB studentVle.csv passes in constant memory
================  ======================================================================================================
"""

from __future__ import annotations

from connectors.registry import Agency
from connectors.sources.base import TableMode
from connectors.sources.forms import Forms
from pipeline.contracts import Contract

MISSING_TOKENS = ("?",)
_EXTENSION = "cn_"
_APPENDED = frozenset({"student_vle"})


def _mode(contract: Contract, agency: Agency) -> TableMode:
    return "append" if contract.concept in _APPENDED else agency.mode


def _layout_columns(contract: Contract) -> set[str]:
    """Columns of the public layout: every field but our extension's."""
    return {field.name for field in contract.fields if not field.name.startswith(_EXTENSION)}


SOURCE = Forms("oulad", missing_tokens=MISSING_TOKENS, mode=_mode, required=_layout_columns)
