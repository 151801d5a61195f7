"""Credit bank: what people have learnt and can show, what they laid into accounts, and what was recognised of it.

================  ======================================================================================================
Standards         Open Badges 3.0 and CLR 2.0 (1EdTech), European Learning Model 3 (JSON-LD); the rest tables of ours
Entities          learning_outcomes (an outcome of a person), deposits, applications (an outcome in an application),
                  shared_courses (a course of the catalogue), cross_enrolments (a learner in one of them)
Form              credentials as JSON or JSON lines, plain, wrapped for upload or signed; tables as workbooks or
                  delimited text; in a folder, a zip or alone. Outcomes may come both ways in one delivery
Several in one    a CLR, and an ELM credential with several achievements, give one outcome each; the credential's id is
                  kept as ``container_id``
Kinds             degree, certificate, micro_credential, micro_major, self_taught_exam, non_degree_course, badge, award;
                  what a credential does not say is ``other``, and its sender is told
Stacks            ``stacks_into`` of a table; ``isChildOf``, ``isPartOf`` and ``precedes`` of a CLR
Signatures        taken off, not checked: the delivery's sender answers for it; the receipt says so
Persons           resident id, name, mail and account go sealed to the vault; account numbers land as pseudonyms
Mode              ``append`` for credentials, which say nothing about others; tables as the agency's yml says
Left out          pictures, criteria, evidence, endorsements, descriptions, contact details
Limits            4 million characters a credential
================  ======================================================================================================
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.registry import Agency
from connectors.sources import credential_badges, credential_elm, forms, json_lines, tabular
from connectors.sources.base import Rejected, Repair, Row, Table
from connectors.sources.credential import CredentialError, Values, unwrapped
from connectors.sources.json_lines import Document
from connectors.sources.package import Member, Sender, open_package
from connectors.sources.tabular import Tabular
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.settings import CHECKOUT

OUTCOMES, JSON_SUFFIXES = "learning_outcomes", (".json", ".jsonld", ".jsonl", ".ndjson")
UNCHECKED = "note.signature_unchecked"
_FAMILIES = (credential_badges, credential_elm)


class CreditBank:
    """Reads what credit banks and their members hand in."""

    name = "credit_bank"

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """Tell credentials from tables; then one table an entity, in the order of the contracts."""
        owned = contracts.spoken(CHECKOUT / "contracts", self.name, agency.contract_versions)
        with open_package(origin, Sender.of(agency)) as package:
            files = list(package.members.values())
            credentials = [member for member in files if member.name.lower().endswith(JSON_SUFFIXES)]
            tables = [member for member in tabular.tables_in(package) if member not in credentials]
            found = forms.one_each(tables, owned)
            if not found and not credentials:
                raise package.bad(
                    "there is no table and no credential in it",
                    code="refused.no_tables",
                    advice="Fill in a template: ./flyover template credit_bank, or send credentials as JSON.",
                )
            yield list(_tables(owned, found, credentials, agency))


SOURCE = CreditBank()


def _tables(
    owned: Sequence[Contract], found: dict[str, Tabular], credentials: Sequence[Member], agency: Agency
) -> Iterator[Table]:
    for contract in owned:
        table = found.get(contract.entity)
        if contract.concept == OUTCOMES and credentials:
            yield _outcomes(contract, table, credentials)
        elif table is not None:
            yield table.table(agency.mode)


def _outcomes(contract: Contract, table: Tabular | None, credentials: Sequence[Member]) -> Table:
    """Outcomes of credentials, behind those of a table if there is one."""
    several = len(credentials) > 1 or table is not None
    repairs = tuple(repair for member in credentials for repair in json_lines.repairs_of(member))

    def rows() -> Iterator[Row | Rejected]:
        tabled = () if table is None else (row._replace(part=table.member.name) for row in table.rows())
        yield from itertools.chain(tabled, *(_of_file(contract, member, several) for member in credentials))

    name = None if several else credentials[0].name
    return Table(contract.entity, "append", rows, file=name, repairs=(*(table.repairs if table else ()), *repairs))


def _of_file(contract: Contract, member: Member, several: bool) -> Iterator[Row | Rejected]:
    part = member.name if several else None
    for document in json_lines.documents(member):
        if isinstance(document, Rejected):
            yield document._replace(part=part)
            continue
        try:
            made = list(_of_credential(document))
        except CredentialError as broken:
            yield Rejected(document.line, document.text, str(broken), None, part=part)
            continue
        for values, repairs in made:
            yield Row(document.line, _whole(contract, values), repairs=repairs, part=part)


def _of_credential(document: Document) -> Iterator[tuple[Values, tuple[Repair, ...]]]:
    credential, is_signed = unwrapped(document.value)
    family = next((family for family in _FAMILIES if family.is_one(credential)), None)
    if family is None:
        raise CredentialError("reader.credential_type")
    notes = (Repair(UNCHECKED),) if is_signed else ()
    for values in family.outcomes(credential):
        yield values, notes
        notes = ()


@functools.cache
def _names(contract: Contract) -> tuple[str, ...]:
    return tuple(field.name for field in contract.fields if field.classification != "dropped")


def _whole(contract: Contract, values: Values) -> Values:
    return {name: values.get(name) for name in _names(contract)}
