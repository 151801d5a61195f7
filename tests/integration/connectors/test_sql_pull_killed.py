"""A pull by SQL in a process of its own, killed for good: what was staged stays, the rest comes, nothing twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict

import pytest

from connectors import pull
from pipeline.settings import CHECKOUT, Settings
from tests.agency_databases import ONE_TABLE, hr_database
from tests.staged import count, short

ROWS, SLICES = 9, 3
VICTIM = """
import json, sys
from connectors import cursor, outbox, pull
from connectors.registry import Agency
from pipeline.settings import load

point, slice_number, agency = sys.argv[1], int(sys.argv[2]), Agency(**json.loads(sys.argv[3]))
reached = 0

def wait_for_death(original):
    def wrapped(*args, **more):
        global reached
        result = original(*args, **more)
        reached += 1
        if reached == slice_number:
            print("here", flush=True)
            sys.stdin.read()
        return result
    return wrapped

if point == "before commit":
    cursor.move = wait_for_death(cursor.move)
else:
    outbox.stage = wait_for_death(outbox.stage)
pull.pull_live(load(), agency)
"""


@pytest.mark.parametrize("slice_number", [1, 2, SLICES])
@pytest.mark.parametrize(("point", "kept"), [("before commit", -1), ("after commit", 0)])
def test_killed_pull_loses_and_doubles_nothing(settings: Settings, point: str, kept: int, slice_number: int) -> None:
    with hr_database("postgresql", settings, None) as hr:
        hr.employment_table()
        for number in range(ROWS):
            hr.employ(number, f"2026-03-01 12:00:0{number}")
        agency = hr.agency(**ONE_TABLE, page_rows=str(ROWS // SLICES))
        command = [sys.executable, "-c", VICTIM, point, str(slice_number), json.dumps(asdict(agency))]
        here = {**os.environ, "FLYOVER_STATE": str(settings.state_dir), "PYTHONPATH": str(CHECKOUT)}
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=CHECKOUT, env=here, text=True
        ) as victim:
            assert victim.stdout is not None
            assert victim.stdout.readline() == "here\n"
            victim.send_signal(signal.SIGKILL)
        assert victim.returncode == -signal.SIGKILL
        staged = "select count(*) from connect.outbox as o inner join connect.batch as b on b.batch_id = o.batch_id"
        mine = f"{staged} where b.agency_code = %s"
        done = (slice_number + kept) * (ROWS // SLICES)
        assert count(settings, mine, agency.agency_code) == done
        rest = [line for found in pull.pull_live(settings, agency) for line in short(settings, found, "employments")]
        assert rest == [(f"e{number}", 1, "upsert") for number in range(done, ROWS)]
        assert count(settings, mine, agency.agency_code) == ROWS
