"""The steps of a tour: a person's act, the messages to be seen, and the events at the platform.

An event that a step does not name must not happen: a further session that is started, addressed or ended
makes the step fail.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

STOP: Final = '{"command": "stop"}'
NORMAL: Final = "Normal termination"


@dataclass(frozen=True)
class Types:
    """A person types this after the slash command."""

    who: str
    text: str


@dataclass(frozen=True)
class TypesAtOnce:
    """A person types these without waiting: their events at the platform may have any order."""

    who: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Presses:
    """A person presses a button: on a session's card or, without a session, in a message visible only to them.

    `asks` is the title of the confirm dialog, to which they say yes; None, where none may open.
    """

    who: str
    label: str
    session: int | None = None
    asks: str | None = None


@dataclass(frozen=True)
class Outside:
    """Acts at the platform without the bot, in words of the prompt; `who` reads what is told of them."""

    lines: tuple[str, ...]
    who: str = "bob"


Act = Types | TypesAtOnce | Presses | Outside


class MessagePlace(StrEnum):
    """The place of an expected message."""

    line = "a line that only the person sees"
    channel = "a message in the channel"
    card = "the card"
    thread = "a reply in the thread"
    alarm = "a reply in the thread that is also shown in the channel"


@dataclass(frozen=True)
class Seen:
    """All these words in one message, as people read it.

    Messages visible to one person and messages in the channel have no session; of these only new or changed ones count.
    """

    place: MessagePlace
    session: int | None
    words: tuple[str, ...]

    def __str__(self) -> str:
        of = f" of #{self.session}" if self.session is not None else ""
        return f"{self.place}{of} with {', '.join(repr(each) for each in self.words)}"


def ephemeral(*words: str) -> Seen:
    """Return the expectation of a message visible only to the actor."""
    return Seen(MessagePlace.line, None, words)


def posted(*words: str) -> Seen:
    """Return the expectation of a message in the channel."""
    return Seen(MessagePlace.channel, None, words)


def card(session: int, *words: str) -> Seen:
    """Return the expectation of words on a session's card."""
    return Seen(MessagePlace.card, session, words)


def reply(session: int, *words: str) -> Seen:
    """Return the expectation of a reply under a session's card."""
    return Seen(MessagePlace.thread, session, words)


def alarm(session: int, *words: str) -> Seen:
    """Return the expectation of a reply that is also shown in the channel."""
    return Seen(MessagePlace.alarm, session, words)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. Its events at the platform are compared exactly, and in order.

    Only events of commands typed at once may have any order. `started` has the custom data of each session, `reached`
    the body of each request to a session's URL, `ended` the finish reason of each session that ended.
    """

    title: str
    act: Act
    sees: tuple[Seen, ...]
    started: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
