"""The demo as a page: served by a process of its own until it is told to end, with or without a browser."""

import os
import re
import signal
import socket
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
from typer.testing import CliRunner

from bot.cli import app
from tests.cli.demo.test_demo import SECRET, demo, only_child, read_until
from tests.cli.demo.test_demo import temporary as temporary  # noqa: PLC0414 - a fixture
from tests.factories import free_ports

AT = "    http://127.0.0.1:"


def address_in(printed: str) -> str:
    """Return the page's address."""
    (address,) = re.findall(r"http://127\.0\.0\.1:\d+/", printed)
    return str(address)


def is_served(address: str) -> bool:
    """Return whether the page is there."""
    with urlopen(address, timeout=10) as answer:  # noqa: S310 - of this machine
        return bool(answer.status == 200 and b"<!doctype html>" in answer.read())


def test_the_page_stays_until_it_is_told_to_end(temporary: Path) -> None:
    """Neither the end of input nor the bot's death ends it; a signal does, with exit code 0, and nothing is left."""
    port = free_ports(1)
    with demo(temporary, "--no-open", "--port", str(port), BROWSER="/nowhere") as process:
        assert process.stdin is not None
        process.stdin.close()
        printed = read_until(process, "Ctrl-C")
        assert address_in(printed) == f"http://127.0.0.1:{port}/"
        bot = only_child(process)
        bot.kill()
        psutil.wait_procs([bot], timeout=20)
        assert is_served(address_in(printed))
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        printed += process.stdout.read()
        assert process.wait(30) == 0, printed
    assert "nothing of it is left" in printed
    assert "Traceback" not in printed
    assert not SECRET.search(printed)
    assert not list(temporary.iterdir())


def test_the_page_opens_in_the_browser(temporary: Path, tmp_path: Path) -> None:
    """The browser that the environment names gets the address that is printed, and nobody waits for its end."""
    opened, closed = tmp_path / "opened", tmp_path / "closed"
    for each in (opened, closed):
        os.mkfifo(each)
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\nexec cat {closed}\n')
    browser.chmod(0o700)
    with demo(temporary, BROWSER=str(browser)) as process:
        address = address_in(read_until(process, AT))
        assert opened.read_text().strip() == address
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    closed.write_text("")  # it is open still: this waits for somebody who reads


def test_a_port_that_is_taken_is_one_line() -> None:
    """Where the page's port is in use one line says so, with exit code 2, and no bot was started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(app, ["demo", "--no-open", "--port", str(port)])
    assert result.exit_code == 2
    assert result.stderr == f"The port {port} is in use: give another --port.\n"
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--text", "--port", "8080"], "--text has no page", id="text"),
        pytest.param(["--tour", "--no-open"], "leave all other options away", id="tour"),
    ],
)
def test_options_that_do_not_go_together_start_nothing(arguments: list[str], says: str) -> None:
    """What would have no effect is refused with a sentence, and exit code 2."""
    result = CliRunner().invoke(app, ["demo", *arguments])
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""
