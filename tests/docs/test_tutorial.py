"""The tutorial, played in the demo: each line is typed, and what is shown under it comes."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.docs.pages import examples, read
from tests.docs.shell import running

DEMO = ". .venv/bin/activate"
TEXT = "session-bot demo --text"
TYPED = re.compile(r"(?:ann|bob)> (.+)")


def test_each_line_of_the_tutorial_is_answered_as_it_shows(tmp_path: Path) -> None:
    """In the terminal, what stands under a typed line is printed before the next is typed, in whichever order."""
    with running(TEXT, tmp_path) as demo:
        assert demo.stdin is not None
        assert demo.stdout is not None
        printed = iter(demo.stdout)
        for typed, shown in conversation():
            demo.stdin.write(f"{typed}\n")
            demo.stdin.flush()
            missing = list(shown)
            read_lines = []
            while missing:
                line = next(printed, None)
                if line is None:
                    pytest.fail(f"after {typed!r} never came {missing}:\n{''.join(read_lines)}")
                read_lines.append(line)
                missing = [each for each in missing if not re.search(as_pattern(each), line)]
        assert demo.wait(30) == 0


def test_the_page_of_the_tutorial_is_served(tmp_path: Path) -> None:
    """The first command serves the page, and prints where."""
    activate = tmp_path / ".venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.touch()  # `running` has it active
    with running(DEMO, tmp_path) as demo:
        assert demo.stdout is not None
        address = next(line.strip() for line in demo.stdout if "http://127.0.0.1:" in line)
        with urlopen(address, timeout=10) as answer:  # noqa: S310 - of this machine
            assert answer.status == 200


def test_the_tutorial_has_a_conversation() -> None:
    """It starts sessions, sends, stops three, one of which nobody started in Slack, and ends the demo."""
    lines = [typed for typed, _ in conversation()]
    verbs = [line.split()[1] for line in lines if line.startswith("/session")]
    assert verbs == ["rules", "start", "send", "start", "stop", "find", "stop", "status"]
    assert lines[-1] == "quit"


def conversation() -> Iterator[tuple[str, list[str]]]:
    """Yield each line that is typed, with the lines that stand under it."""
    lines = "\n".join(examples(read("docs/tutorial/first-session.md"), "text")).splitlines()
    places = [number for number, line in enumerate(lines) if TYPED.fullmatch(line)]
    for place, after in zip(places, [*places[1:], len(lines)], strict=True):
        typed = TYPED.fullmatch(lines[place])
        assert typed
        yield typed[1], [line.strip() for line in lines[place + 1 : after] if line.strip()]


def as_pattern(shown: str) -> str:
    """Return the pattern of a line that is shown; `…` is what differs each time."""
    return ".*".join(map(re.escape, shown.split("…")))
