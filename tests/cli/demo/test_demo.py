"""The demo as people run it, in a process of its own; and its tour as something that can fail."""

import io
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import Final

import psutil
import pytest
from rich.console import Console

from bot.cli.demo._bot_process import new_bot
from bot.cli.demo._hotline import add_quick_hotline
from bot.cli.demo._main_job import MAIN_JOB
from bot.cli.demo._play import StepFailed, play
from bot.cli.demo._screen import Screen
from bot.cli.demo._steps import Outside, Presses, Step, Types, TypesAtOnce, card, ephemeral, posted
from bot.cli.demo._tour import tour
from bot.cli.demo._world import open_world
from bot.sandbox.voximplant import default_account
from tests.forked import Forked

SECRET = re.compile(r"xox[a-z]-|xapp-|/request/|PRIVATE KEY|/(?:commands|actions)/T0|[?&]ticket=")


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Return the folder in which the demo makes what is temporary."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@contextmanager
def demo(temporary: Path, *arguments: str, **more_environ: str) -> Iterator[Forked]:
    """Run `session-bot demo`, without a screen, beside settings that it must not use."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    environ = {name: value for name, value in os.environ.items() if name not in screens} | {
        "TMPDIR": str(temporary),
        "SLACK_BOT_TOKEN": "not-a-token",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        **more_environ,
    }
    process = Forked(["demo", *arguments], environ=environ, stdin=PIPE, stdout=PIPE, stderr=STDOUT)
    try:
        yield process
    finally:
        process.kill()


def read_until(process: Forked, words: str) -> str:
    """Read what is printed until a line has these words."""
    assert process.stdout is not None
    read = ""
    for line in process.stdout:
        read += line
        if words in line:
            return read
    pytest.fail(f"{words!r} was never printed:\n{read}")


def rest(process: Forked, typed: str = "") -> str:
    """Type, end the input, and read to the end."""
    return process.communicate(typed)


def only_child(process: Forked) -> psutil.Process:
    """Find the bot's own process."""
    (bot,) = psutil.Process(process.pid).children()
    return bot


def test_the_tour_plays_the_main_job_and_ends_with_0(temporary: Path) -> None:
    """Every step comes out right, is readable, shows no secret, and leaves nothing behind."""
    with demo(temporary, "--tour") as process:
        printed = rest(process)
    assert process.returncode == 0, printed
    for words in (
        'ann> /session start obedient {"ticket": 12}',
        "#1 obedient – running",
        "session-bot · only visible to ann",
        "sent, after repair (curly quotes made straight)",
        "Line 1, column 9",
        "[Stop] asks: Stop session #3?",
        "Finish reason: Normal termination",
        "Stop not confirmed",
        "4 confirmed ended · 3 not confirmed.",
        f"✓ All {len(MAIN_JOB)} steps came out right",
    ):
        assert words in printed
    assert printed.count("session-bot\n  Stop of 7 sessions by bob") == 1  # every other time it is edited
    assert not SECRET.search(printed)
    assert not list(temporary.iterdir())


def test_the_terminal_does_what_is_typed_and_ends_with_its_input(temporary: Path) -> None:
    """Lines from a pipe are played as one person after another would, to the end of what they set going."""
    lines = ("/session start obedient", "as bob", "click Nope", "/sesion help", "click Stop", "yes")
    with demo(temporary, "--text") as process:
        printed = rest(process, "\n".join(lines))
    assert process.returncode == 0, printed
    in_order = (
        "Started #1 obedient",
        "You are bob.",
        "There is no button 'Nope' to be seen.",
        "That is not understood here",
        "[Stop] asks: Stop session #1?",
        "bob> presses [Stop]",
        "Stop delivered to #1 obedient",
        "Confirmed: #1 obedient ended",
    )
    assert sorted(in_order, key=printed.index) == list(in_order)
    assert not SECRET.search(printed)
    assert not list(temporary.iterdir())


def test_the_terminal_has_threads_and_names_what_only_the_page_has(temporary: Path) -> None:
    """A mention speaks in a card's thread; of a form the terminal says that the page has it, and goes on."""
    lines = (
        "/session start obedient", "click Send…", "#1 @session-bot status", "#9 @session-bot stop", "/session start",
        "/session help",
    )  # fmt: skip
    with demo(temporary, "--text") as process:
        printed = rest(process, "\n".join(lines))
    assert process.returncode == 0, printed
    in_order = (
        "A form has opened, which a terminal does not show.",
        "  in the thread of \U0001f7e2 #1 obedient",
        "At the platform: h",
        "There is no card #9 here.",
        "/session stop <id>… [reason]",
    )
    assert sorted(in_order, key=printed.index) == list(in_order), printed
    assert printed.count("A form has opened") == 2
    assert not SECRET.search(printed)


def test_a_question_that_is_not_answered_with_yes_stops_nothing(temporary: Path) -> None:
    """A button's question that is left open, here by the end of the input, leaves the session running."""
    with demo(temporary, "--text") as process:
        printed = rest(process, "/session start obedient\nclick Stop")
    assert process.returncode == 0, printed
    assert "[Stop] asks: Stop session #1?" in printed
    assert "ann> presses" not in printed
    assert "stopping" not in printed


