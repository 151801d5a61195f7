"""The public files are sound: no rule of ours may complain about a row of theirs.

They are not part of this repository. ``FLYOVER_REAL_DATA`` names the folder that holds ``oulad`` and
``census_zhejiang_2020``; without it a folder ``shared/data`` beside the checkout is used.
"""

import os
from pathlib import Path

import msgspec
import pytest

from connectors import registry, sources
from expectations.judging import judge
from pipeline import contracts
from pipeline.contract_struct import payload_struct
from pipeline.db import connect
from pipeline.settings import CHECKOUT
from tests import evidence
from tests.landed import land_tables

REAL_DATA = Path(os.environ.get("FLYOVER_REAL_DATA") or CHECKOUT.parent / "shared" / "data")


def typed(contract, rows):
    kind = payload_struct(contract)
    for row in rows:
        given = {name: value for name, value in row.values.items() if value is not None}
        yield msgspec.structs.asdict(msgspec.convert(given, kind, strict=False))


@pytest.mark.parametrize(
    ("source", "agency", "folder", "rows"),
    [("census", "stats-zj", "census_zhejiang_2020", 103), ("oulad", "ou-uk", "oulad", 259_595)],
)
def test_no_row_of_a_public_file_fails_a_rule(settings, source, agency, folder, rows):
    if not (REAL_DATA / folder).exists():
        pytest.skip(f"the real files {folder} are not here; name their folder in FLYOVER_REAL_DATA")
    known = registry.load_all(settings.agencies_dir)[agency]
    with sources.load(source).open(REAL_DATA / folder, known) as tables:
        by_entity = contracts.load_all(settings.contracts_dir)
        land_tables(settings, source, agency, {t.entity: typed(by_entity[source, t.entity], t.rows()) for t in tables})
    verdicts = judge.judge_ready(settings, source)
    with connect(settings, "engineer") as engineer:
        asked, alarms = evidence.alarms(engineer, agency)
    assert alarms == {}
    evidence.tell(f"{folder}: {rows:,} rows, {asked} rules, false alarms 0 (0.000 a row for each rule)")
    assert {verdict.entity: verdict.failed_rules for verdict in verdicts if verdict.failed_rules} == {}
    assert sum(verdict.released for verdict in verdicts) == rows
