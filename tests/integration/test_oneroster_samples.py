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
from tests.staged import new_agency

REAL_DATA = Path(os.environ.get("FLYOVER_REAL_DATA") or CHECKOUT.parent / "shared" / "data")
SAMPLES = REAL_DATA / "oneroster_samples"


class Books(NamedTuple):
    """What became of an entity's rows."""

    received: int
    released: int
    quarantined: int
    duplicate: int
    refused: int
    held: int


TAKEN: dict[str, dict[str, Books]] = {
    "mit_microsoft_sds/SDS_v2.1": {},
    "mit_microsoft_sds/SDS_v2": {},
}
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


@pytest.mark.parametrize("name", TAKEN)
def test_a_sample_goes_through_with_its_books_balanced(settings: Settings, name: str) -> None:
    agency = new_agency()
    delivery = pull.pull(settings, agency, sample(name))
    inline.forward(settings, "oneroster", lambda _: None)
    with connect(settings, "engineer") as engineer:
        books = {
            entity: Books(*counts)
            for entity, *counts in engineer.execute(
                "select entity, received, released, quarantined, duplicate, refused, held "
                "from quality.batch where agency_code = %s order by entity",
                (agency.agency_code,),
            )
        }
        rules = engineer.execute(
            "select unnest(e.rule_ids), count(*) from quarantine.entry as e inner join quality.batch as b "
            "on b.batch_id = e.batch_id where b.agency_code = %s group by 1 order by 1",
            (agency.agency_code,),
        ).fetchall()
        told = engineer.execute(
            "select entity, file, code, field, rows from connect.repair where delivery_id = %s order by 1, 2, 3, 4",
            (delivery.delivery_id,),
        ).fetchall()
    print(name, books, rules, told, sep="\n")
    assert 0


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
