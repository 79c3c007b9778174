"""The schema brought to this version in one transaction: a process that ends in the middle of it has changed nothing.

Over many sessions that takes long: the log says so before it begins, so that nobody ends it for want of a word.
"""

import logging
import time

from sqlite_utils import Database

from storage.sqlite.migrations import migrations
from storage.sqlite.statements import steps_left

log = logging.getLogger(__name__)


def make_steps(db: Database, name: str) -> int:
    """Make the pending steps of the schema, within the open transaction; return their number."""
    steps = steps_left(db)
    if not db["sessions"].exists():
        migrations.apply(db)
        return steps
    names = [each.name for each in migrations.pending(db)]
    if names:
        began, count = time.monotonic(), db["sessions"].count
        log.warning(
            "bringing %s up to date, in %d steps: it has %s sessions, and a million takes some minutes. Let it run;"
            " ended before that is done it has changed nothing, and the next start begins anew",
            name, steps, f"{count:,}",
        )  # fmt: skip
        for number, following in enumerate([*names[1:], None], start=1):
            migrations.apply(db, stop_before=following)
            log.warning("%s: step %d of %d is done, after %.0f s", name, number, steps, time.monotonic() - began)
        log.warning("%s is up to date", name)
    return steps
