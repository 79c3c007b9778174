"""Failpoints: the moments at which a test kills this process, to see what the next one makes of it.

The variable is no setting: only tests set it, to the path of a file. Where that holds a point, or `point:n`, the
process ends there, the n-th time that it is reached, and takes that order out of the file: behind a space stands the
order to the next process. While the file is missing or empty, no point is the last. Beside it, under its name and
`.reached`, stands every point that was reached, a line each. Without the variable a point costs a look.
"""

import functools
import os
import signal
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Final

FAILPOINT_VARIABLE: Final = "FILE_BY_WHICH_A_TEST_KILLS_THE_SESSION_BOT"


class Failpoint(StrEnum):
    """A moment between two steps that cannot be one: each is right behind the first."""

    accepted = "accepted"
    """A command is on record; its ack has not left."""
    begun = "begun"
    """Its ack may have left; nothing of its work is done."""
    card_posted = "card_posted"
    """The card of a session that is to be started, or adopted, stands in Slack and is marked as posted."""
    calling_marked = "calling_marked"
    """It is on record that a request may be on its way: a start, a send, or a stop in its session's place for it."""
    request_sent = "request_sent"
    """The bytes of a start, a send or a stop have left; no answer to them is read."""
    answer_received = "answer_received"
    """The answer is read; nothing of it is on record."""
    recorded = "recorded"
    """The facts are on record: a session with its URLs, the arrival of a stop, a closed record. The outcome is not."""
    finished = "finished"
    """The outcome of a command is on record; its person was not told."""
    told = "told"
    """Its person was told; what follows from the outcome is not done."""
    posted_unmarked = "posted_unmarked"
    """Slack took a message, or a change of it; its row knows nothing of that."""
    posted = "posted"
    """A message's row knows what Slack shows."""
    kept_stop_due = "kept_stop_due"
    """The URL that a kept stop waited for is on record; the stop has not left."""
    bulk_recorded = "bulk_recorded"
    """A bulk stop has its list and its summary; none of its sessions was asked."""
    bulk_part_told = "bulk_part_told"
    """One session of a bulk stop has its outcome: reached once for each of them."""
    limit_passed = "limit_passed"
    """The notices of sessions over their limit are on record; the bot's stops of them are no commands yet."""
    silence_marked = "silence_marked"
    """Sessions that have fallen silent are marked, and their alarms are on record."""
    unconfirmed_marked = "unconfirmed_marked"
    """Stops that were not confirmed in time are marked, and their alarms are on record."""
    reading_recorded = "reading_recorded"
    """A reading of the history is on record; after the second one of *ended* the session's URLs are wiped."""
    urls_wiped = "urls_wiped"
    """The URLs of records that were closed long ago are wiped."""
    announced_taken_up = "announced_taken_up"
    """Sessions that announced themselves are on record, or have their URLs back; a kept stop has not left."""
    report_taken = "report_taken"
    """A report to the inbox is in memory; it is not answered."""
    commands_closed = "commands_closed"
    """The commands of a dead process have their outcomes; its stops are not resumed."""


def reach(point: Failpoint) -> None:
    """Record that this point is reached; it is the process's last moment if a test wants it to be."""
    if (watched := _watched()) is not None:
        watched.reach(point)


class _Watched:
    """The file of a test, and how many times each point was reached since it wanted what it wants now."""

    def __init__(self, orders: Path) -> None:
        self._orders = orders
        self._order = ""
        self._times = Counter[Failpoint]()

    def reach(self, point: Failpoint) -> None:
        order = self._orders.read_text() if self._orders.exists() else ""
        if order != self._order:
            self._order = order
            self._times.clear()
        self._times[point] += 1
        with self._orders.with_suffix(".reached").open("a") as reached:
            reached.write(f"{point}\n")
        first, _, rest = order.partition(" ")
        if first and _at(first) == (point, self._times[point]):
            self._orders.write_text(rest)
            os.kill(os.getpid(), signal.SIGKILL)


def _at(order: str) -> tuple[Failpoint, int]:
    name, _, times = order.partition(":")
    return Failpoint(name), int(times or 1)


@functools.cache
def _watched() -> _Watched | None:
    path = os.environ.get(FAILPOINT_VARIABLE)
    return None if path is None else _Watched(Path(path))
