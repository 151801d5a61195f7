"""The DAGs run, with the stages behind them replaced: who is called with what, when a run is skipped, who is woken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from expectations.decisions.people import HOUSE
from pipeline import backlog
from pipeline.backlog import Waiting
from pipeline.errors import BadInput, StaleDrain
from pipeline.settings import CHECKOUT

pytestmark = pytest.mark.usefixtures("metadata")
SETTINGS = SimpleNamespace(agencies_dir=CHECKOUT / "connectors" / "agencies", contracts_dir=CHECKOUT / "contracts")


class Stages:
    """Replaced stages: what they were called with, and what they answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.calls: list[tuple[Any, ...]] = []
        monkeypatch.setattr("pipeline.settings.load", lambda: SETTINGS)
        monkeypatch.setattr("connectors.sink.stopped_feeds", lambda settings: {})

    def replace(self, module: str, name: str, answer: Callable[..., Any] = lambda *given, **more: None) -> None:
        """Let ``module.name`` write down its call (without the settings) and answer."""

        def stage(settings: Any, *given: Any, **more: Any) -> Any:
            assert settings is SETTINGS
            self.calls.append((name, *given, *more.values()))
            return answer(*given, **more)

        self._monkeypatch.setattr(f"{module}.{name}", stage)

    def waiting(self, question: str, *answers: int, minutes: int | None = None) -> None:
        """What ``pipeline.backlog`` answers, call after call; nothing once they are used up."""
        left = iter(answers)
        whole = (lambda n: n) if question == "to_land" else (lambda n: Waiting(n, minutes))
        self._monkeypatch.setattr(backlog, question, lambda *given: whole(next(left, 0)))

    def staged(self, *agencies: str, minutes: int = 0) -> None:
        """Agencies with batches that wait to be published."""
        unpublished = {agency: Waiting(1, minutes) for agency in agencies}
        self._monkeypatch.setattr(backlog, "to_publish", lambda settings: unpublished)

    def run(self, dag_id: str, **conf: Any) -> dict[str, str]:
        """Run the DAG once; returns the states of its tasks."""
        from airflow.dag_processing.dagbag import DagBag

        dag = DagBag(str(CHECKOUT / "dags")).dags[dag_id]  # a run leaves its parameters in the DAG
        run = dag.test(run_conf=conf)
        return {task.task_id: str(task.state) for task in run.get_task_instances()}


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stages:
    monkeypatch.setenv("FLYOVER_STATE", str(tmp_path))
    return Stages(monkeypatch)


def woken(name: str) -> int:
    """Events an asset has had so far."""
    from airflow import settings
    from airflow.models.asset import AssetEvent, AssetModel
    from sqlalchemy import func, select

    with settings.Session() as session:
        query = select(func.count()).select_from(AssetEvent).join(AssetModel, AssetModel.id == AssetEvent.asset_id)
        return int(session.scalar(query.where(AssetModel.name == name)))


class TestIngest:
    DAG = "ingest__oneroster__sch-lishui"

    def pull(self, stages: Stages, *pending: str, bad: str | None = None) -> None:
        def pulled(agency: Any, origin: Path) -> Any:
            if origin.name == bad:
                raise BadInput("is torn", agency=agency.agency_code, file=origin.name)
            return SimpleNamespace(delivery_id=None)

        stages.replace("connectors.pull", "pending_origins", lambda agency: [Path(name) for name in pending])
        stages.replace("connectors.pull", "pull", pulled)
        stages.replace("connectors.producer", "publish")
        stages.staged()

    def pulled(self, stages: Stages) -> list[str]:
        return [str(call[2]) for call in stages.calls if call[0] == "pull"]

    def test_run_pulls_what_is_pending_and_publishes_it(self, stages: Stages) -> None:
        self.pull(stages, "a.zip", "b.zip")
        assert set(stages.run(self.DAG).values()) == {"success"}
        assert self.pulled(stages) == ["a.zip", "b.zip"]
        assert stages.calls[-1] == ("publish", "oneroster")

    def test_run_without_a_delivery_is_skipped(self, stages: Stages) -> None:
        self.pull(stages)
        before = woken("flyover://delivered/oneroster")
        assert set(stages.run(self.DAG).values()) == {"skipped"}
        assert woken("flyover://delivered/oneroster") == before

    def test_run_publishes_what_an_earlier_one_could_not(self, stages: Stages) -> None:
        self.pull(stages)
        stages.staged("sch-lishui")
        assert set(stages.run(self.DAG).values()) == {"success"}
        assert stages.calls[-1] == ("publish", "oneroster")

    def test_run_takes_the_path_it_is_given(self, stages: Stages) -> None:
        self.pull(stages, "a.zip")
        stages.run(self.DAG, path="/elsewhere/c.zip")
        assert self.pulled(stages) == ["/elsewhere/c.zip"]

    def test_a_bad_delivery_keeps_no_other_one_from_being_published(self, stages: Stages, tmp_path: Path) -> None:
        self.pull(stages, "a.zip", "bad.zip", "c.zip", bad="bad.zip")
        assert stages.run(self.DAG) == {"pull_delivery": "failed", "publish_batches": "upstream_failed"}
        assert self.pulled(stages) == ["a.zip", "bad.zip", "c.zip"]
        assert stages.calls[-1] == ("publish", "oneroster")
        assert "sch-lishui" in (tmp_path / "alarms.jsonl").read_text()


