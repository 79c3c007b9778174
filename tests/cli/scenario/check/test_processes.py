"""The child process: each run costs itself only, nothing outlives the command, and no source is in an argument."""

import asyncio
from pathlib import Path

import psutil
import pytest

from bot.cli.scenario.check._processes import Simulator, open_simulator
from bot.cli.scenario.sessions import Breakage, Broken, Observation, Parsed, Run, Script
from bot.cli.scenario.sessions.__main__ import _breakage

SECRET = "let secretWord = 1;"


def run_of(text: str, until_s: float = 10, processor_s: float = 5) -> Run:
    """Return a session of one scenario."""
    return Run(scripts=(Script("a.js", text),), until_s=until_s, processor_s=processor_s)


def is_empty(folder: Path) -> bool:
    """Return whether nothing is in a folder."""
    return not any(folder.iterdir())


def process_of(simulator: Simulator) -> psutil.Process:
    """Return the child process."""
    return psutil.Process(simulator._process.pid)


async def test_a_run_that_waits_for_nobody_is_over_in_no_time() -> None:
    """A day of the session's time passes while there is nothing to do."""
    async with open_simulator() as simulator:
        found = await simulator.run({1: run_of("setInterval(() => {}, 3600000);", until_s=50)})
    seen = found[1]
    assert isinstance(seen, Observation)
    assert seen.watched_s == 50


async def test_a_run_that_is_left_writes_no_warnings(capfd: pytest.CaptureFixture[str]) -> None:
    """A scenario that has used its time is left in the middle, and nothing but its result tells of that."""
    async with open_simulator() as simulator:
        work = "setInterval(() => { for (let i = 0; i < 1000; i++) Logger.write(i); }, 1000);"
        found = await simulator.run({1: run_of(work, until_s=1e9, processor_s=0.5)})
    assert isinstance(found[1], Observation)
    assert capfd.readouterr().err == ""


async def test_results_come_in_the_order_of_the_runs() -> None:
    """Each run has its own result, also where a later one is done before."""
    busy = "for (let i = 0; i < 3e6; i++);"
    async with open_simulator() as simulator:
        found = await simulator.run(
            {
                name: run_of(f"{text}\nVoxEngine.terminate();")
                for name, text in (("slow", busy), ("broken", "throw 1;"), ("quick", ""))
            }
        )
        parsed = await simulator.parse([Script("a.js", "let a = ;"), Script("b.js", "let b;")])
    assert list(found) == ["slow", "broken", "quick"]
    assert [isinstance(each, Observation) and str(each.ending) for each in found.values()] == [
        "terminated",
        "failed",
        "terminated",
    ]
    assert [isinstance(each, Parsed) and each.problem is None for each in parsed] == [False, True]


async def test_no_source_is_in_an_argument_or_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the child process is given goes through a pipe, and secrets of the environment do not go there at all."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VOXIMPLANT_API_KEY", "a-secret-key")
    async with open_simulator() as simulator:
        await simulator.run({1: run_of(SECRET)})
        process = process_of(simulator)
        arguments, environ = process.cmdline(), process.environ()
    assert not any("secretWord" in each for each in arguments)
    assert "VOXIMPLANT_API_KEY" not in environ
    assert is_empty(tmp_path)


async def test_a_process_that_is_killed_loses_its_runs_and_is_told() -> None:
    """Whoever waits for a result gets one, and so does who asks later."""
    async with open_simulator() as simulator:
        await simulator.run({1: run_of("")})
        running = asyncio.create_task(simulator.run({2: run_of("while (true);")}))
        await asyncio.sleep(0)
        process_of(simulator).kill()
        assert await running == {2: Broken(Breakage.lost)}
        assert await simulator.run({3: run_of("")}) == {3: Broken(Breakage.lost)}


async def test_nothing_outlives_the_command() -> None:
    """A run that is still on its way when the command ends is ended with it."""
    async with open_simulator() as simulator:
        process = process_of(simulator)
        running = asyncio.create_task(
            simulator.run(
                {1: run_of("setInterval(() => { for (let i = 0; i < 1e6; i++); }, 100);", until_s=1e6, processor_s=60)}
            )
        )
        while not (children := process.children()):  # noqa: ASYNC110 - the system tells nobody of a child's child
            await asyncio.sleep(0.01)
    _, alive = psutil.wait_procs([process, *children], timeout=10)
    assert alive == []
    assert isinstance((await running)[1], Broken)


async def test_an_interrupted_check_ends_in_silence() -> None:
    """A result that comes after the command was interrupted is nobody's, and no error."""
    async with open_simulator() as simulator:
        checking = asyncio.create_task(simulator.run({1: run_of("")}))
        await asyncio.sleep(0)
        checking.cancel()
        await asyncio.wait([checking])
        assert isinstance((await simulator.run({2: run_of("")}))[2], Observation)
    assert checking.cancelled()


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (-11, Breakage.crashed),
        (-6, Breakage.crashed),
        (-14, Breakage.endless),
        (-24, Breakage.endless),
        (-9, Breakage.endless),
        (3, Breakage.memory),
        (4, Breakage.fault),
    ],
)
def test_each_end_of_a_run_has_its_reason(code: int, why: Breakage) -> None:
    """A crash, a limit of the system and a fault of our own are told apart by how the process ended."""
    assert _breakage(code) is why
