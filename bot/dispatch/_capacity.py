"""The bound of the commands under way: a platform that hangs must not fill this process with those who wait for it.

A command counts while it is admitted and while its work runs. Beyond the bound one is refused, and recorded like any
refusal; for stops the bound is twice as high, so that they find room when nothing else does.
"""

import contextlib
from collections.abc import Iterator

from bot.ports import Request, Verb, Via


class Capacity:
    """Counts the commands under way."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.under_way = 0

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Count one command while this context lasts."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    def refusal(self, request: Request, verb: Verb | None) -> str | None:
        """Return the sentence for a command beyond the bound; None where there is room, or where no person asks."""
        urgent = verb is not None and verb.urgent
        if self.under_way < (2 * self._most if urgent else self._most) or request.via is Via.limit:
            return None
        if urgent:
            return (
                f"The bot has {self.under_way:,} commands under way, more than it can hold, so this stop was not sent. "
                "Type it again in a few seconds."
            )
        return (
            f"The bot has {self.under_way:,} commands under way, so this was not done. Type it again in a minute; "
            "a stop still goes out."
        )
