"""Setup problems, as texts for the person at a terminal."""

import sys
from collections.abc import Sequence
from typing import Final

from bot.cli._exit_codes import ExitCode
from storage.errors import StorageError, StorageUnavailable

LOOK: Final = "When that is right, `session-bot doctor` looks at everything else that the bot stands on."


def report_problems(*problems: str) -> int:
    """Write the problems to standard error, one a line; return the exit code."""
    sys.stderr.write("\n".join(problems) + "\n")
    return ExitCode.nothing_done


def report_setting_problems(problems: Sequence[str]) -> int:
    """Write the problems of the settings, and a hint to doctor, to standard error; return the exit code."""
    return report_problems(*problems, LOOK)


def storage_sentence(problem: StorageError) -> str:
    """Return the sentence of a problem with the database; that of one job is the end of a sentence only."""
    if not isinstance(problem, StorageUnavailable):
        return str(problem)
    return f"The database cannot be used now: {str(problem).rstrip('.')}."
