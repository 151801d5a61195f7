"""A register to tell stories in."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from linkage.link import link
from linkage.statements import Statement
from simulator import clerks
from tests.statements import statement

HANGZHOU, LISHUI = "330106", "331102"


class Register:
    """Statements with the usual crowd around them, so that names and birth dates have something to be rare among."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.statements = [statement(record, next(self._numbers)) for record in clerks.records(1_200, seed=11)]
        self.asked_about: list[int] = []

    def says(self, name, born, *, key=None, sex="male", division=HANGZHOU, institution="hr:1", number=None) -> int:
        statement_no = next(self._numbers)
        self.statements.append(
            Statement(
                statement_no,
                key,
                name,
                dt.date.fromisoformat(born) if born else None,
                sex,
                division,
                institution,
                number,
            )
        )
        self.asked_about.append(statement_no)
        return statement_no

    def persons(self) -> Any:
        found = link(self.statements)
        person = {one.statement_no: one.person for one in found.links}
        candidates = {(c.statement_no, c.person): c.why for c in found.candidates if c.statement_no in self.asked_about}
        return [person[number] for number in self.asked_about], candidates
