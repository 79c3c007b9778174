"""The seam for what the page has beside Slack: further frames to its tabs, and further acts of people."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

from bot.sandbox import Changes
from bot.sandbox.slack import Json, Person


class Problem(Exception):  # noqa: N818 - it is told to a person, who did nothing that a program could call an error
    """An act is not possible; the text is one sentence for the person who tried it."""


class Malformed(Exception):  # noqa: N818 - it says of a request what it is
    """A request is one that the page would never send; the text names its fault."""


Handler = Callable[[Person | None, Json], Awaitable[Json]]
"""Does one act with the JSON of the request, and returns further keys of the answer beside `ok`.

The person is who acts, if the request names one. It raises `Problem` where the answer is no, and `Malformed`.
"""


class Extension(Protocol):
    """A part of the page beside Slack."""

    @property
    def changes(self) -> Changes:
        """The changes of what `frames` returns: `notify` is called after each."""

    def routes(self) -> Mapping[str, Handler]:
        """Return the handlers of `POST /world/<name>`, by name."""

    def frames(self, viewer: Person) -> Iterable[Json]:
        """Return all frames as they stand now for one person, at most one of each `type` and `id`.

        A tab is sent those that differ from what it was sent last. It is called after every change of this part, of
        Slack or of the bot, once for each tab: a frame that did not change is best the very object of the last call.
        """

    async def run(self) -> None:
        """Work beside the page until it is cancelled."""