class TestCorrection:
    """A file of rows to mend wakes the same DAG and is never pulled as a delivery."""

    DAG = "ingest__oneroster__sch-lishui"

    def test_run_takes_a_correction_as_one_and_publishes_its_replay(self, stages: Stages, tmp_path: Path) -> None:
        correction, delivery = tmp_path / "orgs.csv", tmp_path / "b.csv"
        correction.write_text("row,flyover_entry,sourcedId,name\n2,FIX-1-0000000000000000,o1,A\n", encoding="utf-8")
        delivery.write_text("sourcedId,name\no1,A\n", encoding="utf-8")
        stages.replace("connectors.pull", "pending_origins", lambda agency: [correction, delivery])
        stages.replace("connectors.pull", "pull", lambda agency, origin: SimpleNamespace(delivery_id=None, path=origin))
        stages.replace(
            "expectations.decisions.corrections", "take", lambda agency, origin: SimpleNamespace(deliveries=())
        )
        stages.replace("connectors.producer", "publish")
        stages.staged()
        assert set(stages.run(self.DAG).values()) == {"success"}
        seen = [(call[0], call[-1]) for call in stages.calls]
        assert seen == [
            ("pending_origins", seen[0][1]), ("take", correction), ("pull", delivery), ("publish", "oneroster"),
        ]  # fmt: skip

    def test_a_correction_that_is_refused_keeps_nothing_else_waiting(self, stages: Stages, tmp_path: Path) -> None:
        correction = tmp_path / "a.csv"
        correction.write_text("column at fault,how to mend,sourcedId\nx,y,o1\n", encoding="utf-8")

        def refuse(agency: Any, origin: Path) -> None:
            raise BadInput("lacks its codes", agency=agency.agency_code, file=origin.name)

        stages.replace("connectors.pull", "pending_origins", lambda agency: [correction, tmp_path / "c.zip"])
        stages.replace("connectors.pull", "pull", lambda agency, origin: SimpleNamespace(delivery_id=None))
        stages.replace("expectations.decisions.corrections", "take", refuse)
        stages.replace("connectors.producer", "publish")
        stages.staged()
        assert stages.run(self.DAG)["pull_delivery"] == "failed"
        assert [call[0] for call in stages.calls] == ["pending_origins", "take", "pull", "publish"]


