"""The check of scenarios that are dropped onto the page: that of `session-bot scenario check`, in its child process."""

from collections.abc import Sequence
from typing import Final

from bot.cli.scenario.check import check_sources
from bot.sandbox.page import ScenarioFile

_COLUMNS: Final = 46


async def check_scenarios(files: Sequence[ScenarioFile]) -> str:
    """Return the report on scenarios of one rule, as text for a narrow column; its first line is the verdict."""
    return await check_sources([(f"{file.name}.js", file.source) for file in files], _COLUMNS)
