"""The bound of the commands under way and of the responses: a platform or a Slack that hangs fills no process.

A command counts while it is admitted and while its work runs, a response until Slack has taken it or every way to its
person was tried. Beyond the bound a command is refused in its ack, which Slack takes when it takes nothing else, and
recorded like any refusal; for stops the bound is twice as high, so that they find room when nothing else does.
"""

import contextlib
from collections.abc import Iterator

from bot.ports import Request, Verb, Via
from bot.process import Tasks


class Capacity:
    """Counts the commands under way."""

    def __init__(self, most: int, tasks: Tasks) -> None:
        self._most = most
        self._tasks = tasks
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
        most, responding = 2 * self._most if urgent else self._most, self._tasks.responding
        if request.via is Via.limit or max(self.under_way, responding) < most:
            return None
        if self.under_way >= most:
            full = f"The bot has {self.under_way:,} commands under way"
        else:
            full = f"{responding:,} answers of the bot wait for Slack to take them"
        if urgent:
            return f"{full}, more than it can hold, so this stop was not sent. Type it again in a few seconds."
        return f"{full}, so this was not done. Type it again in a minute; a stop still goes out."
