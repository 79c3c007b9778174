"""The main job as a list of steps: what somebody does, what must be seen, and what must reach the platform.

What a step does not name must not happen: a session that is started, told something or ended beside what
stands in the list makes the step wrong.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

STOP: Final = '{"command": "stop"}'
NORMAL: Final = "Normal termination"


@dataclass(frozen=True)
class Types:
    """Somebody types this after the slash command."""

    who: str
    text: str


@dataclass(frozen=True)
class Presses:
    """Somebody presses a button on a session's card, and its other button (`asks`) in the dialog that opens."""

    who: str
    label: str
    session: int
    asks: str


class Place(StrEnum):
    """Where something is seen."""

    line = "a line that only the person sees"
    card = "the card"
    thread = "a reply in the thread"
    alarm = "a reply in the thread that is also shown in the channel"


@dataclass(frozen=True)
class Seen:
    """All these words in one message, as people read it. A line has no session; only what is new counts."""

    place: Place
    session: int | None
    words: tuple[str, ...]

    def __str__(self) -> str:
        of = f" of #{self.session}" if self.session is not None else ""
        return f"{self.place}{of} with {', '.join(repr(each) for each in self.words)}"


def told(*words: str) -> Seen:
    """Say what only the person who acts must read."""
    return Seen(Place.line, None, words)


def card(session: int, *words: str) -> Seen:
    """Say what a session's card must show."""
    return Seen(Place.card, session, words)


def reply(session: int, *words: str) -> Seen:
    """Say what a reply under a session's card must say."""
    return Seen(Place.thread, session, words)


def alarm(session: int, *words: str) -> Seen:
    """Say what a reply must say that nobody in the channel can overlook."""
    return Seen(Place.alarm, session, words)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. What happened at the platform during it is compared exactly, and in its order.

    `started` has the custom data of each session, `reached` the body of each request to a session's URL,
    `ended` the finish reason of each session that ended.
    """

    title: str
    act: Types | Presses
    sees: tuple[Seen, ...]
    started: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


MAIN_JOB: Final = (
    Step(
        title="Help comes out of the list of verbs",
        act=Types("ann", "help"),
        sees=(told("/session start <rule> [data]", "/session stop <id>… [reason]"),),
    ),
    Step(
        title="What can be started",
        act=Types("ann", "rules"),
        sees=(told("obedient", "stuck", "rule 1001"),),
    ),
    Step(
        title="A start has a card, and its data reaches the scenario",
        act=Types("ann", 'start obedient {"ticket": 12}'),
        sees=(told("Started #1 obedient."), card(1, "#1 obedient", "running", "Started by @ann", "[Stop]")),
        started=('{"ticket": 12}',),
    ),
    Step(
        title="What is typed is what is sent, byte for byte",
        act=Types("ann", 'send 1 {"say":  "hello"}'),
        sees=(told("Delivered to #1"), reply(1, "@ann sent:", '{"say":  "hello"}', "HTTP 200", '"received"')),
        reached=('{"say":  "hello"}',),
    ),
    Step(
        title="A phone's curly quotes are repaired, and the thread says so",
        act=Types("ann", "send 1 {“say”: “it’s me”}"),
        sees=(told("Delivered to #1"), reply(1, "sent, after repair", '{"say": "it’s me"}')),
        reached=('{"say": "it’s me"}',),
    ),
    Step(
        title="What is no JSON is not sent; a caret shows where",
        act=Types("ann", 'send 1 {"say": hello}'),
        sees=(told("Line 1, column 9", "Nothing was sent", "        ^"),),
    ),
    Step(
        title="A mistyped verb does nothing and names the nearest",
        act=Types("bob", "stpo 1"),
        sees=(told("There is no stpo", "nothing was done", "Did you mean", "/session stop 1"),),
    ),
    Step(
        title="What is open here",
        act=Types("bob", "list"),
        sees=(told("1 session is open", "#1", "obedient", "running", "[Stop]"),),
    ),
    Step(
        title="A stop is asked for, delivered, and confirmed by the platform's history",
        act=Types("bob", "stop 1 wrong number dialled"),
        sees=(
            told("Stop delivered to #1"),
            told("Confirmed: #1 obedient ended"),
            card(1, "ended", NORMAL, "@bob", "wrong number dialled"),
            reply(1, "Stop by @bob", STOP, "Delivered", "Confirmed: #1 obedient ended"),
        ),
        reached=(STOP,),
        ended=(NORMAL,),
    ),
    Step(
        title="Stopping what is over sends nothing and says who ended it",
        act=Types("ann", "stop 1"),
        sees=(told("#1 obedient has ended already", "stopped by @bob", "Nothing was sent"),),
    ),
    Step(
        title="A session with a live call",
        act=Types("ann", "start crash"),
        sees=(told("Started #2 crash."), card(2, "running")),
        started=("",),
    ),
    Step(
        title="It ends by itself, abnormally: its starter is told",
        act=Types("ann", "send 2 {}"),
        sees=(
            told("Delivered to #2"),
            card(2, "ended", "JS session error"),
            reply(2, "@ann", "without being asked to", "JS session error"),
        ),
        reached=("{}",),
        ended=("JS session error",),
    ),
    Step(
        title="A scenario that says goodbye before it goes",
        act=Types("ann", "start slow-stop 0.5"),
        sees=(told("Started #3 slow-stop."), card(3, "running", "[Stop]")),
        started=("0.5",),
    ),
    Step(
        title="The Stop button asks first, then stops",
        act=Presses("bob", "Stop", session=3, asks="Stop session #3?"),
        sees=(
            told("Confirmed: #3 slow-stop ended"),
            card(3, "ended", NORMAL, "@bob"),
            reply(3, "Stop by @bob", "Delivered", "Confirmed: #3 slow-stop ended"),
        ),
        reached=(STOP,),
        ended=(NORMAL,),
    ),
    Step(
        title="A scenario that listens to nobody",
        act=Types("ann", "start stuck"),
        sees=(told("Started #4 stuck."), card(4, "running")),
        started=("",),
    ),
    Step(
        title="Its stop is delivered and not confirmed, and nobody is told otherwise",
        act=Types("bob", "stop 4"),
        sees=(
            told("Stop delivered to #4"),
            told("Not confirmed: #4 stuck may still run", "The history says that it still runs"),
            card(4, "stop not confirmed", "[Stop]"),
            alarm(4, "Stop not confirmed", "The history says that it still runs", "no forced stop"),
        ),
        reached=(STOP,),
    ),
    Step(
        title="All that is known of it",
        act=Types("bob", "status 4"),
        sees=(told("#4", "stop not confirmed", "stop by @bob"),),
    ),
    Step(
        title="The night's end: all sessions and their states",
        act=Types("ann", "list state=any"),
        sees=(
            told("4 sessions are known", "#4 stuck", "stop not confirmed", "#3 slow-stop", "#2 crash", "#1 obedient"),
        ),
    ),
)
