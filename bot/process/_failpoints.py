"""Failpoints: the moments at which a test kills this process, to see what the next one makes of it.

The variable is no setting: only tests set it, to a point, or to `point:n` for the n-th time that it is reached. Without
it a point costs a look at nothing.
"""

import functools
import os
import signal
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FAILPOINT_VARIABLE: Final = "TEST_OF_THE_SESSION_BOT_KILLS_IT_AT"


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


@dataclass
class _Armed:
    """The point at which this process is killed, and how many times it is still reached before."""

    point: Failpoint
    left: int


def reach(point: Failpoint) -> None:
    """Record that this point is reached; it is the process's last moment if a test wants it to be."""
    armed = _armed()
    if armed is None or armed.point is not point:
        return
    armed.left -= 1
    if armed.left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


@functools.cache
def _armed() -> _Armed | None:
    value = os.environ.get(FAILPOINT_VARIABLE)
    if value is None:
        return None
    name, _, times = value.partition(":")
    return _Armed(Failpoint(name), int(times or 1))
