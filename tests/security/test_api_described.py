"""The desk does what its own description says, whatever it is asked: no crash, no answer of an undescribed form, and
nothing without a token. Requests are made up from the description, fit and unfit ones.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as profile
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from pipeline.settings import Settings
from portal import app, config, tokens
from portal.officer import accounts
from tests import evidence, officers

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
CASES = int(os.environ.get("FLYOVER_FUZZ_CASES", "25"))
"""of each operation, fit and unfit together"""
NOBODY = {400, 401, 404, 405, 422, 429}


@pytest.fixture(scope="module")
def desk(settings: Settings) -> FastAPI:
    officers.furnish(settings)
    return app.create(settings, config.Config(max_upload_bytes=100_000))


def ask_everything(desk: FastAPI, ask: Callable[[Any], None]) -> int:
    """Every operation under /api/v1 by requests that its description makes up; how many were asked."""
    asked = 0
    for found in schemathesis.openapi.from_asgi("/api/v1/openapi.json", desk).get_all_operations():
        operation = found.ok()
        if not operation.path.startswith("/api/v1"):
            continue

        def one(case: Any) -> None:
            nonlocal asked
            asked += 1
            ask(case)

        modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
        for mode in modes:
            drawn = given(operation.as_strategy(generation_mode=mode))(one)
            run = profile(
                max_examples=max(1, CASES // len(modes)), deadline=None, database=None, derandomize=True,
                phases=[Phase.generate], suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            with contextlib.suppress(Unsatisfiable):  # nothing can be wrong with a request that says nothing
                run(drawn)()
    return asked


def test_whoever_has_a_token_gets_what_is_described(settings: Settings, desk: FastAPI) -> None:
    keys = {
        "agency": tokens.make(settings, officers.OURS, label="fuzz", days=1),
        "officer": accounts.add(settings, "fuzz", "steward", [], days=1),
    }

    def ask(case: Any) -> None:
        who = "officer" if "/officer" in case.path else "agency"
        case.call_and_validate(headers={"authorization": f"Bearer {keys[who]}"}, checks=CHECKS)

    asked = ask_everything(desk, ask)
    assert asked > 100
    evidence.tell(f"the desk's description: {asked} requests made up from it, all answered as described")


def test_nobody_gets_anything_without_a_token(desk: FastAPI) -> None:
    def ask(case: Any) -> None:
        answer = case.call(headers={"authorization": "Bearer fly-nobody"})
        assert answer.status_code in NOBODY, (case.method, case.path, answer.status_code)

    assert ask_everything(desk, ask) > 100
