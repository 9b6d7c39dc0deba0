"""The network between a desk and the shared ledger: a relay on loopback that can be cut, even in a word."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Cable:
    """Relays connections to ``port`` until it is cut; ``cut_after`` cuts when the desk has just said a word.

    With ``swallow`` the word itself still reaches the server, but never its answer the desk.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._sockets: list[socket.socket] = []
        self._up = True
        self._word: bytes | None = None
        self._deliver = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._up = False
        self._break()

    def mend(self) -> None:
        """Let connections through again."""
        self._up = True

    def cut_at(self, word: bytes, *, delivered: bool) -> None:
        """Cut once when the desk says ``word``, delivered to the server or not."""
        self._word, self._deliver = word, delivered

    def close(self) -> None:
        """End it."""
        self._up = False
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._break()

    def _break(self) -> None:
        broken, self._sockets = self._sockets, []
        _shut(broken)

    def _accept(self) -> None:
        while True:
            try:
                desk, _ = self._listener.accept()
            except OSError:
                return
            if not self._up:
                desk.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                desk.close()
                continue
            self._sockets += [desk, server]
            threading.Thread(target=self._carry, args=(desk, server, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(server, desk, False), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, outward: bool) -> None:
        with source, suppress(OSError):
            while data := source.recv(65536):
                if outward and self._word is not None and self._word in data:
                    self._word = None
                    self._up = False
                    broken, self._sockets = self._sockets, []
                    if self._deliver:
                        # The answer must not come back: the way to the desk is closed before the word goes out.
                        with suppress(OSError):
                            source.shutdown(socket.SHUT_RDWR)
                        sink.sendall(data)
                        threading.Event().wait(0.3)
                    _shut(broken)
                    return
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


def _shut(sockets: list[socket.socket]) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
