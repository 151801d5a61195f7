"""A workbook on its way into the outbox: what was put right, what was set aside and where, beside the delivery."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from connectors.pull import pull
from pipeline.db import connect
from pipeline.settings import Settings
from tests.deliveries import FIXTURES, make_agency


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_workbook_is_staged_with_its_repairs_and_places(settings: Settings, tmp_path: Path, kind: str) -> None:
    origin = Path(shutil.copy(FIXTURES / "workbooks" / f"offices.{kind}", tmp_path / f"报名.{kind}"))
    delivery = pull(settings, make_agency("senior", agency_code=f"sen-{kind}", mode="append"), origin)
    with connect(settings, "flyover_connector") as connection:
        aside = connection.execute(
            "select line, part, field, reason from connect.outbox as o "
            "inner join connect.batch as b on o.batch_id = b.batch_id "
            "where b.delivery_id = %s and reason is not null order by line",
            (delivery.delivery_id,),
        ).fetchall()
        repairs = dict(
            connection.execute(
                "select code, sum(rows)::int from connect.repair where delivery_id = %s group by code",
                (delivery.delivery_id,),
            ).fetchall()
        )
    assert delivery.read_rows == 6
    assert [tuple(row) for row in aside] == [
        (6, "报名!J6", "resident_id", "reader.id_lost_in_spreadsheet"),
        (7, "报名!L7", "fee_paid", "reader.error_cell"),
    ]
    expected = {
        "note.hidden_sheet": 1, "repair.title_row": 1, "repair.total_row": 1, "repair.remark_row": 1,
        "repair.merged_cells": 1, "repair.date_format": 1, "repair.thousands_separator": 1, "repair.code_word": 1,
        "repair.yes_no_word": 1,
    }  # fmt: skip
    assert repairs == expected | ({} if kind == "xls" else {"repair.leading_zeros": 1})
