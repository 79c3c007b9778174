"""The bot on a disk that takes 10 ms more for each commit: `sqlite3` is slowed before the bot is imported.

python -m tests.benchmarks._slow_commits run
"""

import sqlite3
import sys
import threading
from typing import Any, Final

COMMIT_S: Final = 0.01

_connect = sqlite3.connect


class _Slow(sqlite3.Connection):
    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Run a statement; a commit takes its time, without the interpreter, as a disk does."""
        if sql == "commit":
            threading.Event().wait(COMMIT_S)
        return super().execute(sql, *values)


def _slowly(*places: Any, **named: Any) -> sqlite3.Connection:
    return _connect(*places, **{"factory": _Slow, **named})


if __name__ == "__main__":
    sqlite3.connect = _slowly  # type: ignore[assignment]
    from bot.cli import main

    sys.argv[0] = "session-bot"
    main()
