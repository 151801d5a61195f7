"""Asking an agency's database, on the real engines: nothing is lost, doubled or blamed on data."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import pull
from connectors.registry import Agency
from connectors.transports import sql_database
from pipeline import db
from pipeline.errors import BadInput, SystemTrouble
from pipeline.settings import Settings
from tests.agency_databases import ONE_TABLE, HrDatabase, Line, OnWarning, encrypted, hr_database, keep_password
from tests.mariadb.server import Server, running
from tests.staged import Staged, count, lines, short

NOON = "2026-03-01 12:00:00"


class Killed(BaseException):
    """Stands for a kill: nothing below catches it."""


@pytest.fixture(scope="module")
def mariadb() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture(params=["postgresql", "mariadb"])
def hr(request: pytest.FixtureRequest, settings: Settings) -> Iterator[HrDatabase]:
    server = request.getfixturevalue("mariadb") if request.param == "mariadb" else None
    with hr_database(request.param, settings, server) as database:
        yield database


@pytest.fixture
def agency(hr: HrDatabase) -> Agency:
    """Its table ``employment`` is there, empty."""
    hr.employment_table()
    return hr.agency(**ONE_TABLE)


def ask(hr: HrDatabase, agency: Agency) -> list[tuple[str, int, str]]:
    """What a pull had to say of employments."""
    return [
        line for delivery in pull.pull_live(hr.settings, agency) for line in short(hr.settings, delivery, "employments")
    ]


def staged(hr: HrDatabase, agency: Agency) -> list[Staged]:
    return [x for delivery in pull.pull_live(hr.settings, agency) for x in lines(hr.settings, delivery, "employments")]


def outbox(hr: HrDatabase, agency: Agency) -> int:
    return count(
        hr.settings,
        "select count(*) from connect.outbox as o inner join connect.batch as b on b.batch_id = o.batch_id "
        "where b.agency_code = %s",
        agency.agency_code,
    )


def refusals(hr: HrDatabase, agency: Agency) -> list[tuple[str, str]]:
    with db.connect(hr.settings, "engineer") as engineer:
        return engineer.execute(
            "select code, problem from connect.refusal where agency_code = %s", (agency.agency_code,)
        ).fetchall()


def with_params(agency: Agency, **params: str) -> Agency:
    return Agency(**{**vars(agency), "params": {**agency.params, **params}})


def test_first_pull_reads_everything_in_slices(hr: HrDatabase, agency: Agency) -> None:
    for number in range(7):
        hr.employ(number, f"2026-03-01 12:00:0{number}", full_name=f"员工{number}")
    told: list[int] = []
    deliveries = pull.pull_live(hr.settings, with_params(agency, page_rows="3"), progress=told.append)
    assert [delivery.read_rows for delivery in deliveries] == [3, 3, 1]
    assert max(told) == 7
    said = [line for delivery in deliveries for line in short(hr.settings, delivery, "employments")]
    assert said == [(f"e{number}", 1, "upsert") for number in range(7)]
    assert ask(hr, agency) == []


def test_values_arrive_as_files_would_bring_them(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(
        1, "2026-03-01 12:00:00.250000", resident_id="339901198005120017", birth_date="1980-05-12", sex="男",
        contract_hours="36.5", employer_name="不出门", end_date=None,
    )  # fmt: skip
    (line,) = staged(hr, agency)
    assert line.data is not None
    text = line.data.decode()
    for part in ('"birth_date":"1980-05-12"', '"start_date":"2015-03-01"', '"contract_hours":"36.5"', '"sex":"男"'):
        assert part in text
    for kept_back in ("王小明", "339901198005120017", "不出门", "last_modified", "end_date"):
        assert kept_back not in text
    assert line.id_status == "valid"
    with db.connect(hr.settings, pull.ROLE) as connection:
        (modified,) = connection.execute(
            "select o.modified_at at time zone 'UTC' from connect.outbox as o inner join connect.batch as b "
            "on b.batch_id = o.batch_id where b.agency_code = %s", (agency.agency_code,)
        ).fetchone() or (None,)  # fmt: skip
    assert str(modified) == "2026-03-01 04:00:00.250000"


def test_insert_update_and_status_delete_are_seen_once(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, NOON)
    hr.employ(2, NOON)
    hr.employ(3, NOON)
    ask(hr, agency)
    hr.employ(4, "2026-03-01 13:00:00")
    hr.touch(1, "2026-03-01 13:00:01", "industry_code = 'C3421'")
    hr.touch(2, "2026-03-01 13:00:02", "record_status = 'deleted'")
    hr.touch(3, "2026-03-01 13:00:03", "record_status = record_status")
    assert ask(hr, agency) == [("e4", 1, "upsert"), ("e1", 2, "upsert"), ("e2", 2, "delete")]
    assert ask(hr, agency) == []


def test_a_row_that_is_gone_is_found_by_the_comparison_and_comes_back(hr: HrDatabase, agency: Agency) -> None:
    for number in (1, 2, 3):
        hr.employ(number, NOON)
    ask(hr, agency)
    hr.run("delete from employment where employment_id = 'e2'")
    assert ask(hr, agency) == []
    compared = with_params(agency, full_every="0h", page_rows="1")
    assert ask(hr, compared) == [("e2", 2, "delete")]
    assert ask(hr, compared) == []
    hr.employ(2, NOON)
    assert ask(hr, agency) == [("e2", 3, "upsert")]


def test_a_quiet_database_makes_no_deliveries(hr: HrDatabase, agency: Agency) -> None:
    for number in (1, 2):
        hr.employ(number, NOON)
    assert len(pull.pull_live(hr.settings, agency)) == 1
    assert pull.pull_live(hr.settings, agency) == []
    hr.touch(2, NOON, "sex = '1'")
    assert ask(hr, agency) == [("e2", 2, "upsert")]
    assert pull.pull_live(hr.settings, agency) == []


def test_the_last_row_gone_empties_the_table(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, NOON)
    ask(hr, agency)
    hr.run("delete from employment")
    assert ask(hr, with_params(agency, full_every="0h")) == [("e1", 2, "delete")]


def test_a_row_committed_late_is_read_within_the_overlap(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, NOON)
    ask(hr, agency)
    hr.employ(2, "2026-03-01 11:01:00")
    assert ask(hr, agency) == [("e2", 1, "upsert")]
    hr.employ(3, "2026-03-01 10:59:00")
    assert ask(hr, agency) == []
    assert ask(hr, with_params(agency, overlap_minutes="61")) == [("e3", 1, "upsert")]


def test_a_time_that_goes_backwards_is_found_by_the_comparison(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, NOON)
    hr.employ(2, NOON)
    ask(hr, agency)
    hr.touch(1, "2020-01-01 00:00:00", "sex = '1'")
    assert ask(hr, agency) == []
    assert ask(hr, with_params(agency, full_every="0h")) == [("e1", 2, "upsert")]


def test_times_in_the_future_hide_nothing(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, "2100-01-01 00:00:00")
    hr.employ(2, NOON)
    ask(hr, agency)
    hr.employ(3, "2026-03-01 12:30:00")
    assert ask(hr, agency) == [("e3", 1, "upsert")]


def test_rows_without_a_time_of_change_are_read_every_time(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, None)
    hr.employ(2, None)
    hr.employ(3, NOON)
    paged = with_params(agency, page_rows="1")
    assert sorted(ask(hr, paged)) == [("e1", 1, "upsert"), ("e2", 1, "upsert"), ("e3", 1, "upsert")]
    hr.run("update employment set sex = '2' where employment_id = 'e2'")
    assert ask(hr, paged) == [("e2", 2, "upsert")]


def test_many_rows_of_one_moment_are_paged_without_loss(hr: HrDatabase, agency: Agency) -> None:
    for number in range(10, 17):
        hr.employ(number, NOON)
    assert ask(hr, with_params(agency, page_rows="2")) == [(f"e{number}", 1, "upsert") for number in range(10, 17)]


def test_rows_that_share_or_lack_a_key_are_all_told(hr: HrDatabase) -> None:
    hr.employment_table(key="")
    agency = hr.agency(**ONE_TABLE, page_rows="2")
    for number, sex in ((1, "1"), (2, "1"), (2, "2"), (2, "9"), (3, "1"), (None, "1"), (None, "2")):
        hr.employ(number, NOON, sex=sex)
    deliveries = pull.pull_live(hr.settings, agency)
    assert sum(delivery.read_rows for delivery in deliveries) == 7
    twice = [x.record_id for found in deliveries for x in lines(hr.settings, found, "employments")]
    assert [twice.count(key) for key in ("e1", "e2", "e3")] == [1, 3, 1]
    assert sum(key.startswith("keyless|") for key in twice) == 2
    (whole,) = pull.pull_live(hr.settings, with_params(agency, full_every="0h"))
    assert whole.read_rows == 7


def test_keys_that_differ_in_case_alone_are_not_lost_at_the_end_of_a_page(hr: HrDatabase) -> None:
    hr.employment_table(key="")
    for number in ("a", "A", "b", "B"):
        hr.employ(number, NOON)
    deliveries = pull.pull_live(hr.settings, hr.agency(**ONE_TABLE, page_rows="1"))
    assert sum(delivery.read_rows for delivery in deliveries) == 4


@pytest.mark.parametrize("slices_before", [0, 1, 2])
def test_a_kill_between_slices_loses_and_doubles_nothing(
    hr: HrDatabase, agency: Agency, monkeypatch: pytest.MonkeyPatch, slices_before: int
) -> None:
    for number in range(6):
        hr.employ(number, f"2026-03-01 12:00:0{number}")
    paged = with_params(agency, page_rows="2")
    stage, done = pull.outbox.stage, []

    def mortal(*args: object, **more: object) -> object:
        if len(done) == slices_before:
            raise Killed
        done.append(stage(*args, **more))  # type: ignore[arg-type]
        return done[-1]

    monkeypatch.setattr(pull.outbox, "stage", mortal)
    with pytest.raises(Killed):
        pull.pull_live(hr.settings, paged)
    monkeypatch.undo()
    assert outbox(hr, agency) == 2 * slices_before
    hr.employ(9, "2026-03-01 11:59:00")  # committed between the kill and the next pull
    rest = pull.pull_live(hr.settings, paged)
    assert sum(delivery.read_rows for delivery in rest) == 6 - 2 * slices_before + (slices_before == 0)
    pull.pull_live(hr.settings, paged)
    assert outbox(hr, agency) == 7


def test_a_kill_within_the_comparison_deletes_nothing(
    hr: HrDatabase, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    hr.employ(1, NOON)
    hr.employ(2, NOON)
    ask(hr, agency)
    monkeypatch.setattr(pull.outbox, "stage", lambda *_: (_ for _ in ()).throw(Killed()))
    with pytest.raises(Killed):
        ask(hr, with_params(agency, full_every="0h"))
    monkeypatch.undo()
    assert outbox(hr, agency) == 2
    assert ask(hr, agency) == []


def test_a_pull_sees_one_state_of_the_database(hr: HrDatabase, agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        hr.employ(number, f"2026-03-01 12:00:0{number}")
    stage = pull.outbox.stage

    def meanwhile(*args: object, **more: object) -> object:
        hr.touch(3, "2026-03-01 12:30:00", "sex = '1'")
        return stage(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(pull.outbox, "stage", meanwhile)
    said = ask(hr, with_params(agency, page_rows="1"))
    assert said == [(f"e{number}", 1, "upsert") for number in range(4)]
    monkeypatch.undo()
    assert ask(hr, agency) == [("e3", 2, "upsert")]


def test_a_line_that_breaks_is_taken_up_behind_the_last_slice(
    hr: HrDatabase, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        hr.employ(number, f"2026-03-01 12:00:0{number}")
    line = Line(hr.port)
    stage, reads = pull.outbox.stage, []

    def breaking(*args: object, **more: object) -> object:
        delivery = stage(*args, **more)  # type: ignore[arg-type]
        reads.append(delivery.read_rows)
        if len(reads) == 1:
            line.cut()
            line.mend()
        return delivery

    monkeypatch.setattr(pull.outbox, "stage", breaking)
    url = agency.params["url"].replace(f":{hr.port}/", f":{line.port}/")
    pull.pull_live(hr.settings, with_params(agency, page_rows="2", url=url))
    line.cut()
    assert reads == [2, 2, 2]
    assert outbox(hr, agency) == 6


def test_a_database_that_is_away_is_waited_for(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, NOON)
    line = Line(hr.port, up=False)
    url = agency.params["url"].replace(f":{hr.port}/", f":{line.port}/")
    waiting = OnWarning(line.mend)
    logging.getLogger("pipeline.db").addHandler(waiting)
    try:
        assert ask(hr, with_params(agency, url=url)) == [("e1", 1, "upsert")]
    finally:
        logging.getLogger("pipeline.db").removeHandler(waiting)
        line.cut()
    assert "nothing is lost" in waiting.said[0]
    assert hr.password not in "".join(waiting.said)


def test_a_database_that_stays_away_is_no_fault_of_the_data(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, NOON)
    line = Line(hr.port, up=False)
    url = agency.params["url"].replace(f":{hr.port}/", f":{line.port}/")
    with pytest.raises(SystemTrouble, match=rf"127\.0\.0\.1:{line.port}/{hr.database} does not answer") as trouble:
        ask(hr, with_params(agency, url=url, patience_seconds="0"))
    assert trouble.value.retriable
    assert agency.agency_code in str(trouble.value)
    assert refusals(hr, agency) == []
    assert ask(hr, agency) == [("e1", 1, "upsert")]


def test_a_wrong_password_is_refused_without_a_secret_and_can_be_changed_at_once(
    hr: HrDatabase, agency: Agency
) -> None:
    hr.employ(1, NOON)
    keep_password(hr.settings, agency, "not-the-password")
    with pytest.raises(
        BadInput, match=rf"127\.0\.0\.1:{hr.port}/{hr.database}: the login of hr_reader\S* is refused"
    ) as no:
        ask(hr, agency)
    assert str(no.value).startswith(f"{agency.agency_code} (hr)")
    assert f"./flyover secret set {agency.agency_code} password" in str(no.value)
    assert "not-the-password" not in f"{no.value!r}{no.value.__cause__}{no.value.__context__}"
    assert [code for code, _ in refusals(hr, agency)] == ["refused.sql_login"]
    keep_password(hr.settings, agency, hr.password)
    assert ask(hr, agency) == [("e1", 1, "upsert")]


def test_a_database_of_another_name_is_refused(hr: HrDatabase, agency: Agency) -> None:
    url = agency.params["url"] + "_gone"
    with pytest.raises(BadInput, match=r"_gone: the login of") as no:
        ask(hr, with_params(agency, url=url))
    assert no.value.code == "refused.sql_login"


def test_a_column_that_vanishes_stops_the_feed_by_name(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, NOON)
    ask(hr, agency)
    hr.run("alter table employment drop column industry_code")
    hr.touch(1, "2026-03-01 13:00:00", "sex = '1'")
    with pytest.raises(BadInput, match=r"employment has no column industry_code \(our industry_code\)") as no:
        ask(hr, agency)
    assert no.value.code == "refused.sql_column"
    assert "columns.employments.industry_code" in str(no.value)
    assert ask(hr, with_params(agency, **{"columns.employments.industry_code": "none"})) == [("e1", 2, "upsert")]


def test_a_column_that_was_never_there_may_be_left_out_unless_it_is_needed(hr: HrDatabase, agency: Agency) -> None:
    hr.run("alter table employment drop column industry_code")
    hr.employ(1, NOON)
    assert len(ask(hr, agency)) == 1
    hr.run("alter table employment drop column workplace_division")
    with pytest.raises(BadInput, match="no column workplace_division"):
        ask(hr, agency)


def test_tables_and_columns_of_other_names_are_read_by_the_mapping(hr: HrDatabase) -> None:
    mark = '"' if hr.server is None else "`"
    table, key = f"{mark}员工 x''y; drop{mark}", f"{mark}Emp No{mark}"
    hr.run(
        f"create table {table} ({key} varchar(20), XM varchar(20), start_date date, zy varchar(9), {mark}County{mark} "
        f"char(6), {mark}select{mark} {hr.timestamp})",
        f"insert into {table} values ('e1', '王', '2020-01-01', '9621', '330106', '{NOON}')",
        f"insert into {table} values ('e2', '李', '2020-01-01', '9621', '330106', '{NOON}')",
    )
    hr.may_read(table)
    agency = hr.agency(
        **{
            **ONE_TABLE,
            "tables.employments": table.strip(mark),
            "columns.employments.employment_id": "Emp No",
            "columns.employments.full_name": "xm",
            "columns.employments.occupation_code": "zy",
            "columns.employments.workplace_division": "county",
            "values.employments.occupation_scheme": "ISCO08",
            "changed.employments": "select",
            "page_rows": "1",
        }
    )
    found = staged(hr, agency)
    assert [line.record_id for line in found] == ["e1", "e2"]
    assert all(b'"occupation_scheme":"ISCO08"' in (line.data or b"") for line in found)


def test_only_our_columns_of_a_very_wide_table_are_read(hr: HrDatabase, agency: Agency) -> None:
    hr.run(*(f"alter table employment add column extra_{number} varchar(9)" for number in range(200)))
    hr.employ(1, NOON, extra_7="x")
    (line,) = staged(hr, agency)
    assert line.data is not None
    assert b"extra" not in line.data


def test_dates_no_calendar_has_are_judged_like_any_other_value(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, NOON)
    if hr.server:
        hr.run("set sql_mode = ''", "update employment set end_date = '0000-00-00'")
        odd = b"0000-00-00"
    else:
        hr.run("update employment set end_date = 'infinity'")
        odd = b"infinity"
    (line,) = staged(hr, agency)
    assert odd in (line.data or b"")


def test_a_table_without_a_time_of_change_is_compared_every_time(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, NOON)
    hr.employ(2, NOON)
    untimed = with_params(agency, **{"changed.employments": "none"})
    assert len(ask(hr, untimed)) == 2
    hr.run("delete from employment where employment_id = 'e1'")
    assert ask(hr, untimed) == [("e1", 2, "delete")]


def test_an_agency_that_appends_never_loses_a_record(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, NOON)
    appending = Agency(**{**vars(with_params(agency, full_every="0h")), "mode": "append"})
    assert len(ask(hr, appending)) == 1
    hr.run("delete from employment")
    assert ask(hr, appending) == []


def test_all_three_tables_come_in_one_pull(hr: HrDatabase) -> None:
    hr.employment_table()
    hr.run(
        "create table skill_certificate (full_name varchar(9), certificate_no varchar(40) primary key, "
        "certificate_kind varchar(20), occupation_code varchar(12), skill_level varchar(20), issue_date date, "
        f"valid_to date, last_modified {hr.timestamp})",
        "create table training (full_name varchar(9), training_id integer primary key, start_date date, "
        f"hours numeric(6, 1), subsidy_flag boolean, last_modified {hr.timestamp})",
        "insert into skill_certificate values ('王', 'Z339901198005120017', '职业技能等级', '9621', '5', '2020-01-01', "
        f"null, '{NOON}'), ('王', 'Z339901198005120018', '职业技能等级', '9621', '4', '2020-01-01', null, '{NOON}')",
        *(f"insert into training values ('王', {n}, '2020-01-01', 40, true, '{NOON}')" for n in (9, 10, 11)),
    )
    hr.may_read("skill_certificate", "training")
    hr.employ(1, NOON)
    agency = hr.agency(page_rows="1", skill_levels="five_grades")
    deliveries = pull.pull_live(hr.settings, agency)
    assert [batch.entity for found in deliveries for batch in found.batches] == [
        *["employments"],
        *["skill_certificates"] * 2,
        *["trainings"] * 3,
    ]
    told = {x.record_id: x.data or b"" for found in deliveries for x in lines(hr.settings, found, "trainings")}
    assert list(told) == ["9", "10", "11"]
    assert b'"subsidy_flag":"' in told["9"]
    levels = [x.data or b"" for found in deliveries for x in lines(hr.settings, found, "skill_certificates")]
    assert "五级".encode() in levels[0]
    assert sum(found.unchanged_rows for found in pull.pull_live(hr.settings, agency)) == 5  # the overlap again
    assert outbox(hr, agency) == 6


def test_the_place_kept_shows_no_key(hr: HrDatabase, agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        hr.employ(f"-339901198005120017-{number}", NOON)
    stage, places = pull.outbox.stage, []

    def noting(*args: object, **more: object) -> object:
        delivery = stage(*args, **more)  # type: ignore[arg-type]
        with db.connect(hr.settings, pull.ROLE) as connection:
            places.extend(connection.execute("select cursor from connect.cursor").fetchall())
        return delivery

    monkeypatch.setattr(pull.outbox, "stage", noting)
    pull.pull_live(hr.settings, with_params(agency, page_rows="1"))
    assert places
    assert "339901198005120017" not in str(places)


def test_a_table_we_may_not_read_or_that_is_not_there_is_named(hr: HrDatabase, agency: Agency) -> None:
    with pytest.raises(BadInput, match="there is no table personnel") as no:
        ask(hr, with_params(agency, **{"tables.employments": "personnel"}))
    assert no.value.code == "refused.sql_table"
    hr.run("create table secret (x integer)")
    with pytest.raises(BadInput) as no:
        ask(hr, with_params(agency, **{"tables.employments": "secret"}))
    assert no.value.code in ("refused.sql_table", "refused.sql_column")


def test_we_change_nothing_in_their_database(hr: HrDatabase, agency: Agency) -> None:
    admin = "admin" if hr.server else "postgres"
    password = hr.server.password if hr.server else hr.settings.secrets.pg_passwords[admin]
    url = agency.params["url"]
    user = url.partition("://")[2].partition("@")[0]
    mighty = with_params(agency, url=url.replace(user, admin))
    keep_password(hr.settings, agency, password)
    with pytest.raises(BadInput), sql_database.of(mighty).snapshot(hr.settings) as connection:
        connection.exec_driver_sql("insert into employment (employment_id) values ('x')")
    assert hr.run("select count(*) from employment") == [(0,)]


def test_a_statement_that_takes_too_long_is_trouble_and_not_a_fault_of_the_data(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, NOON)
    nap = "sleep(30)" if hr.server else "pg_sleep(30)"
    zero = f"coalesce({nap}, 0)" if hr.server else f"(select 0 from {nap})"
    hr.run(
        "create view slow as select full_name, concat(employment_id, "
        f"case when {zero} = 0 then '' end) as employment_id, start_date, occupation_code, workplace_division, "
        "last_modified from employment"
    )
    hr.may_read("slow")
    with pytest.raises(SystemTrouble, match="slow could not be read in 1 s"):
        ask(hr, with_params(agency, **{"tables.employments": "slow", "statement_seconds": "1"}))
    assert refusals(hr, agency) == []


def test_a_view_needs_no_more_than_the_right_to_read_it(hr: HrDatabase, agency: Agency) -> None:
    hr.employ(1, NOON)
    hr.run("create view for_flyover as select * from employment")
    hr.may_read("for_flyover")
    assert ask(hr, with_params(agency, **{"tables.employments": "for_flyover"})) == [("e1", 1, "upsert")]


def test_a_time_of_change_that_is_text_is_refused(hr: HrDatabase, agency: Agency) -> None:
    hr.run("alter table employment add column touched varchar(30)")
    with pytest.raises(BadInput, match="cannot be put in order"):
        ask(hr, with_params(agency, **{"changed.employments": "touched"}))


def test_a_day_as_time_of_change_is_read_again_whole(hr: HrDatabase, agency: Agency) -> None:
    hr.run("alter table employment add column touched date")
    daily = with_params(agency, **{"changed.employments": "touched"})
    hr.employ(1, None, touched="2026-03-01")
    assert len(ask(hr, daily)) == 1
    hr.employ(2, None, touched="2026-03-01")
    assert ask(hr, daily) == [("e2", 1, "upsert")]


def test_only_a_certificate_of_the_right_authority_is_taken(mariadb: Server, settings: Settings) -> None:
    with hr_database("mariadb", settings, mariadb) as hr:
        hr.employment_table()
        hr.employ(1, NOON)
        agency = hr.agency(**ONE_TABLE, tls="verify")
        with pytest.raises(BadInput, match="the encrypted line could not be made") as no:
            ask(hr, agency)
        assert no.value.code == "refused.sql_tls"
        assert ask(hr, with_params(agency, tls_ca=str(mariadb.authority))) == [("e1", 1, "upsert")]


def test_postgresql_is_asked_over_a_verified_line(settings: Settings, tmp_path: Path) -> None:
    with hr_database("postgresql", settings, None) as hr, encrypted(hr.port, tmp_path) as port:
        hr.employment_table()
        hr.employ(1, NOON)
        agency = hr.agency(**ONE_TABLE, port=port, tls="verify")
        with pytest.raises(BadInput, match="the encrypted line could not be made") as no:
            ask(hr, agency)
        assert no.value.code == "refused.sql_tls"
        trusted = with_params(agency, tls_ca=str(tmp_path / "authority.pem"))
        assert ask(hr, trusted) == [("e1", 1, "upsert")]


def test_a_server_without_encryption_is_refused(settings: Settings) -> None:
    with hr_database("postgresql", settings, None) as hr:
        hr.employment_table()
        with pytest.raises(BadInput, match="the encrypted line could not be made"):
            ask(hr, hr.agency(**ONE_TABLE, tls="verify"))


def test_times_with_an_offset_are_kept_as_they_are(settings: Settings) -> None:
    with hr_database("postgresql", settings, None) as hr:
        hr.employment_table()
        hr.run("alter table employment alter column last_modified type timestamptz")
        agency = hr.agency(**ONE_TABLE)
        hr.employ(1, "2026-03-01 12:00:00+00")
        assert ask(hr, agency) == [("e1", 1, "upsert")]
        hr.employ(2, "2026-03-01 11:00:01+00")
        hr.employ(3, "2026-03-01 18:59:59+08")
        assert ask(hr, agency) == [("e2", 1, "upsert")]
