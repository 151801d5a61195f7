"""A new source touches none of the core: written by the command into a copy of the checkout, it goes the whole way."""

from __future__ import annotations

import sys

import pytest

from pipeline.db import SQL, Identifier, connect
from pipeline.settings import Settings
from tests.checkouts import Copy

SAMPLES = {
    "library": (
        "visits",
        "branch_code,year",
        "branch_code,year,visits,fee,order,openedOn,night\n"
        "0101,2025,340,1.50,a,2019-05-01,true\n0102,2025,221,0,b,2020-05-01,false\n",
    ),
    "volunteering": (
        "volunteers",
        "card_no",
        "card_no,full_name,resident_id,birth_date,sex,hours,joined\n"
        "A7,欧阳娜娜,110101199003077774,1990-03-07,female,12.5,2024-02-03T08:00:00+08:00\n"
        "A9,司马相如,110101198502034532,1985-02-03,male,7,2024-02-05T08:00:00+08:00\n",
    ),
}
JOURNEY = """
from pathlib import Path
from cli import inline
from connectors import pull, registry
from pipeline import migrations
from pipeline.settings import CHECKOUT, load
from release import build

settings = load()
migrations.apply(settings)
for source in {sources}:
    agency = registry.load_all(settings.agencies_dir)["new-" + source]
    delivery = pull.pull(settings, agency, CHECKOUT / "tests" / "fixtures" / source / "invented")
    inline.forward(settings, source, print)
build.build_warehouse(settings, select=["staging." + source for source in {sources}])
"""


@pytest.fixture(scope="module")
def copy(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The copy, with both sources and an agency of each written by the commands."""
    made = Copy(tmp_path_factory.mktemp("checkout"), settings.state_dir)
    for source, (entity, key, text) in SAMPLES.items():
        sample = made.root.parent / f"{source}.csv"
        sample.write_text(text, encoding="utf-8")
        made.flyover("new-source", source, "--entity", entity, "--key", key, "--sample", str(sample), "--zh", "记录")
        told = ("--name-zh", "新机构", "--name-en", "New", "--area", "simulated", "--sector", "reference")
        made.flyover("new-agency", f"new-{source}", "--source", source, *told, "--owner", "tests")
    return made


def test_nothing_is_changed_and_nothing_is_missing(copy: Copy) -> None:
    lines = copy.git("status", "--porcelain", "--untracked-files=all").splitlines()
    assert {line[:2] for line in lines} == {"??"}
    assert len(lines) == 2 * (10 + 1)
    for source in SAMPLES:
        assert "nothing is missing" in copy.flyover("check", "--source", source)
        assert "nothing is missing" in copy.flyover("check", "--agency", f"new-{source}")


def test_what_was_written_passes_the_linters_and_the_tests_of_every_source(copy: Copy) -> None:
    fresh = [line[3:] for line in copy.git("status", "--porcelain", "--untracked-files=all").splitlines()]
    programs = [name for name in fresh if name.endswith(".py")]
    assert len(programs) == 4
    copy.python("-m", "ruff", "check", "--no-cache", *programs)
    copy.python("-m", "ruff", "format", "--no-cache", "--check", *programs)
    models = [str(copy.root / name) for name in fresh if name.endswith(".sql")]
    copy.run("sh", "-c", 'cd dbt_project && exec "$0" -m sqlfluff lint --processes 1 "$@"', sys.executable, *models)
    reviewed_by_hand = "not bear_a_resident_id and not rules_page"
    copy.python(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/contract/test_contracts.py",
        "tests/unit/expectations/test_suites.py", "tests/unit/pipeline/test_contract_dbt.py",
        *(f"tests/unit/connectors/sources/test_{source}.py" for source in SAMPLES), "-k", reviewed_by_hand,
    )  # fmt: skip


def test_a_delivery_goes_from_file_to_the_warehouses_door(copy: Copy, settings: Settings) -> None:
    copy.python("-c", JOURNEY.format(sources=tuple(SAMPLES)))
    with connect(settings, "flyover_owner") as connection:
        books = connection.execute(
            "select source, status, received, released from quality.batch where source = any(%s) order by source",
            (list(SAMPLES),),
        ).fetchall()
        assert books == [(source, "released", 3, 3) for source in sorted(SAMPLES)]
        failed = connection.execute(
            "select distinct rule_id from quality.rule_result where failed > 0 and rule_id like any(%s)",
            ([f"{source}%" for source in SAMPLES],),
        ).fetchall()
        assert failed == []
        for source, (entity, _, _) in SAMPLES.items():
            staged = SQL("select * from staging.{}").format(Identifier(f"stg_{source}__{entity}"))
            rows = connection.execute(staged).fetchall()
            assert len(rows) == 3
            assert not any("测试" in str(value) for row in rows for value in row)
