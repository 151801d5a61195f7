"""Spark keeps to this machine, to its memory, and knows no secret of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SystemTrouble
from release.spark import engine


def test_spark_listens_on_loopback_alone_and_stays_in_its_bounds(tmp_path: Path) -> None:
    said = engine._settings(tmp_path, 2, 2500)
    assert said["spark.ui.enabled"] == "false"
    assert said["spark.driver.bindAddress"] == said["spark.driver.host"] == "127.0.0.1"
    assert said["spark.driver.memory"] == "2500m"
    assert said["spark.sql.shuffle.partitions"] == "2"
    assert said["spark.sql.warehouse.dir"].startswith(str(tmp_path))


def test_its_process_is_told_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_ENV_SECRET_PG_PASSWORD", "hidden")
    monkeypatch.setenv("FLYOVER_PG_HOST", "127.0.0.1")
    told = engine._clean_environment(tmp_path)
    assert not [name for name in told if "PG" in name or "SECRET" in name]
    assert told["HOME"] == str(tmp_path)


def test_without_java_it_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(SystemTrouble, match="openjdk-17"):
        engine._environment(tmp_path, print)
