"""What a person at a terminal is told when nothing can be done because of how the bot is set up."""

import sys
from collections.abc import Sequence
from typing import Final

from bot.cli._exit_codes import ExitCode

LOOK: Final = "When that is right, `session-bot doctor` looks at everything else that the bot stands on."


def report_problems(*problems: str) -> int:
    """Write the problems to standard error, one a line; return the exit code."""
    sys.stderr.write("\n".join(problems) + "\n")
    return ExitCode.nothing_done


def report_setting_problems(problems: Sequence[str]) -> int:
    """Write what is wrong with the settings, and who looks at the rest; return the exit code."""
    return report_problems(*problems, LOOK)
