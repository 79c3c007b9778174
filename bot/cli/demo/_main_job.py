"""The main job as a list of steps, with a drill at its end, and what nobody started in Slack beside it."""

from typing import Final

from bot.cli.demo._elsewhere_steps import BEGIN_ELSEWHERE, FIND_AND_STOP
from bot.cli.demo._steps import (
    NORMAL,
    STOP,
    Presses,
    Step,
    Types,
    TypesAtOnce,
    alarm,
    card,
    ephemeral,
    posted,
    reply,
)

LISTENING: Final = range(5, 9)
STUCK: Final = (4, 9, 10)
"""The seven sessions of the drill, by what their scenarios do with a stop."""

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
        title="A drill: four sessions that listen …",
        act=TypesAtOnce("ann", tuple(f"start obedient {number}" for number in range(1, 5))),
        sees=tuple(card(session, "obedient", "running") for session in LISTENING),
        started=tuple(str(number) for number in range(1, 5)),
    ),
    Step(
        title="… and two more that do not: seven are open, three are stuck",
        act=TypesAtOnce("ann", ("start stuck 1", "start stuck 2")),
        sees=tuple(card(session, "stuck", "running") for session in (9, 10)),
        started=("1", "2"),
    ),
    Step(
        title="A stop of all asks first: how many, which, and what that ends",
        act=Types("bob", 'stop all reason="drill"'),
        sees=(ephemeral("Stop 7 sessions? Nothing was stopped yet.", "#4 stuck", "#10 stuck", "[Stop 7 sessions]"),),
    ),
    BEGIN_ELSEWHERE,
    Step(
        title="One press asks them all, and one summary says what is true of each",
        act=Presses("bob", "Stop 7 sessions"),
        sees=(
            ephemeral("Stop of 7 sessions by @bob"),
            posted(
                "Stop of 7 sessions by bob",
                "Why: drill",
                "4 confirmed ended · 3 not confirmed.",
                *(f"#{session} stuck" for session in STUCK),
                "The history says that it still runs",
                "It took",
            ),
        ),
        reached=7 * (STOP,),
        ended=4 * (NORMAL,),
    ),
    *FIND_AND_STOP,
    Step(
        title="The night's end: all sessions, those that need somebody first",
        act=Types("ann", "list state=any"),
        sees=(ephemeral("14 sessions are known", "#4 stuck", "stop not confirmed", "#9 stuck", "#10 stuck"),),
    ),
)
