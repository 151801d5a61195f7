"""Packages written by others, with the faults they really have: each goes through with its books balanced, or is
refused with a code.

They are not part of this repository. ``FLYOVER_REAL_DATA`` names the folder that holds ``oneroster_samples``; without
it a folder ``shared/data`` beside the checkout is used.
"""

import dataclasses
import os
from pathlib import Path
from typing import NamedTuple

import pytest

from cli import inline
from connectors import pull
from pipeline.db import connect
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT, Settings
from tests import evidence
from tests.staged import new_agency

REAL_DATA = Path(os.environ.get("FLYOVER_REAL_DATA") or CHECKOUT.parent / "shared" / "data")
SAMPLES = REAL_DATA / "oneroster_samples"


class Taken(NamedTuple):
    """What becomes of a sample: (received, released, quarantined) by entity, and how often each rule failed."""

    books: dict[str, tuple[int, int, int]]
    rules: dict[str, int]
    repaired: dict[str, int]
    """rows (or, of a file as a whole, files or columns) by code"""


TAKEN = {
    "mit_microsoft_sds/SDS_v2.1": Taken(
        {
            "academic_sessions": (2, 2, 0),
            "classes": (2, 2, 0),
            "courses": (3, 3, 0),
            "demographics": (6, 6, 0),
            "enrollments": (6, 5, 1),
            "orgs": (4, 2, 2),
            "roles": (7, 6, 1),
            "users": (8, 8, 0),
        },
        {"oneroster__enrollments.role_code": 1, "oneroster__orgs.type_code": 2, "oneroster__roles.role_code": 1},
        {
            "note.oneroster_column_missing": 4,
            "note.oneroster_unknown_columns": 8,
            "note.oneroster_unknown_file": 2,
            "repair.header_name": 9,
            "repair.oneroster_column_order": 6,
            "repair.oneroster_key_made": 2,
            "repair.oneroster_no_manifest": 1,
            "repair.oneroster_school_of_class": 1,
            "repair.oneroster_word": 7,
        },
    ),
    "mit_microsoft_sds/SDS_v2": Taken(
        {"classes": (4, 4, 0), "enrollments": (29, 24, 5), "orgs": (5, 2, 3), "users": (29, 29, 0)},
        {"oneroster__enrollments.role_code": 5, "oneroster__orgs.type_code": 3},
        {
            "note.oneroster_column_missing": 4,
            "repair.header_name": 2,
            "repair.oneroster_column_order": 2,
            "repair.oneroster_key_made": 1,
            "repair.oneroster_no_manifest": 1,
            "repair.oneroster_school_of_class": 1,
            "repair.oneroster_word": 46,
        },
    ),
}


class Alarm(NamedTuple):
    """Whether what a rule complains of is wrong in the sample, and why."""

    is_false: bool
    why: str


ALARMS = {
    "oneroster__enrollments.role_code": Alarm(False, "professor is no role of the standard's list"),
    "oneroster__roles.role_code": Alarm(False, "professor is no role of the standard's list"),
    "oneroster__orgs.type_code": Alarm(False, "college and ministryOfEducation are no types of the standard's list"),
    "oneroster__orgs.school_has_division": Alarm(
        True, "the county code is a word of this province; a warning, so the rows are released"
    ),
}
"""Every rule that complains of a sample. A false alarm is a row that its own standard allows."""


def _tell(name: str, rows: int, asked: int, alarms: dict[str, tuple[int, int]]) -> None:
    wrong = sum(failed for rule, (failed, _) in alarms.items() if ALARMS[rule].is_false)
    evidence.tell(
        f"OneRoster sample {name}: {rows} rows, {asked} rules, false alarms {wrong} "
        f"({evidence.share(wrong, rows)} a row)"
    )
    for rule, (failed, of) in sorted(alarms.items()):
        kind = "false alarm" if ALARMS[rule].is_false else "true"
        evidence.tell(f"  {rule}: {failed} of {of} rows, {evidence.share(failed, of)}; {kind}: {ALARMS[rule].why}")


REFUSED = {
    "mit_microsoft_sds/SDS_Format": "refused.oneroster_no_files",
    "mit_microsoft_sds/SDS_Format/100_Users": "refused.oneroster_no_files",
    "bergerb_generator": "refused.oneroster_no_files",
    "bergerb_generator/Planets": "refused.missing_column",
}


def sample(name: str) -> Path:
    if not (SAMPLES / name).exists():
        pytest.skip(f"the sample {name} is not here; name its folder in FLYOVER_REAL_DATA")
    return SAMPLES / name


@pytest.mark.parametrize(("name", "expected"), TAKEN.items(), ids=list(TAKEN))
def test_a_sample_goes_through_with_its_books_balanced(settings: Settings, name: str, expected: Taken) -> None:
    agency = new_agency()
    delivery = pull.pull(settings, agency, sample(name))
    inline.forward(settings, "oneroster", lambda _: None)
    with connect(settings, "engineer") as engineer:
        books = {
            entity: (received, released, quarantined)
            for entity, received, released, quarantined, rest in engineer.execute(
                "select entity, received, released, quarantined, duplicate + refused + held "
                "from quality.batch where agency_code = %s",
                (agency.agency_code,),
            )
            if rest == 0 and received == released + quarantined
        }
        rules = engineer.execute(
            "select unnest(e.rule_ids), count(*) from quarantine.entry as e inner join quality.batch as b "
            "on b.batch_id = e.batch_id where b.agency_code = %s group by 1",
            (agency.agency_code,),
        ).fetchall()
        told = engineer.execute(
            "select code, sum(rows)::integer from connect.repair where delivery_id = %s group by 1",
            (delivery.delivery_id,),
        ).fetchall()
        asked, alarms = evidence.alarms(engineer, agency.agency_code)
    _tell(name, sum(received for received, *_ in books.values()), asked, alarms)
    assert set(alarms) <= set(ALARMS), "an alarm that nobody has explained"
    assert books == expected.books
    assert dict(rules) == expected.rules
    assert dict(told) == expected.repaired
    again = pull.pull(settings, agency, sample(name))
    assert (again.batches, again.unchanged_rows) == ((), sum(received for received, *_ in books.values()))


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_what_is_no_oneroster_is_refused_with_a_code(settings: Settings, name: str, code: str) -> None:
    agency = new_agency()
    with pytest.raises(BadInput) as refusal:
        pull.pull(settings, agency, sample(name))
    assert refusal.value.code == code
    with connect(settings, "engineer") as engineer:
        kept = engineer.execute("select code from connect.refusal where agency_code = %s", (agency.agency_code,))
        assert kept.fetchall() == [(code,)]


@pytest.mark.parametrize("name", TAKEN)
def test_a_strict_agency_is_refused_the_same_samples(settings: Settings, name: str) -> None:
    agency = dataclasses.replace(new_agency(), tolerance="strict")
    with pytest.raises(BadInput) as refusal:
        pull.pull(settings, agency, sample(name))
    assert refusal.value.code == "refused.oneroster_no_manifest"
