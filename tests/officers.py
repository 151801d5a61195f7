"""For the officer's desk: two schools' rows in quarantine, a batch on hold, hostile text among them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from expectations.judging import judge
from pipeline.settings import Settings
from tests.landed import Landing, Line

OURS, THEIRS = "sch-lishui", "sch-zhoushan"
RULE = "oneroster__orgs.type_code"
HOSTILE = "<script>document.title='taken'</script>\"'><img src=x onerror=alert(1)>"
BORN = "1890-02-30"


@dataclass(frozen=True)
class Province:
    """What was put there."""

    wrong: uuid.UUID
    """batch of ours with :attr:`rows` rows in quarantine"""
    held: uuid.UUID
    theirs: uuid.UUID
    personal: uuid.UUID
    """batch of ours with one row whose birth date is wrong"""
    rows: int


def furnish(settings: Settings, rows: int = 60) -> Province:
    """Land and judge it: ``rows`` orgs of a type nobody knows, one batch that deletes most of a table."""
    ours, theirs = Landing(settings, "oneroster", OURS), Landing(settings, "oneroster", THEIRS)
    wrong = ours.deliver({"orgs": [org(0, name="丽水中学"), *(org(n, type="scool") for n in range(1, rows + 1))]})
    personal = ours.deliver(
        {
            "users": [user(1), user(2)],
            "demographics": [{"sourced_id": "u1", "birth_date": "1890-02-01", "sex": "femal"}],
        }
    )
    other = theirs.deliver({"orgs": [org(100), org(101, type="scool", name=HOSTILE)]})
    judge.judge_ready(settings, "oneroster")
    gone = [Line(deleted=True, record_id=f"gone{n}", version=2) for n in range(60)]
    held = ours.deliver({"orgs": [*gone, org(500)]})
    judge.judge_ready(settings, "oneroster")
    return Province(wrong["orgs"], held["orgs"], other["orgs"], personal["demographics"], rows)


def org(number: int, **other: str) -> dict[str, str]:
    """A school as OneRoster says it."""
    return {"sourced_id": f"o{number}", "name": "学校", "type": "school", "division_code": "331102", **other}


def user(number: int) -> dict[str, str]:
    """Someone without a name: what landing keeps of a person."""
    return {"sourced_id": f"u{number}", "enabled_user": "true", "primary_org_sourced_id": "o0"}
