from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from stack.kafka import broker, cluster
from stack.state import State

PORTS = {name: port for port, name in enumerate(name for node in broker.Node(of=3).whole() for name in node.ports)}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    monkeypatch.delenv(cluster.SETTING, raising=False)
    monkeypatch.delenv("FLYOVER_KAFKA_BOOTSTRAP", raising=False)
    return State.open(tmp_path / "state")


def test_one_broker_is_what_nobody_has_to_choose(state: State) -> None:
    assert [node.name for node in cluster.choose(state)] == [broker.NAME]
    assert cluster.bootstrap(state, {"kafka": 7}) == "127.0.0.1:7"


def test_three_brokers_are_kept_and_lose_none_of_what_they_confirm(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cluster.SETTING, "3")
    chosen = cluster.choose(state)
    monkeypatch.delenv(cluster.SETTING)
    assert cluster.nodes(state) == chosen
    assert cluster.bootstrap(state, PORTS).count(",") == 2
    made = [broker.settings(PORTS, tmp_path, node) for node in chosen]
    assert len({each["controller.quorum.voters"] for each in made}) == 1
    assert len({each["listeners"] for each in made}) == len({each["node.id"] for each in made}) == 3
    for each in made:
        copies, confirmed = int(each["default.replication.factor"]), int(each["min.insync.replicas"])
        assert (copies, confirmed) == (3, 2), "one may be lost, and what two have is not lost with it"
        assert {value for key, value in each.items() if key.endswith("replication.factor")} == {"3"}
        assert {value for key, value in each.items() if key.endswith("min.isr")} == {"2"}


@pytest.mark.parametrize(("had", "asked"), [("1", "3"), ("3", "1")])
def test_brokers_with_data_stay_as_many_as_they_are(
    had: str, asked: str, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cluster.SETTING, had)
    cluster.choose(state)
    data = state.root / broker.NAME / "data"
    data.mkdir(parents=True)
    (data / "meta.properties").touch()
    assert len(cluster.choose(state)) == int(had), "the same number again is no change"
    monkeypatch.setenv(cluster.SETTING, asked)
    with pytest.raises(ConfigurationError, match="batches resend"):
        cluster.choose(state)


def test_two_brokers_are_refused(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cluster.SETTING, "2")
    with pytest.raises(ConfigurationError, match="1 broker or 3"):
        cluster.choose(state)
