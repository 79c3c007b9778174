"""The schema brought to this version in one transaction: a process that ends in the middle of it has changed nothing.

Over many sessions that takes long: the log says so before it begins, so that nobody ends it for want of a word.
"""

import logging
import time
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from storage.inspection import steps_left
from storage.sqlite.migrations import migrations

log = logging.getLogger(__name__)

_SECONDS_A_MILLION: Final = 90
"""The time that all steps take for a million sessions, as it was measured."""


def make_steps(db: Database, path: Path) -> int:
    """Make the pending steps of the schema, within the open transaction; return their number."""
    steps = steps_left(db)
    if not db["sessions"].exists():
        migrations.apply(db)
        return steps
    if steps:
        began, count = time.monotonic(), db["sessions"].count
        log.warning(
            "bringing %s up to date, in %d steps: it has %s sessions, and a million takes about %d s. Let it run; ended"
            " before that is done it has changed nothing, and the next start begins anew",
            path, steps, f"{count:,}", _SECONDS_A_MILLION,
        )  # fmt: skip
        migrations.apply(db)
        log.warning("%s is up to date, after %.0f s", path, time.monotonic() - began)
    return steps
