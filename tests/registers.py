"""Registers of named people, in landing and in the vault, for tests of who is whom."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import msgspec

from connectors import data_keys
from linkage.keys import SourcePerson
from pipeline import sealing
from pipeline.db import connect
from simulator import clerks
from tests.released import OFFICE, Released

HANGZHOU, LISHUI = "330106", "331102"
CROWD, SEED = 1_500, 11


@dataclass
class Registers:
    """Employment spells with names; each record is a person of its own, as offices number no persons."""

    warehouse: Released
    versions: dict[str, int] = field(default_factory=dict)

    def crowd(self) -> None:
        """People around those of a story, so that names and dates have something to be rare among."""
        self._deliver(
            (
                f"crowd-{one.record_no}", one.full_name, one.birth_date and one.birth_date.isoformat(), one.sex,
                f"crowd.{one.resident_id}" if one.is_id_valid else None,
            )
            for one in clerks.records(CROWD, SEED)
        )  # fmt: skip

    def says(
        self, record: str, name: str | None, born: str | None, *, key: str | None = None, sex: str = "male"
    ) -> None:
        """One record of the office; its person's id is ``key``. Told again, it is a new version."""
        self._deliver([(record, name, born, sex, key)])

    def forgets(self, record: str) -> None:
        """The office deletes a record."""
        self.versions[record] += 1
        row = {"employment_id": record, "_version": self.versions[record], "_is_deleted": True}
        self.warehouse.release("hr__employments", OFFICE, [row])

    def person(self, record: str) -> SourcePerson:
        return SourcePerson(OFFICE, "hr", f"hr__employments|{record}")

    def learner(self, record: str) -> uuid.UUID:
        """Whom core takes a record for, and the facts with it."""
        ((linked, fact),) = self.warehouse.rows(
            "select l.learner_key, f.learner_key from core.person_link as l inner join core.fct_employment_spell as f "
            "using (agency_code, source_entity, record_id) where record_id = %s",
            record,
        )
        assert linked == fact, "a fact stayed behind its link"
        assert self.warehouse.rows("select count(*) from core.dim_learner where learner_key = %s", linked) == [(1,)]
        key: uuid.UUID = linked
        return key

    def _deliver(self, told: Any) -> None:
        rows, names = [], []
        for record, name, born, sex, key in told:
            self.versions[record] = self.versions.get(record, 0) + 1
            rows.append(
                {"employment_id": record, "_version": self.versions[record], "_person_key": key, "birth_date": born,
                 "sex": sex, "start_date": "2020-01-01", "workplace_division": HANGZHOU}
            )  # fmt: skip
            if name:
                names.append((record, self.versions[record], key, name))
        self.warehouse.release("hr__employments", OFFICE, rows)
        self._keep(names)

    def _keep(self, names: list[tuple[str, int, str | None, str]]) -> None:
        """Side-cars, sealed as the edge seals them."""
        settings = self.warehouse.settings
        subject = {record: key or f"{OFFICE}:hr.employments:{record}" for record, _, key, _ in names}
        with connect(settings, "flyover_owner") as connection:
            keys = data_keys.ensure(connection, settings.secrets.vault_master_key, subject.values())
            connection.cursor().executemany(
                "insert into vault.identity (agency_code, source, entity, record_id, version, person_key, id_status, "
                "subject, sealed) values (%s, 'hr', 'employments', %s, %s, %s, %s, %s, %s)",
                [
                    (OFFICE, record, version, key, "valid" if key else "missing", subject[record],
                     sealing.seal(keys[subject[record]], msgspec.json.encode({"full_name": name}),
                                  data_keys.context(subject[record])))
                    for record, version, key, name in names
                ],
            )  # fmt: skip
