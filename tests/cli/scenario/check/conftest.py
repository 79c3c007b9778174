from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from bot.cli.scenario.check._checking import check, subject_of
from bot.cli.scenario.check._files import script
from bot.cli.scenario.check._options import Options, stop_of
from bot.cli.scenario.check._processes import Simulator, open_simulator
from bot.cli.scenario.check._report import Report
from bot.config import DEFAULT_STOP

CheckSources = Callable[..., Awaitable[Report]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[Simulator]:
    """Start the child process, once for all tests of a file: each of its sessions has a process of its own anyway."""
    async with open_simulator() as simulator:
        yield simulator


@pytest.fixture
def check_sources(simulator: Simulator) -> CheckSources:
    """Check sources as the scenarios of one rule, in a real child process; they are called a.js, b.js and c.js."""

    async def run(*sources: str, options: Options = Options()) -> Report:  # noqa: B008 - it is frozen
        scripts = [script(*each) for each in zip(("a.js", "b.js", "c.js"), sources, strict=False)]
        return await check(simulator, subject_of(scripts, stop_of(options.stop or DEFAULT_STOP), options))

    return run