def test_the_terminal_without_input_ends_at_once(temporary: Path) -> None:
    """Where nobody can type, as in CI, a demo in the terminal does not hang."""
    with demo(temporary, "--text") as process:
        printed = rest(process)
    assert process.returncode == 0, printed
    assert "You are ann in #night-shift." in printed


@pytest.mark.parametrize("told_to_stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_tour_cleans_up_and_does_not_claim_success(
    temporary: Path, told_to_stop: signal.Signals
) -> None:
    """Ctrl-C or SIGTERM in the middle ends the bot, removes what is temporary, and gives exit code 1."""
    with demo(temporary, "--tour") as process:
        read_until(process, "── 3/")
        bot = only_child(process)
        process.send_signal(told_to_stop)
        printed = rest(process)
    assert process.returncode == 1
    assert "Traceback" not in printed
    assert not bot.is_running()
    assert not list(temporary.iterdir())


def test_a_killed_demo_leaves_no_bot_behind(temporary: Path) -> None:
    """Even when the demo is killed and can do nothing more, its bot ends by itself."""
    with demo(temporary, "--text") as process:
        read_until(process, "You are ann")
        bot = only_child(process)
        process.kill()
        _, alive = psutil.wait_procs([bot], timeout=20)
    assert not alive


def test_a_tour_whose_bot_dies_fails_at_once(temporary: Path) -> None:
    """When the bot's process ends in the middle, the tour says so and gives exit code 1."""
    with demo(temporary, "--tour") as process:
        read_until(process, "── 3/")
        only_child(process).kill()
        printed = rest(process)
    assert process.returncode == 1
    assert "The bot ended with exit code -9" in printed
    assert not SECRET.search(printed)
    assert not list(temporary.iterdir())


def started(number: int, data: str) -> Step:
    """Return a step in which a session starts, and all of it is as expected."""
    return Step(
        title="A start",
        act=Types("ann", f"start obedient {data}"),
        sees=(ephemeral(f"Started #{number}"), card(number, "running")),
        started=(data,),
    )


WRONG: Final = (
    (
        Step(title="Words that are never said", act=Types("ann", "help"), sees=(ephemeral("never said"),)),
        "a line that only the person sees with 'never said'",
        "/session start [rule] [--max 30m] [data]",
    ),
    (
        Step(title="A card that never comes", act=Types("ann", "help"), sees=(card(1, "running"),)),
        "the card of #1 with 'running'",
        "nothing",
    ),
    (
        Step(title="A message that is never posted", act=Types("ann", "help"), sees=(posted("Stop of"),)),
        "a message in the channel with 'Stop of'",
        "nothing",
    ),
    (
        replace(started(1, "1"), started=()),
        "nothing was started, sent or ended",
        "a session was started with 1",
    ),
    (
        replace(started(2, "2"), started=("other data",)),
        "a session was started with other data",
        "a session was started with 2",
    ),
    (
        Step(
            title="One of two",
            act=TypesAtOnce("ann", ("start obedient 3", "start obedient 4")),
            sees=(card(3, "running"), card(4, "running")),
            started=("3", "3"),
        ),
        "2 times a session was started with 3",
        "a session was started with 4",
    ),
    (
        Step(title="A button of nobody", act=Presses("ann", "Stop everything"), sees=(ephemeral("Stop"),)),
        "a button [Stop everything]",
        "/session start [rule] [--max 30m] [data]",
    ),
    (
        Step(title="A call to nobody", act=Outside(("ring nobody",)), sees=(), started=("",)),
        "at the platform: a session was started with no data",
        "nothing was started, sent or ended",
    ),
    (
        Step(title="Another question", act=Presses("ann", "Stop", 1, asks="Sure?"), sees=(ephemeral("Stop"),)),
        "[Stop] to ask 'Sure?'",
        "Stop session #1?",
    ),
)
"""Steps that do not come out right in one world, in this order: what each expects, and what is seen instead.

Where nothing is seen, no session was started before: its card may come late.
"""


async def test_a_step_that_does_not_come_out_right_is_told() -> None:
    """A step that fails says what was expected and what was seen, and the next one is played like any other."""
    account = default_account()
    hotline = add_quick_hotline(account)
    async with open_world(account=account) as world, new_bot(world, hotline).connected():
        screen = Screen(Console(file=io.StringIO(), width=100), world.slack, world.channel)
        for step, expected, seen in WRONG:
            with pytest.raises(StepFailed) as failed:
                await play(step, world, screen, patience_s=5 if "never" in step.title else 60)
            told_expected, _, told_seen = str(failed.value).partition("Seen instead: ")
            assert expected in told_expected
            assert seen in told_seen
        await play(started(5, "5"), world, screen, patience_s=60)


async def test_a_tour_with_a_step_that_does_not_come_out_right_fails() -> None:
    """The tour can fail: it gives exit code 1, and shows the conversation and the end of the bot's log."""
    printed = io.StringIO()
    step, expected, _ = WRONG[0]
    assert await tour(Console(file=printed, highlight=False, width=100), [step], patience_s=1) == 1
    failure = printed.getvalue().partition("✗ ")[2]
    assert expected in failure
    assert "The conversation:" in failure
    assert "The end of the bot's log:" in failure
    assert "came out right" not in failure
