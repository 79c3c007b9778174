"""Lines that are typed at a terminal, in a real pseudo-terminal: output never takes a half-typed one away."""

import asyncio
import os
import pty
import termios
from collections.abc import Iterator

import pytest
from rich.console import Console

from bot.cli.demo._typed_lines import TypedLines

ERASED = "\r\x1b[K"


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Open a terminal: the person's end, and the program's."""
    person, program = pty.openpty()
    yield person, program
    os.close(person)
    os.close(program)


@pytest.fixture
def console(terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    """Return a console on that terminal, 40 columns wide."""
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(os.dup(terminal[1]), "w", encoding="utf-8") as file:
        yield Console(file=file, force_terminal=True, width=40, highlight=False)


async def shown(person: int, words: str) -> str:
    """Read what the terminal shows, until these words."""
    read = ""
    while words not in read:
        read += (await asyncio.to_thread(os.read, person, 4096)).decode()
    return read


async def test_output_stands_above_the_line_that_is_being_typed(terminal: tuple[int, int], console: Console) -> None:
    """A half-typed line is drawn anew under what is printed, can be finished, and is one line."""
    person, program = terminal
    lines = TypedLines(console, program)
    lines.prompt = "ann> "
    with lines.reading():
        os.write(person, b"/session sta")
        await shown(person, "ann> /session sta")
        with lines.above():
            console.print("news")
        assert await shown(person, "sta") == f"{ERASED}news\r\n{ERASED}ann> /session sta"
        os.write(person, b"tus 1\r")
        assert await lines.next() == "/session status 1"
        await shown(person, f"{ERASED}ann> /session status 1\r\n")


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        pytest.param("stopp\x7f 1\r", "stop 1", id="backspace"),
        pytest.param("stop all\x15list\n", "list", id="the whole line away"),
        pytest.param("stop one two\x17\r", "stop one", id="a word away"),
        pytest.param("st\x1b[A\x1b[1;5Cop\x1bOP\r", "stop", id="arrows and function keys"),
        pytest.param("x\x04\r", "x", id="an end in the middle of a line"),
        pytest.param("\x04", None, id="the end"),
        pytest.param("“ü” \U0001f7e2\r", "“ü” \U0001f7e2", id="more than one byte a letter"),
        pytest.param(f"{'long ' * 40}\r", ("long " * 40).strip(), id="longer than the terminal is wide"),
    ],
)
async def test_keys_edit_the_line(terminal: tuple[int, int], console: Console, keys: str, line: str | None) -> None:
    """The keys of a terminal's own line work, and others leave nothing behind."""
    person, program = terminal
    lines = TypedLines(console, program)
    with lines.reading():
        for byte in keys.encode():  # a letter may arrive in pieces
            os.write(person, bytes([byte]))
        assert await lines.next() == line


async def test_the_terminal_is_left_as_it_was(terminal: tuple[int, int], console: Console) -> None:
    """While lines are read the keys come one by one, and are not echoed twice; afterwards as before."""
    _, program = terminal
    before = termios.tcgetattr(program)
    with TypedLines(console, program).reading():
        assert not termios.tcgetattr(program)[3] & (termios.ECHO | termios.ICANON)
    assert termios.tcgetattr(program) == before


async def test_a_line_that_was_typed_before_is_not_lost(terminal: tuple[int, int], console: Console) -> None:
    """A person types while the demo starts: the whole line is run, and the half of the next one can be finished."""
    person, program = terminal
    os.write(person, b"/session list\rst")
    await shown(person, "st")  # the terminal itself has it
    lines = TypedLines(console, program)
    with lines.reading():
        assert await lines.next() == "/session list"
        os.write(person, b"op\r")
        assert await lines.next() == "stop"
