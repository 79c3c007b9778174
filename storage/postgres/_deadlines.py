"""Deadlines of statements: a connection that gives no answer in time is cut, and the thread that waits on it learns so.

A network that swallows everything tells nobody, and a proxy before the server keeps its half of the connection alive:
only the bot's own clock can tell. Cutting the socket wakes the thread that waits for it.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

import psycopg

_LOOK_S: Final = 0.2


class Deadlines:
    """A thread that cuts connections whose statement is overdue."""

    def __init__(self) -> None:
        self._due: dict[int, tuple[psycopg.Connection[Any], float]] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="storage-deadlines", daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def within(self, connection: psycopg.Connection[Any], seconds: float) -> Iterator[None]:
        """Cut the connection if the block lasts longer."""
        key = id(connection)
        with self._lock:
            self._due[key] = connection, time.monotonic() + seconds
        try:
            yield
        finally:
            with self._lock:
                self._due.pop(key, None)

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_S):
            now = time.monotonic()
            with self._lock:  # held while cutting: none is cut that has just been answered
                for connection, due in self._due.values():
                    if due < now:
                        cut(connection)


def cut(connection: psycopg.Connection[Any]) -> None:
    """Shut the connection's socket down: each end sees that it is over."""
    with contextlib.suppress(OSError, psycopg.Error):
        descriptor = os.dup(connection.fileno())
        with socket.socket(fileno=descriptor) as half:
            half.shutdown(socket.SHUT_RDWR)