class TestLand:
    DAG, ASSET = "land__census", "flyover://landed/census"

    def test_run_drains_until_the_topics_hold_nothing_more(self, stages: Stages) -> None:
        stages.replace("connectors.sink", "drain", lambda topics, label: SimpleNamespace(rows=7))
        stages.waiting("to_land", 7, 7)
        stages.waiting("to_judge", 1)
        before = woken(self.ASSET)
        assert stages.run(self.DAG) == {"drain_topics": "success"}
        topics = ["census.county-yearbook.v1", "census.population-by-age.v1"]
        assert stages.calls == [("drain", topics, "census")] * 2
        assert woken(self.ASSET) == before + 1

    def test_run_with_nothing_to_land_wakes_no_one(self, stages: Stages) -> None:
        stages.replace("connectors.sink", "drain")
        stages.waiting("to_land", 0)
        stages.waiting("to_judge", 0)
        before = woken(self.ASSET)
        assert stages.run(self.DAG) == {"drain_topics": "skipped"}
        assert stages.calls == []
        assert woken(self.ASSET) == before

    def test_run_announces_what_an_earlier_one_landed_without_a_word(self, stages: Stages) -> None:
        stages.waiting("to_land", 0)
        stages.waiting("to_judge", 2)
        before = woken(self.ASSET)
        assert stages.run(self.DAG) == {"drain_topics": "success"}
        assert woken(self.ASSET) == before + 1

    def test_another_drain_at_work_is_no_failure(self, stages: Stages) -> None:
        def taken(topics: Any, label: str) -> None:
            raise StaleDrain("another drain has taken over")

        stages.replace("connectors.sink", "drain", taken)
        stages.waiting("to_land", 3)
        assert stages.run(self.DAG) == {"drain_topics": "skipped"}

    def test_vault_has_a_drain_of_its_own(self, stages: Stages) -> None:
        stages.replace("connectors.vault", "drain_vault", lambda: SimpleNamespace(rows=3))
        stages.waiting("to_land", 3)
        assert stages.run("land__vault") == {"drain_identities": "success"}
        assert stages.run("land__vault") == {"drain_identities": "skipped"}


class TestValidate:
    DAG, ASSET = "validate__census", "flyover://released/census"

    def test_run_judges_until_nothing_waits(self, stages: Stages) -> None:
        stages.replace("expectations.judging.judge", "judge_ready", lambda source: [object()])
        stages.waiting("to_judge", 2, 2, 1)
        before = woken(self.ASSET)
        assert stages.run(self.DAG) == {"judge_batches": "success"}
        assert stages.calls == [("judge_ready", "census")] * 2
        assert woken(self.ASSET) == before + 1

    def test_wake_up_with_nothing_to_do_wakes_no_one(self, stages: Stages) -> None:
        stages.replace("expectations.judging.judge", "judge_ready")
        stages.waiting("to_judge", 0)
        before = woken(self.ASSET)
        assert set(stages.run(self.DAG).values()) == {"skipped"}
        assert stages.calls == []
        assert woken(self.ASSET) == before


