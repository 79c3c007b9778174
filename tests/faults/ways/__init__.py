"""The ways of commands through the bot: the points on each, what sets it off, and what may come of it after a crash."""

from collections.abc import Mapping
from typing import Final

from ._beginning import ADOPT, CLOSE, START
from ._many import BULK_STOP
from ._steering import KEPT_STOP, SEND, STOP, UNCONFIRMED
from ._unasked import DIRECTORY, LIMIT, SILENCE
from ._way import Way

__all__ = ["WAYS", "Way"]

WAYS: Final[Mapping[str, Way]] = {
    "start": START,
    "send": SEND,
    "stop": STOP,
    "bulk stop": BULK_STOP,
    "limit": LIMIT,
    "kept stop": KEPT_STOP,
    "directory": DIRECTORY,
    "silence": SILENCE,
    "close": CLOSE,
    "adopt": ADOPT,
    "unconfirmed": UNCONFIRMED,
}
