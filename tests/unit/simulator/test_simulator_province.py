"""The province as a whole: the same from the same seed, flat in memory, refusing what it cannot do."""

import hashlib
import tracemalloc
from pathlib import Path

import pytest

from simulator import write_province
from simulator.__main__ import main
from simulator.churn import plan_churn
from simulator.defects import plan_defects
from simulator.identity import MOST_PEOPLE
from simulator.plan import MOST_LEARNERS, apportion, make_plan


def _digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    write_province(tmp_path / "a", learners=1_000, seed=4)
    write_province(tmp_path / "b", learners=1_000, seed=4)
    assert _digests(tmp_path / "a") == _digests(tmp_path / "b")


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    write_province(tmp_path / "a", learners=1_000, seed=4)
    write_province(tmp_path / "b", learners=1_000, seed=5)
    first, second = _digests(tmp_path / "a"), _digests(tmp_path / "b")
    assert first.keys() == second.keys()
    same = {name for name in first if first[name] == second[name]}
    assert same <= {
        *(
            f"{agency}/oulad_20251231/{name}.csv"
            for agency in ("ou-zhejiang", "ou-ningbo")
            for name in ("courses", "assessments", "vle")
        ),
        "bank-zhejiang/quarter_20251231/shared_courses.csv",
        "policy-sim/returns_20251231/targets.csv",
        "truth/changes.csv",
        "truth/witnesses.csv",
    }


def test_writing_again_replaces_the_delivery(tmp_path: Path) -> None:
    write_province(tmp_path, learners=1_000, seed=4)
    before = _digests(tmp_path)
    write_province(tmp_path, learners=1_000, seed=5)
    write_province(tmp_path, learners=1_000, seed=4)
    assert _digests(tmp_path) == before


def test_memory_does_not_grow_with_the_learners(tmp_path: Path) -> None:
    write_province(tmp_path / "warm", learners=1_000)
    peaks = []
    for learners in (1_000, 3_000):
        tracemalloc.start()
        write_province(tmp_path / str(learners), learners=learners)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # 2,000 more people and 15,000 more rows; a hundred bytes kept for each person would already show.
    assert peaks[1] < peaks[0] + 200_000, peaks


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_province(tmp_path, learners=1_000, progress=lambda what, done, total: told.append((what, done, total)))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1][1] == told[-1][2]
    assert {what for what, _, _ in told} == {
        "schools", "open universities", "labour office", "senior universities"
    }  # fmt: skip


@pytest.mark.parametrize("learners", [0, 999, 2_500_001])
def test_a_province_that_cannot_be_is_refused(tmp_path: Path, learners: int) -> None:
    with pytest.raises(ValueError, match="learners must be between"):
        write_province(tmp_path / "none", learners=learners)
    assert not (tmp_path / "none").exists()


def test_command_line_writes_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path / "here"), "--learners", "1000", "--seed", "2"]) == 0
    assert "1,000 simulated learners" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stopped:
        main(["--out", str(tmp_path), "--learners", "3"])
    assert stopped.value.code == 2


def test_large_provinces_have_large_schools_on_both_sides_of_the_edge() -> None:
    sizes = [school.size for school in make_plan(100_000, 1).schools]
    assert {2_000, 2_001} <= set(sizes)
    assert sum(size > 2_000 for size in sizes) >= 2
    assert sum(size < 100 for size in sizes) >= 3


def test_a_plan_has_exactly_the_learners_asked_for() -> None:
    for learners in (1_000, 1_001, 7_777, 1_000_000):
        plan = make_plan(learners, 9)
        at_school = sum(school.size + school.leavers for school in plan.schools)
        studying = sum(plan.studies(teacher) for teacher in range(plan.teachers))
        assert at_school + studying + sum(block.count for block in plan.adults) == learners


def test_the_largest_province_has_ids_for_everyone_and_their_newcomers() -> None:
    plan = make_plan(MOST_LEARNERS, 1)
    churn = plan_churn(plan, plan_defects(plan), 10)
    assert max(newcomer.no for group in churn.groups for newcomer in churn.newcomers(group)) < MOST_PEOPLE


def test_apportion_sums_exactly() -> None:
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert sum(apportion(999, [0.3, 0.2, 0.7])) == 999
