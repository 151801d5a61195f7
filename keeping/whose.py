"""Everything that is about one person: their records, and the records that name those.

Starts from what core knows of who is whom, and follows keys, side-cars and references until nothing new turns up. A
record that people or the linkage gave to somebody else is theirs, whatever key it bears.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from connectors import erased
from pipeline import contracts, pseudonyms
from pipeline.contracts import Contract
from pipeline.contracts import Field as ContractField
from pipeline.db import SQL, Connection, Identifier
from pipeline.errors import BadInput
from pipeline.settings import Settings


class Record(NamedTuple):
    """One record of one agency, by landing table."""

    agency_code: str
    table: str
    record_id: str


@dataclass
class Traces:
    """What there is of a person. Holds pseudonyms and record ids, no identity."""

    keys: set[str] = field(default_factory=set)
    records: set[Record] = field(default_factory=set)
    learners: set[uuid.UUID] = field(default_factory=set)
    persons: set[tuple[str, str, str]] = field(default_factory=set)
    """(agency, source, id in it), as core and the linkage name them"""

    def subjects(self, known: dict[str, Contract]) -> list[str]:
        """As ``vault.erased`` keeps them: keys, records, and words by which others refer to the records."""
        found = set(self.keys)
        for record in self.records:
            contract = known[record.table]
            found.add(erased.subject_of(record.agency_code, contract, record.record_id))
            if contract.identifier_fields:
                found.update(
                    erased.subject_of(record.agency_code, contract, word)
                    for _, naming in naming_fields(known.values(), contract)
                    if (word := erased.word(contract, record.record_id, naming)) != record.record_id
                )
        return sorted(found)


def by_table(settings: Settings) -> dict[str, Contract]:
    """Contracts by landing table."""
    return {contract.table: contract for contract in contracts.load_all(settings.contracts_dir).values()}


def naming_fields(known: Iterable[Contract], meant: Contract) -> list[tuple[Contract, ContractField]]:
    """Fields that hold record ids of an entity, with the entity they stand in."""
    return [
        (contract, one)
        for contract in known
        if contract.source == meant.source
        for one in contract.landed_fields
        if one.reference == meant.entity
    ]


def of_learner(connection: Connection[Any], settings: Settings, learner: uuid.UUID) -> Traces:
    """What there is of a learner of core.

    :raises BadInput: when core knows no such learner
    """
    rows = connection.execute(_OF_LEARNER, {"learner": learner}).fetchall() if is_built(connection) else []
    if not rows:
        raise BadInput("core knows no such learner", advice="./flyover persons show RECORD names the learner.")
    found = Traces(learners={learner})
    for agency, source, person, table, record_id, key, base in rows:
        found.persons.add((agency, source, person))
        found.records.add(Record(agency, table, record_id))
        found.learners.add(base)
        found.keys.update({key} - {None})
    return follow(connection, settings, found)


def of_person(connection: Connection[Any], settings: Settings, person: tuple[str, str, str]) -> Traces:
    """What there is of a person as one agency's system knows them.

    :raises BadInput: when neither core nor landing knows them
    """
    if is_built(connection):
        row = connection.execute(_LEARNER_OF, person).fetchone()
        if row is not None:
            return of_learner(connection, settings, row[0])
    agency, source, word = person
    bearing = [c for c in by_table(settings).values() if c.source == source and c.identifier_fields]
    found = Traces(
        records={Record(agency, c.table, word) for c in bearing if _has_record(connection, agency, c, word)},
        persons={person},
    )
    if not found.records:
        raise BadInput("no such record has come", agency=agency, source=source, advice="Write AGENCY:SOURCE:ID.")
    return follow(connection, settings, found)


def of_number(connection: Connection[Any], settings: Settings, number: str) -> Traces:
    """What there is of the holder of a valid resident id, under every version of the key.

    :raises BadInput: when nobody of that id has come
    """
    secrets = settings.secrets
    keys = {pseudonyms.person_key(number, dict(secrets.hmac_keys), version) for version in secrets.hmac_keys}
    learners = {uuid.UUID(hashlib.md5(f"person|{key}".encode(), usedforsecurity=False).hexdigest()) for key in keys}
    if is_built(connection):
        for learner in learners:
            row = connection.execute(_STANDS_FOR, {"learner": learner}).fetchone()
            if row is not None:
                found = of_learner(connection, settings, row[0])
                found.keys |= keys
                return found
    found = follow(connection, settings, Traces(keys=keys))
    if not found.records:
        raise BadInput("nobody of that id is known here", advice="Check the number; what is not here needs no erasing.")
    return found


def of_subjects(connection: Connection[Any], settings: Settings, subjects: Iterable[str]) -> Traces:
    """What there is, in a restored copy, of those whose erasure a list tells of."""
    known = {contract.name: contract for contract in by_table(settings).values()}
    found = Traces()
    for subject in subjects:
        agency, _, rest = subject.partition(":")
        name, _, record_id = rest.partition(":")
        if name in known and record_id:
            found.records.add(Record(agency, known[name].table, record_id))
        elif not rest:
            found.keys.add(subject)
    return follow(connection, settings, found)


def follow(connection: Connection[Any], settings: Settings, found: Traces) -> Traces:
    """Follow keys, side-cars and references until nothing new turns up."""
    known = by_table(settings)
    others = _of_others(connection, found)
    found.keys -= {key for key, _ in others}
    theirs = {record for _, record in others}
    while True:
        before = len(found.records), len(found.keys)
        found.records |= _by_key(connection, known, found.keys) - theirs
        for contract in known.values():
            if contract.identifier_fields:
                found.records |= _naming(connection, known, contract, found) - theirs
        if (len(found.records), len(found.keys)) == before:
            return found


def _by_key(connection: Connection[Any], known: dict[str, Contract], keys: set[str]) -> set[Record]:
    wanted, found = sorted(keys), set()
    for contract in known.values():
        if contract.bears_person:
            rows = connection.execute(
                SQL("select _agency_code, _record_id from landing.{} where _person_key = any(%s) group by 1, 2").format(
                    Identifier(contract.table)
                ),
                (wanted,),
            )
            found |= {Record(agency, contract.table, record_id) for agency, record_id in rows}
    rows = connection.execute(_KEYED, {"keys": wanted})
    found |= {Record(agency, table, record_id) for agency, table, record_id in rows if table in known}
    return found


def _naming(connection: Connection[Any], known: dict[str, Contract], meant: Contract, found: Traces) -> set[Record]:
    """Records that are about these records' person because they name them; a person's own record is not."""
    named: set[Record] = set()
    for contract, one in naming_fields(known.values(), meant):
        if contract.identifier_fields:
            continue
        for agency, words in words_of(found, meant, one).items():
            landed = connection.execute(
                SQL("select distinct _record_id from landing.{} where _agency_code = %s and {}::text = any(%s)").format(
                    Identifier(contract.table), Identifier(one.column)
                ),
                (agency, sorted(words)),
            )
            named |= {Record(agency, contract.table, record_id) for (record_id,) in landed}
            for record_id, data in staged(connection, agency, contract, words):
                if str(msgspec.json.decode(data).get(one.name)) in words:
                    named.add(Record(agency, contract.table, record_id))
    return named


def words_of(found: Traces, meant: Contract, naming: ContractField) -> dict[str, set[str]]:
    """By agency, what a reference says to mean one of these records."""
    words: dict[str, set[str]] = {}
    for record in found.records:
        if record.table == meant.table:
            words.setdefault(record.agency_code, set()).add(erased.word(meant, record.record_id, naming))
    return words


def staged(
    connection: Connection[Any], agency_code: str, contract: Contract, words: Iterable[str]
) -> list[tuple[str, bytes]]:
    """(record id, payload) of lines of the outbox in which one of these words stands somewhere."""
    return connection.execute(
        "select o.record_id, o.data from connect.outbox as o "
        "inner join connect.batch as b on o.batch_id = b.batch_id "
        "where b.agency_code = %(agency)s and b.source = %(source)s and b.entity = %(entity)s and o.data is not null "
        "and exists (select from unnest(%(words)s::bytea[]) as w (word) where position(w.word in o.data) > 0)",
        {
            "agency": agency_code,
            "source": contract.source,
            "entity": contract.entity,
            "words": [msgspec.json.encode(word) for word in words],
        },
    ).fetchall()


def _has_record(connection: Connection[Any], agency: str, contract: Contract, record_id: str) -> bool:
    row = connection.execute(
        "select exists (select from connect.record_state where agency_code = %s and source = %s and entity = %s "
        "and record_id = %s)",
        (agency, contract.source, contract.entity, record_id),
    ).fetchone()
    return bool(row and row[0])


def _of_others(connection: Connection[Any], found: Traces) -> set[tuple[str, Record]]:
    """(key, record) of records that bear one of these keys and are, by core, somebody else's."""
    if not found.learners or not is_built(connection):
        return set()
    rows = connection.execute(_OTHERS, {"keys": sorted(found.keys), "learners": sorted(found.learners)})
    return {(key, Record(agency, table, record_id)) for key, agency, table, record_id in rows}


