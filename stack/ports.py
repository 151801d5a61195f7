"""Loopback ports: picked once, kept in stack.json, so that a restart answers where it did before."""

import socket
from collections.abc import Iterable

from stack.state import State

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: TIME_WAIT is no tenant
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_ports(count: int) -> list[int]:
    """As many different free ports; all are held open while they are picked."""
    probes = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def keep_ports(state: State, names: Iterable[str], running: frozenset[str] = frozenset()) -> dict[str, int]:
    """The port of each name: the one it had, unless a stranger has taken it meanwhile.

    `running` names the ports our own live services hold; these are never moved.
    """
    kept: dict[str, int] = dict(state.stack().get("ports", {}))
    wanted = [name for name in names if name not in running]
    moved = [name for name in wanted if name not in kept or not is_free(kept[name])]
    taken = set(kept.values())
    fresh = [port for port in free_ports(len(moved) + len(taken)) if port not in taken]
    kept.update(zip(moved, fresh, strict=False))
    if moved:
        state.update_stack(ports=kept)
    return {name: kept[name] for name in names if name in kept}
