"""The parts of one commit: each in a savepoint of its own, so that one that fails takes no other along."""

import logging
from collections.abc import Callable
from typing import TypeVar

from bot.process import UNEXPECTED_LOG_LINE, new_reference
from storage import Connection, savepoint
from storage.errors import StorageUnavailable

log = logging.getLogger(__name__)
T = TypeVar("T")


class SavepointGroup:
    """The parts of one commit, each in a savepoint of its own; `lost` is the reference of those that failed."""

    def __init__(self, db: Connection, what: str) -> None:
        self.lost: str | None = None
        self._db = db
        self._what = what

    def do(self, part: Callable[[], T]) -> T | None:
        """Return the result of a part, None if it fails; an error of the database itself is raised."""
        try:
            return savepoint.alone(self._db, part)
        except StorageUnavailable:
            raise
        except Exception:  # the log has its traceback, and the person the reference
            self.lost = self.lost or new_reference()
            log.exception(UNEXPECTED_LOG_LINE, self.lost, self._what)
            return None
