"""The desk does what its own description says, whatever it is asked: no crash, no answer of an undescribed form,
nothing without a token. Requests are made up from the description, fit and unfit ones.
"""

from __future__ import annotations

import pytest
import schemathesis
from schemathesis.checks import (
    not_a_server_error,
)
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from pipeline.settings import Settings
from portal import app, config, tokens
from portal.officer import accounts
from tests import evidence, officers

CHECKS = (not_a_server_error, content_type_conformance, response_schema_conformance)
asked = {"agency": 0, "officer": 0, "nobody": 0}


@pytest.fixture(scope="module")
def desk(settings: Settings):
    officers.furnish(settings)
    return app.create(settings, config.Config(max_upload_bytes=100_000))


@pytest.fixture(scope="module")
def described(desk):
    loaded = schemathesis.openapi.from_asgi("/api/v1/openapi.json", desk)
    loaded.config.generation.update(max_examples=25)
    return loaded


@pytest.fixture(scope="module")
def keys(settings: Settings):
    return {
        "agency": tokens.make(settings, "sch-hangzhou", label="fuzz", days=1),
        "officer": accounts.add(settings, "fuzz", "steward", [], days=1),
    }


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
def test_an_agency_and_an_officer_get_what_is_described(case, keys):
    if case.path.startswith("/metrics"):
        return
    who = "officer" if "/officer" in case.path else "agency"
    case.call_and_validate(headers={"authorization": f"Bearer {keys[who]}"}, checks=CHECKS)
    asked[who] += 1


@schema.parametrize()
def test_nobody_gets_anything(case):
    if not case.path.startswith("/api/v1"):
        return
    answer = case.call(headers={"authorization": "Bearer fly-nobody"})
    assert answer.status_code in {401, 404, 405, 422, 429}, answer.status_code
    asked["nobody"] += 1


def test_requests_are_told():
    evidence.tell(f"the desk's description: {asked}")
    assert min(asked.values()) > 50
