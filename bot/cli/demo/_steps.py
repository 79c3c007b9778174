"""The main job as a list of steps: a person's act, the messages to be seen, and the events at the platform.

An event that a step does not name must not happen: a further session that is started, addressed or ended
makes the step fail.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

STOP: Final = '{"command": "stop"}'
NORMAL: Final = "Normal termination"

LISTENING: Final = range(5, 14)
STUCK: Final = (4, 14, 15)
"""The twelve sessions of the drill, by what their scenarios do with a stop."""


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


MAIN_JOB: Final = (
    Step(
        title="Help comes out of the list of verbs",
        act=Types("ann", "help"),
        sees=(ephemeral("/session start [rule] [--max 30m] [data]", "/session stop <id>… [reason]"),),
    ),
    Step(
        title="What can be started",
        act=Types("ann", "rules"),
        sees=(ephemeral("obedient", "stuck", "rule 1001"),),
    ),
    Step(
        title="A start has a card, and its data reaches the scenario",
        act=Types("ann", 'start obedient {"ticket": 12}'),
        sees=(ephemeral("Started #1 obedient."), card(1, "#1 obedient", "running", "Started by ann", "[Stop]")),
        started=('{"ticket": 12}',),
    ),
    Step(
        title="What is typed is what is sent, byte for byte",
        act=Types("ann", 'send 1 {"say":  "hello"}'),
        sees=(ephemeral("Delivered to #1"), reply(1, "ann sent:", '{"say":  "hello"}', "HTTP 200")),
        reached=('{"say":  "hello"}',),
    ),
    Step(
        title="A phone's curly quotes are repaired, and the thread says so",
        act=Types("ann", "send 1 {“say”: “it’s me”}"),
        sees=(ephemeral("Delivered to #1"), reply(1, "sent, after repair", '{"say": "it’s me"}')),
        reached=('{"say": "it’s me"}',),
    ),
    Step(
        title="What is no JSON is not sent; a caret shows where",
        act=Types("ann", 'send 1 {"say": hello}'),
        sees=(ephemeral("Line 1, column 9", "Nothing was sent", "        ^"),),
    ),
    Step(
        title="A mistyped verb does nothing and names the nearest",
        act=Types("bob", "stpo 1"),
        sees=(ephemeral("There is no stpo", "nothing was done", "Did you mean", "/session stop 1"),),
    ),
    Step(
        title="What is open here",
        act=Types("bob", "list"),
        sees=(ephemeral("1 session is open", "#1", "obedient", "running", "[Stop]"),),
    ),
    Step(
        title="A stop is asked for, delivered, and confirmed by the platform's history",
        act=Types("bob", "stop 1 wrong number dialled"),
        sees=(
            ephemeral("Stop delivered to #1"),
            ephemeral("Confirmed: #1 obedient ended"),
            card(1, "ended", NORMAL, "by bob", "wrong number dialled"),
            reply(1, "Stop by bob", STOP, "Delivered", "Confirmed: #1 obedient ended"),
        ),
        reached=(STOP,),
        ended=(NORMAL,),
    ),
    Step(
        title="Stopping what is over sends nothing and says who ended it",
        act=Types("ann", "stop 1"),
        sees=(ephemeral("#1 obedient has ended already", "after a stop by @bob", "Nothing was sent"),),
    ),
    Step(
        title="A session with a live call",
        act=Types("ann", "start crash"),
        sees=(ephemeral("Started #2 crash."), card(2, "running")),
        started=("",),
    ),
    Step(
        title="It ends by itself, abnormally: its starter is told",
        act=Types("ann", "send 2 {}"),
        sees=(
            ephemeral("Delivered to #2"),
            card(2, "ended", "JS session error"),
            reply(2, "@ann", "without being asked to", "JS session error"),
        ),
        reached=("{}",),
        ended=("JS session error",),
    ),
    Step(
        title="A scenario that says goodbye before it goes",
        act=Types("ann", "start slow-stop 0.5"),
        sees=(ephemeral("Started #3 slow-stop."), card(3, "running", "[Stop]")),
        started=("0.5",),
    ),
    Step(
        title="The Stop button asks first, then asks the session to end",
        act=Presses("bob", "Stop", session=3, asks="Stop session #3?"),
        sees=(
            ephemeral("Confirmed: #3 slow-stop ended"),
            card(3, "ended", NORMAL, "by bob"),
            reply(3, "Stop by bob", "Delivered", "Confirmed: #3 slow-stop ended"),
        ),
        reached=(STOP,),
        ended=(NORMAL,),
    ),
    Step(
        title="A scenario that listens to nobody",
        act=Types("ann", "start stuck"),
        sees=(ephemeral("Started #4 stuck."), card(4, "running")),
        started=("",),
    ),
    Step(
        title="Its stop is delivered and not confirmed, and nobody is told otherwise",
        act=Types("bob", "stop 4"),
        sees=(
            ephemeral("Stop delivered to #4"),
            ephemeral("Not confirmed: #4 stuck may still run", "The history says that it still runs"),
            card(4, "stop not confirmed", "[Stop again]", "[Close the record]"),
            alarm(4, "Stop not confirmed", "The history says that it still runs", "no forced stop"),
        ),
        reached=(STOP,),
    ),
    Step(
        title="All that is known of it",
        act=Types("bob", "status 4"),
        sees=(ephemeral("#4 stuck", "not confirmed", "Stop asked for by @bob", "[Stop again]"),),
    ),
    Step(
        title="A drill: nine sessions that listen …",
        act=TypesAtOnce("ann", tuple(f"start obedient {number}" for number in range(1, 10))),
        sees=tuple(card(session, "obedient", "running") for session in LISTENING),
        started=tuple(str(number) for number in range(1, 10)),
    ),
    Step(
        title="… and two more that do not: twelve are open, three are stuck",
        act=TypesAtOnce("ann", ("start stuck 1", "start stuck 2")),
        sees=tuple(card(session, "stuck", "running") for session in (14, 15)),
        started=("1", "2"),
    ),
    Step(
        title="A stop of all asks first: how many, which, and what that ends",
        act=Types("bob", 'stop all reason="drill"'),
        sees=(ephemeral("Stop 12 sessions? Nothing was stopped yet.", "#4 stuck", "#15 stuck", "[Stop 12 sessions]"),),
    ),
    Step(
        title="One press asks them all, and one summary says what is true of each",
        act=Presses("bob", "Stop 12 sessions"),
        sees=(
            ephemeral("Stop of 12 sessions by @bob"),
            posted(
                "Stop of 12 sessions by bob",
                "Why: drill",
                "9 confirmed ended · 3 not confirmed.",
                *(f"#{session} stuck" for session in STUCK),
                "The history says that it still runs",
                "It took",
            ),
        ),
        reached=12 * (STOP,),
        ended=9 * (NORMAL,),
    ),
    Step(
        title="The night's end: all sessions, those that need somebody first",
        act=Types("ann", "list state=any"),
        sees=(ephemeral("15 sessions are known", "#4 stuck", "stop not confirmed", "#14 stuck", "#15 stuck"),),
    ),
)
