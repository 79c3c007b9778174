"""Signatures that were accepted, so that a request that comes again does nothing.

They are kept for twice the window, the longest time between the first and the last moment in which one is accepted; in
memory only: after a restart a replay is a claim with an old beat, of which the newest counts.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

KEPT_S: Final = 600.0
MOST: Final = 65_536
"""More than the inbox's limit lets in within that time, so that none is forgotten early."""


class SeenSignatures:
    """The signatures of the last ten minutes, by a clock that nobody sets."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._seen: OrderedDict[str, float] = OrderedDict()

    def add(self, signature: str) -> bool:
        """Record a signature; return whether it is new."""
        now = self._seconds()
        while self._seen and (len(self._seen) >= MOST or now - next(iter(self._seen.values())) > KEPT_S):
            self._seen.popitem(last=False)
        if signature in self._seen:
            return False
        self._seen[signature] = now
        return True
