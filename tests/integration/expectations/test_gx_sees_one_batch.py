"""Great Expectations on a batch through its view: each judgement sees its own rows, also when two run at once."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from expectations.judging import gx
from expectations.judging.planning import rules_planned
from expectations.rules import rule_sql, suites
from pipeline.db import connect
from pipeline.errors import FlyoverError
from tests.landed import Landing, bulk_orgs

KIND = "oneroster__orgs.type_code"


@pytest.fixture(scope="module")
def rules():
    return suites.load()["oneroster__orgs"].rules


def test_two_batches_at_once_each_see_only_their_rows(settings, rules):
    wrong = {bulk_orgs(settings, f"sch-{n}", 300 + n, n): n for n in range(1, 7)}
    with ThreadPoolExecutor(2) as pool:
        found = dict(
            zip(
                wrong,
                pool.map(lambda batch: gx.evaluate(settings, "oneroster__orgs", batch, rules), wrong),
                strict=True,
            )
        )
    assert {batch: findings[KIND].failed for batch, findings in found.items()} == wrong
    assert all(findings["oneroster__orgs.division_known"].passed for findings in found.values())


def test_without_a_batch_no_row_is_seen(settings, rules):
    bulk_orgs(settings, "sch-x", 50, 50)
    found = gx.evaluate(settings, "oneroster__orgs", uuid.uuid4(), [r for r in rules if r.id == KIND])
    assert found[KIND] == gx.Finding(passed=True, failed=0, observed=None)


def test_twenty_thousand_rows_take_about_a_second(settings, rules):
    batch = bulk_orgs(settings, "sch-large", 20_000, 3)
    gx.evaluate(settings, "oneroster__orgs", batch, rules)  # the first one imports the library
    started = time.perf_counter()
    found = gx.evaluate(settings, "oneroster__orgs", batch, rules)
    seconds = time.perf_counter() - started
    assert found[KIND].failed == 3
    assert seconds < 5, "ten times slower than measured: an index or a plan is lost"


def test_known_values_of_a_reference_are_hashed_once_a_batch(settings):
    """Else each row would search the parents' list, and a large delivery would take hours."""
    bulk_orgs(settings, "sch-parents", 20_000, 0)
    (rule,) = (r for r in suites.load()["oneroster__enrollments"].rules if r.id.endswith(".school_known"))
    query = rule_sql.query(rule, "oneroster__enrollments").format(batch="judging.oneroster__enrollments")
    with connect(settings, "flyover_owner") as connection:
        connection.execute("analyze landing.oneroster__orgs")
        connection.execute("select set_config('flyover.batch_id', %s, true)", (str(uuid.uuid4()),))
        with rules_planned(connection):
            plan = "\n".join(line for (line,) in connection.execute(rule_sql.trusted(f"explain {query}"), {}))
    assert "hashed SubPlan" in plan


def test_a_rule_that_cannot_run_is_an_error_and_never_a_verdict(settings, rules):
    org = {"sourced_id": "o", "name": "n", "type": "school"}
    batch = Landing(settings, "oneroster").deliver({"orgs": [org]})["orgs"]
    broken = replace(rules[0], id="oneroster__orgs.broken", check=suites.Failing("r.no_such = 1"))
    with pytest.raises(FlyoverError, match=r"oneroster__orgs\.broken could not be evaluated.*no_such does not exist"):
        gx.evaluate(settings, "oneroster__orgs", batch, [broken])


def test_value_that_breaks_a_rule_is_not_in_the_error(settings, rules):
    org = {"sourced_id": "o", "name": "秘密姓名", "type": "school"}
    batch = Landing(settings, "oneroster").deliver({"orgs": [org]})["orgs"]
    broken = replace(rules[0], id="oneroster__orgs.broken", check=suites.Failing("r.name::integer = 1"))
    with pytest.raises(FlyoverError, match="InvalidTextRepresentation") as told:
        gx.evaluate(settings, "oneroster__orgs", batch, [broken])
    assert "秘密姓名" not in str(told.value)
