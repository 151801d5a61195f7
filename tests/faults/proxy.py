"""A TCP proxy of our own: cuts, slows or silences what passes between a stage and its server."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import Literal

Trouble = Literal["cut", "slow", "half-open"]
_CHUNK, _PAUSE_S, _SILENCE_S = 65_536, 0.002, 1.0


@dataclass
class Proxy:
    """Listens on a port of its own; each connection meets its trouble after so many bytes, chosen by the hand."""

    target: tuple[str, int]
    trouble: Trouble
    hand: random.Random
    troubles: int = 8
    """connections that are disturbed; later ones pass untouched"""
    met: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening and end what is open."""
        self._server.close()
        for one in self._open:
            _abort(one)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            self._open += [client, server]
            bytes_left = self.hand.choice((3_000, 20_000, 200_000))
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, sink, bytes_left), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, bytes_left: int) -> None:
        try:
            while data := source.recv(_CHUNK):
                bytes_left -= len(data)
                if bytes_left < 0 and self._may_disturb(source):
                    if self.trouble == "slow":
                        for at in range(0, len(data), 512):
                            time.sleep(_PAUSE_S)  # the trouble itself, not a wait for something
                            sink.sendall(data[at : at + 512])
                        continue
                    if self.trouble == "half-open":
                        time.sleep(_SILENCE_S)  # nobody hears anything
                    _abort(source)
                    _abort(sink)
                    return
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            _abort(source)
            _abort(sink)

    def _may_disturb(self, source: socket.socket) -> bool:
        with self._lock:
            if self.met >= self.troubles:
                return False
            self.met += 1
            return True


def _abort(one: socket.socket) -> None:
    """End a connection without a goodbye."""
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()
    except OSError:
        return
