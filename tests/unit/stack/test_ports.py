import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.ports import LOOPBACK, free_ports, is_free, keep_ports
from stack.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path / "state")


@pytest.fixture
def tenant() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(is_free(port) for port in ports)


def test_a_listening_port_is_not_free(tenant: int) -> None:
    assert not is_free(tenant)


def test_ports_are_kept_across_starts(state: State) -> None:
    first = keep_ports(state, ("kafka", "postgres"))
    assert keep_ports(State(state.root), ("kafka", "postgres")) == first


def test_only_the_taken_port_moves(state: State, tenant: int) -> None:
    kept = keep_ports(state, ("kafka", "postgres"))
    state.update_stack(ports={**kept, "kafka": tenant})
    moved = keep_ports(state, ("kafka", "postgres"))
    assert moved["kafka"] != tenant
    assert moved["postgres"] == kept["postgres"]


def test_a_port_our_own_service_holds_never_moves(state: State, tenant: int) -> None:
    state.update_stack(ports={"kafka": tenant})
    assert keep_ports(state, ("kafka",), running=frozenset({"kafka"})) == {"kafka": tenant}


def test_two_checkouts_get_different_ports(tmp_path: Path) -> None:
    one, other = State.open(tmp_path / "one"), State.open(tmp_path / "other")
    first = keep_ports(one, ("kafka",))["kafka"]
    with socket.socket() as server:
        server.bind((LOOPBACK, first))
        server.listen()
        assert keep_ports(other, ("kafka",))["kafka"] != first