def is_built(connection: Connection[Any]) -> bool:
    """Whether core was ever built."""
    row = connection.execute("select to_regclass('intermediate.int_persons__resolved') is not null").fetchone()
    return bool(row and row[0])


_STATED = """
from intermediate.int_persons__resolved as r
inner join intermediate.int_persons__stated as s using (agency_code, source_name, person_id_agency)
"""
_OF_LEARNER = f"""
select r.agency_code, r.source_name, r.person_id_agency, s.source_entity, s.record_id, s.person_key, r.base_learner_key
{_STATED}
where r.learner_key = %(learner)s
"""
_LEARNER_OF = """
select learner_key from intermediate.int_persons__resolved
where agency_code = %s and source_name = %s and person_id_agency = %s
"""
_STANDS_FOR = """
select learner_key from intermediate.int_persons__resolved
where learner_key = %(learner)s or base_learner_key = %(learner)s
limit 1
"""
_OTHERS = f"""
select s.person_key, s.agency_code, s.source_entity, s.record_id
{_STATED}
where s.person_key = any(%(keys)s) and r.learner_key <> all(%(learners)s)
    and r.base_learner_key <> all(%(learners)s)
"""
_KEYED = """
select b.agency_code, b.source || '__' || b.entity, o.record_id
from connect.outbox as o
inner join connect.batch as b on o.batch_id = b.batch_id
where o.person_key = any(%(keys)s)
union
select b.agency_code, b.source || '__' || b.entity, i.record_id
from connect.identity_outbox as i
inner join connect.batch as b on i.batch_id = b.batch_id
where i.person_key = any(%(keys)s) or i.subject = any(%(keys)s)
union
select agency_code, source || '__' || entity, record_id
from vault.identity
where person_key = any(%(keys)s) or subject = any(%(keys)s)
"""
