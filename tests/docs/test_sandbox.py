"""The page on the sandbox: its program starts sessions there from outside, and its words are those of the prompt."""

import os
import subprocess
import sys
from pathlib import Path

from bot.cli.demo._platform_words import PLATFORM_WORDS
from tests.cli.demo.test_sandbox import READY, StartSandbox
from tests.cli.demo.test_sandbox import start as start  # noqa: PLC0414 - a fixture
from tests.docs.pages import fenced, read, rows

PAGE = "docs/how-to/sandbox.md"


def test_its_program_starts_sessions_from_outside(start: StartSandbox, tmp_path: Path) -> None:
    """As it stands, with the sandbox's environment and no more, it starts two sessions, which then can hang."""
    program = tmp_path / "outside.py"
    program.write_text(fenced(read(PAGE), "python"))
    with start() as sandbox:
        sandbox.reads(READY)
        environ = {"PATH": os.environ["PATH"], **sandbox.environ}
        subprocess.run([sys.executable, program], env=environ, check=True, timeout=60)  # noqa: S603 - the page's own
        for session in ("h4202753936", "h4202753937"):
            sandbox.types(f"hang {session}")
            sandbox.reads(f"The session {session} hangs")


def test_its_words_are_those_of_the_prompt() -> None:
    """Each word for what happens at the platform stands there, and no other."""
    table = rows(read(PAGE), "| you type | what happens |")
    assert {row.split("`")[1].split()[0] for row in table} == PLATFORM_WORDS