class TestReview:
    DAG = "review__verdicts"

    def test_every_source_is_looked_at_by_hand_and_the_report_is_written(self, stages: Stages) -> None:
        stages.replace("expectations.reports.report", "write")
        stages.replace("expectations.judging.rejudge", "corrected", lambda source, actor: 0)
        assert stages.run(self.DAG) == {"rejudge_corrected": "skipped", "write_report": "success"}
        looked = [call for call in stages.calls if call[0] == "corrected"]
        assert ("corrected", "census", HOUSE) in looked
        assert len(looked) == len({call[1] for call in looked}) > 5
        assert ("write",) in stages.calls

    def test_rows_a_corrected_rule_let_go_are_published(self, stages: Stages) -> None:
        stages.replace("expectations.reports.report", "write")
        stages.replace("expectations.judging.rejudge", "corrected", lambda source, actor: int(source == "census"))
        stages.replace("connectors.producer", "publish")
        assert stages.run(self.DAG)["rejudge_corrected"] == "success"
        assert [call for call in stages.calls if call[0] == "publish"] == [("publish", "census")]

    def test_only_sources_whose_verdicts_woke_it_are_looked_at(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from dags import review
        from dags.wiring import assets

        told = SimpleNamespace(asset=SimpleNamespace(uri=assets.released("census").uri))
        events = {assets.released("census"): [told]}
        monkeypatch.setattr(review, "get_current_context", lambda: {"triggering_asset_events": events})
        assert review._woken_by() == ["census"]


class TestBuild:
    DAG, ASSET = "build__warehouse", "flyover://core"

    @pytest.fixture(autouse=True)
    def _warehouse(self, stages: Stages) -> None:
        stages.replace("release.build", "build_warehouse")

    def test_run_builds_again_for_what_was_released_meanwhile(self, stages: Stages) -> None:
        stages.waiting("to_model", 5, 8)
        before = woken(self.ASSET)
        assert stages.run(self.DAG) == {"build_core": "success"}
        assert stages.calls == [("build_warehouse", False)] * 2
        assert woken(self.ASSET) == before + 1

    def test_run_ends_when_a_build_leaves_something_behind(self, stages: Stages) -> None:
        stages.waiting("to_model", *[5] * 9)
        assert stages.run(self.DAG) == {"build_core": "success"}
        assert stages.calls == [("build_warehouse", False)]

    def test_run_with_a_level_core_wakes_no_one(self, stages: Stages) -> None:
        stages.waiting("to_model", 0)
        assert stages.run(self.DAG) == {"build_core": "skipped"}
        assert stages.calls == []

    def test_full_refresh_builds_though_core_is_level(self, stages: Stages) -> None:
        stages.waiting("to_model", 0)
        assert stages.run(self.DAG, full_refresh=True) == {"build_core": "success"}
        assert stages.calls == [("build_warehouse", True)]


class TestLink:
    DAG, ASSET = "link__persons", "flyover://linked"

    @pytest.mark.parametrize(("seq", "state", "events"), [(7, "success", 1), (None, "skipped", 0)])
    def test_run_wakes_a_build_only_when_links_moved(
        self, stages: Stages, seq: int | None, state: str, events: int
    ) -> None:
        from linkage.run import RunReport

        stages.waiting("to_link", 3)
        stages.replace("linkage.run", "link_persons", lambda: RunReport(9, 1, 0, 0, 0, seq))
        before = woken(self.ASSET)
        assert stages.run(self.DAG) == {"find_persons": state}
        assert stages.calls == [("link_persons",)]
        assert woken(self.ASSET) == before + events

    def test_run_without_news_looks_at_nobody(self, stages: Stages) -> None:
        stages.waiting("to_link", 0)
        stages.replace("linkage.run", "link_persons")
        assert stages.run(self.DAG) == {"find_persons": "skipped"}
        assert stages.calls == []


class TestWaivers:
    DAG = "lapse__waivers"

    @pytest.mark.parametrize(
        ("rows", "rules", "state"), [(0, 0, "skipped"), (2, 0, "success"), (0, 1, "success"), (2, 1, "success")]
    )
    def test_waivers_end_by_themselves(self, stages: Stages, rows: int, rules: int, state: str) -> None:
        stages.replace("expectations.decisions.quarantine", "lapse_waivers", lambda today: rows)
        stages.replace("expectations.decisions.waivers", "lapse", lambda today: rules)
        assert stages.run(self.DAG) == {"end_waivers": state}
        assert [call[0] for call in stages.calls] == ["lapse_waivers", "lapse"]


class TestMonths:
    @pytest.mark.parametrize(("strays", "state"), [({}, "skipped"), ({"oneroster__orgs": 3}, "success")])
    def test_months_are_made_and_rows_without_one_are_told(
        self, stages: Stages, strays: dict[str, int], state: str
    ) -> None:
        stages.replace("connectors.months", "make_ahead", lambda: strays)
        assert stages.run("months__landing") == {"make_months": state}


class TestWatch:
    DAG = "watch__backlog"
    WAKES = (
        "flyover://delivery/ou-uk",
        "flyover://topic/oulad",
        "flyover://topic/vault",
        "flyover://landed/oulad",
        "flyover://core/behind",
        "flyover://links/behind",
    )

    def watch(self, stages: Stages, *, lagging: int = 0, minutes: int | None = None) -> tuple[str, list[int]]:
        """State of the task, and the events that the assets got from it."""
        before = [woken(name) for name in self.WAKES]
        for question in ("to_land", "to_judge", "to_model", "to_link"):
            stages.waiting(question, *[lagging] * 99, minutes=minutes)
        stages.staged(*(["ou-uk", "no-longer-known"] if lagging else []), minutes=minutes or 0)
        state = stages.run(self.DAG)["wake_stages"]
        return state, [woken(name) - number for name, number in zip(self.WAKES, before, strict=True)]

    def test_level_stages_are_left_alone(self, stages: Stages) -> None:
        assert self.watch(stages) == ("skipped", [0, 0, 0, 0, 0, 0])

    def test_stages_that_lag_are_woken(self, stages: Stages) -> None:
        assert self.watch(stages, lagging=1, minutes=8) == ("success", [1, 1, 1, 1, 1, 1])

    def test_stages_at_work_are_left_alone(self, stages: Stages) -> None:
        assert self.watch(stages, lagging=1, minutes=1) == ("success", [0, 1, 1, 0, 0, 0])

    def test_core_is_woken_for_a_waiver(self, stages: Stages) -> None:
        assert self.watch(stages, lagging=1, minutes=None)[1][-2] == 1


class TestWatchQuality:
    DAG = "watch__quality"

    @pytest.mark.parametrize(("opened", "state"), [(0, "skipped"), (1, "success")])
    def test_look_that_changes_nothing_is_skipped(self, stages: Stages, opened: int, state: str) -> None:
        from alerting.watch import Watched

        stages.replace("alerting.watch", "watch", lambda: Watched(opened, 0, 0, 0, 7))
        assert stages.run(self.DAG) == {"watch_conditions": state}
        assert stages.calls == [("watch",)]


class TestReconcile:
    DAG = "reconcile__books"

    def test_all_is_looked_at_when_asked_for_and_alerts_are_woken(self, stages: Stages) -> None:
        stages.replace("alerting.reconcile.run", "reconcile", lambda *, whole: None)
        before = woken("flyover://reconciled")
        assert stages.run(self.DAG, whole=True) == {"compare_steps": "success"}
        assert stages.calls == [("reconcile", True)]
        assert woken("flyover://reconciled") == before + 1


class TestForecasts:
    DAG = "forecast__places"

    @pytest.mark.parametrize(("is_new", "state"), [(False, "skipped"), (True, "success")])
    def test_an_unchanged_history_is_skipped(self, stages: Stages, is_new: bool, state: str) -> None:
        from forecast.run import ForecastReport

        stages.replace("forecast.run", "run", lambda *, again: ForecastReport(1, 40, 30, is_new))
        assert stages.run(self.DAG) == {"forecast_needs": state}
        assert stages.calls == [("run", False)]


class TestFailures:
    """What becomes of a task's failure once it succeeds."""

    def test_success_and_nothing_to_do_both_end_it(self, stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
        ended: list[tuple[str, str]] = []
        monkeypatch.setattr("dags.wiring.alarms.load", lambda: SETTINGS)
        monkeypatch.setattr(
            "alerting.failures.succeeded", lambda settings, dag_id, task_id: ended.append((dag_id, task_id))
        )
        stages.replace("expectations.decisions.waivers", "lapse", lambda today: 0)
        for lapsed in (0, 2):
            stages.replace("expectations.decisions.quarantine", "lapse_waivers", lambda today, n=lapsed: n)
            stages.run("lapse__waivers")
        assert ended == [("lapse__waivers", "end_waivers")] * 2


def test_a_stage_that_fails_is_woken_ever_more_rarely() -> None:
    from dags.watch import is_due

    due = [minutes for minutes in range(200) if is_due(Waiting(1, minutes), 4)]
    assert due == [4, 8, 16, 32, 60, 64, 120, 128, 180]


@pytest.fixture
def release_stages(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> Stages:
    """Publishing replaced, and pages that are built already."""
    stages.replace("release.publish", "publish_release")
    monkeypatch.setattr("stack.site.missing_because", lambda say: None)
    monkeypatch.setattr("stack.site.built", lambda say: Path("/built"))
    return stages


def test_publish_makes_a_release_and_then_its_pages(release_stages: Stages) -> None:
    release_stages.replace("portal.publishing.site", "build")
    states = release_stages.run("publish__release", note="corrected")
    assert states == {"publish_indicators": "success", "write_pages": "success"}
    assert [call[:2] for call in release_stages.calls] == [("publish_release", "corrected"), ("build", Path("/built"))]


def test_numbers_stand_when_their_pages_cannot_be_written(release_stages: Stages) -> None:
    def full(*given: Any) -> None:
        raise OSError("No space left on device")

    release_stages.replace("portal.publishing.site", "build", full)
    states = release_stages.run("publish__release")
    assert states == {"publish_indicators": "success", "write_pages": "failed"}
