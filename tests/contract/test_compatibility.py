"""What was published is held: no contract breaks what senders and readers were promised."""

from __future__ import annotations

import dataclasses

from pipeline import contracts
from pipeline.contract_diff import as_document, broken_promises, published
from pipeline.settings import CHECKOUT

CONTRACTS = CHECKOUT / "contracts"


def test_every_published_contract_still_holds() -> None:
    now = contracts.load_all(CONTRACTS).values()
    assert broken_promises(published(CONTRACTS), now) == [], "give the change a major version of its own"


def test_every_contract_is_published() -> None:
    unsaid = {contract.name for contract in contracts.load_all(CONTRACTS).values()} - set(published(CONTRACTS))
    assert not unsaid, "./flyover contract publish"


def test_what_was_published_is_what_stands_there() -> None:
    for contract in contracts.load_all(CONTRACTS).values():
        assert published(CONTRACTS)[contract.name]["version"] == contract.version, "./flyover contract publish"


def test_a_broken_promise_is_named() -> None:
    orgs = contracts.load_all(CONTRACTS)["oneroster", "orgs"]
    less = dataclasses.replace(orgs, fields=tuple(field for field in orgs.fields if field.name != "name"))
    before = {orgs.name: as_document(orgs), "oneroster.gone": as_document(orgs)}
    assert broken_promises(before, [less]) == [
        "oneroster.gone was published and is gone",
        "oneroster.orgs: name: removed",
    ]
