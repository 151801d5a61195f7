"""Debezium's messages: what each says of a row, of a table, of a snapshot."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.capture import changes
from connectors.capture.changes import Broken, Change, Notice, Truncated, Unknown
from connectors.capture.connector import NOT_SENT
from connectors.capture.feeds import Feed
from tests.paper_office import feed as make_feed
from tests.paper_office import message, row


@pytest.fixture
def feed() -> Feed:
    return make_feed()


def test_an_insert_is_a_row_of_the_contract(feed: Feed) -> None:
    event = changes.read(feed, message("c", after=row("E1", start_date="2026-01-05Z", contract_hours="37.5")))
    assert isinstance(event, Change)
    (made,) = event.rows
    assert made.values["employment_id"] == "E1"
    assert made.values["start_date"] == "2026-01-05"
    assert made.values["contract_hours"] == "37.5"
    assert "employer_name" not in made.values
    assert made.modified_at == "2026-01-05T08:00:00.250+00:00"
    assert not made.deleted


def test_what_a_snapshot_reads_has_no_time_of_change(feed: Feed) -> None:
    event = changes.read(feed, message("r", after=row("E1")))
    assert isinstance(event, Change)
    assert event.rows[0].modified_at is None


def test_a_delete_needs_the_key_alone(feed: Feed) -> None:
    before = dict.fromkeys(row("E1")) | {"employment_id": "E1"}
    event = changes.read(feed, message("d", before=before))
    assert isinstance(event, Change)
    assert [(r.deleted, r.values["employment_id"]) for r in event.rows] == [(True, "E1")]


def test_a_delete_without_its_key_is_broken(feed: Feed) -> None:
    event = changes.read(feed, message("d", before=dict.fromkeys(row("E1"))))
    assert event == Broken(feed.tables[0], ("employment_id",), is_unsent=False)


def test_an_update_that_gives_a_record_another_key_deletes_the_old_one(feed: Feed) -> None:
    event = changes.read(feed, message("u", before=row("E1"), after=row("E2")))
    assert isinstance(event, Change)
    assert [(r.deleted, r.values["employment_id"]) for r in event.rows] == [(True, "E1"), (False, "E2")]


def test_an_update_that_does_not_say_the_old_row_is_of_the_same_record(feed: Feed) -> None:
    for before in (None, dict.fromkeys(row("E1")), row("E1")):
        event = changes.read(feed, message("u", before=before, after=row("E1")))
        assert isinstance(event, Change)
        assert [r.deleted for r in event.rows] == [False]


def test_a_column_that_is_gone_is_named_and_a_missing_value_is_none(feed: Feed) -> None:
    without = row("E1")
    del without["sex"]
    assert changes.read(feed, message("c", after=without)) == Broken(feed.tables[0], ("sex",), is_unsent=False)
    event = changes.read(feed, message("c", after=row("E1", sex=None)))
    assert isinstance(event, Change)
    assert event.rows[0].values["sex"] is None


def test_a_large_value_that_was_not_repeated_is_never_taken_for_the_value(feed: Feed) -> None:
    event = changes.read(feed, message("u", after=row("E1", employment_form=NOT_SENT)))
    assert event == Broken(feed.tables[0], ("employment_form",), is_unsent=True)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (True, "true"), (False, "false"), (12, "12"), (1.5, "1.5"), ("", ""), ("2026-01-05Z", "2026-01-05Z"),
        ([1, "a"], '[1,"a"]'),
    ],
)  # fmt: skip
def test_values_are_text_as_a_file_would_have_it(feed: Feed, said: Any, text: str) -> None:
    event = changes.read(feed, message("c", after=row("E1", employment_form=said)))
    assert isinstance(event, Change)
    assert event.rows[0].values["employment_form"] == text


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("2026-01-05T00:00:00Z", "2026-01-05"),
        ("2026-01-05T00:00:00.000000Z", "2026-01-05"),
        ("2026-01-05T13:00:00Z", "2026-01-05T13:00:00Z"),
        ("20260105", "20260105"),
    ],
)
def test_a_date_may_come_as_a_moment_of_midnight(feed: Feed, said: str, text: str) -> None:
    event = changes.read(feed, message("c", after=row("E1", start_date=said)))
    assert isinstance(event, Change)
    assert event.rows[0].values["start_date"] == text


def test_truncation_names_its_table(feed: Feed) -> None:
    assert changes.read(feed, message("t")) == Truncated(feed.tables[0])


def test_words_on_a_snapshot(feed: Feed) -> None:
    def said(kind: str, aggregate: str = "Initial Snapshot", **data: str) -> Any:
        return changes.read(
            feed, json.dumps({"aggregate_type": aggregate, "type": kind, "additional_data": data}).encode()
        )

    assert said("STARTED") == Notice("started")
    assert said("COMPLETED") == Notice("completed")
    assert said("TABLE_SCAN_COMPLETED", status="SUCCEEDED", scanned_collection="personnel.public.employment") == Notice(
        "scanned", "personnel.public.employment"
    )
    assert said("TABLE_SCAN_COMPLETED", status="SQL_EXCEPTION", scanned_collection="public.employment") == Notice(
        "other"
    )
    assert said("STARTED", aggregate="Incremental Snapshot") == Notice("other")
    assert said("SKIPPED") == Notice("other")


def test_a_table_no_longer_captured_says_nothing(feed: Feed) -> None:
    assert changes.read(feed, message("c", table="other", after={"id": 1})) == Notice("other")


@pytest.mark.parametrize("value", [b"", b"not json", b"[]", b"{}", b'{"op": "c"}', b'{"op": 7}'])
def test_what_is_not_the_connectors_is_unknown(feed: Feed, value: bytes) -> None:
    assert changes.read(feed, value) == Unknown()
