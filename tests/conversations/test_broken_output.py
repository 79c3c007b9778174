"""What a command at a terminal does is done, whatever becomes of its words: readers go, disks fill, streams close."""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest

from storage.records import State
from tests.forked import CLOSED, Forked

from .conftest import World
from .test_terminal import WITHOUT_SLACK, starts

GONE, FULL_DISK = -20, -21
OUTPUTS = {
    "output closed": {"stdout": CLOSED},
    "reader gone": {"stdout": GONE},
    "disk full": {"stdout": FULL_DISK},
    "errors closed": {"stderr": CLOSED},
    "errors to a full disk": {"stderr": FULL_DISK},
    "both closed": {"stdout": CLOSED, "stderr": CLOSED},
    "input closed": {"stdin": CLOSED},
    "all closed": {"stdin": CLOSED, "stdout": CLOSED, "stderr": CLOSED},
    "both readers gone": {"stdout": GONE, "stderr": STDOUT},
}
"""How the standard streams of a command are broken; "gone" is a pipe that nobody reads."""

FULL = "Not everything could be written to standard output: No space left on device.\n"


@contextlib.contextmanager
def broken(output: str) -> Iterator[dict[str, int]]:
    """Lend broken streams, and a pipe for standard error where that is none of them."""
    with contextlib.ExitStack() as opened:

        def stream(wanted: int) -> int:
            if wanted == GONE:
                reading, wanted = os.pipe()
                os.close(reading)
            elif wanted == FULL_DISK:
                wanted = os.open("/dev/full", os.O_WRONLY)
            else:
                return wanted
            opened.callback(os.close, wanted)
            return wanted

        yield {"stderr": PIPE} | {name: stream(wanted) for name, wanted in OUTPUTS[output].items()}


async def ends(folder: Path, environ: dict[str, str], output: str, *arguments: str) -> tuple[int, str]:
    """Run `session-bot` with a broken output; return its exit code, and what came on standard error."""
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SSL_CERT_FILE") if name in os.environ}
    with broken(output) as streams:
        process = Forked(arguments, environ={**inherited, **environ}, cwd=folder, **streams)
    code, err = await process.ended(), "" if process.stderr is None else process.stderr.read()
    process.kill()
    return code, err


def at_terminal(world: World) -> dict[str, str]:
    """Return the settings that a terminal of this world has: nothing of Slack's."""
    return {name: value for name, value in world.environ.items() if name not in WITHOUT_SLACK}


async def test_a_stop_is_sent_and_judged_whatever_becomes_of_its_words(world: World) -> None:
    """Each stop reaches its scenario, and its exit code is that of the stop: confirmed."""
    broken = ("disk full", "errors to a full disk", "both readers gone", "all closed")
    await starts(world, len(broken))
    await world.stop_bot()
    found = await asyncio.gather(
        *(ends(world.folder, at_terminal(world), each, "stop", str(n)) for n, each in enumerate(broken, 1))
    )
    assert found == [(0, FULL), (0, ""), (0, ""), (0, "")]
    assert len(world.platform.deliveries) == len(broken)
    assert {world.session(n).state for n in range(1, len(broken) + 1)} == {State.ended}


async def test_the_code_of_an_act_is_that_of_the_act(world: World) -> None:
    """What came of a session, or was found, is the exit code, though nobody can read a word of it."""
    await starts(world, 1)
    for arguments, output, expected in (
        (("start", "obedient", "--channel", world.ops.id, "--again"), "disk full", (0, FULL)),
        (("send", "1", '{"a": 1}'), "all closed", (0, "")),
        (("send", "9", "{}"), "disk full", (4, FULL)),
        (("stop-all",), "both readers gone", (4, "")),  # nobody can be asked
        (("doctor",), "disk full", (1, FULL)),  # the world's bot token stands in no terminal's settings
    ):
        assert await ends(world.folder, world.environ, output, *arguments) == expected, arguments
    assert len(world.platform.sessions) == 2
    assert [each.body for each in world.platform.deliveries] == [b'{"a": 1}']


async def test_what_only_shows_is_done_unless_it_could_not_be_written(world: World) -> None:
    """A reader who has gone has read enough; a disk that is full has not got what was asked for."""
    await starts(world, 1)
    for arguments, output, expected in (
        (("list",), "disk full", (2, FULL)),
        (("status", "1"), "reader gone", (0, "")),
        (("rules",), "output closed", (0, "")),
        (("list", "--json"), "both closed", (0, "")),
        (("audit",), "disk full", (2, FULL)),
        (("audit", "--format", "json"), "reader gone", (0, "")),
    ):
        assert await ends(world.folder, at_terminal(world), output, *arguments) == expected, arguments


@pytest.mark.parametrize("output", sorted(OUTPUTS))
async def test_what_needs_no_bot_needs_no_reader(tmp_path: Path, output: str) -> None:
    """Help and a wrong command line end as documented, without a traceback, whatever is broken."""
    code, err = await ends(tmp_path, {}, output, "stop", "--help")
    assert (code, err) == (0, FULL if output == "disk full" else "")
    code, err = await ends(tmp_path, {}, output, "nope")
    assert code == 2
    assert "Traceback" not in err


async def test_a_manifest_that_is_not_written_is_not_made(tmp_path: Path) -> None:
    """A manifest on a full disk is an error by the exit code, too."""
    assert await ends(tmp_path, {}, "disk full", "manifest") == (2, FULL)
