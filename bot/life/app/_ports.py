"""Ports at a take-over, which the old process still holds for a moment."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from bot.process import Clock

PORT_LOOK_S: Final = 1.0

log = logging.getLogger(__name__)


async def listen_when_free(listen: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Listen on a port as soon as it is free; that it is not is logged once."""
    said = False
    while True:
        try:
            await listen()
        except OSError as problem:
            if not said:
                log.error("%s Until then it is tried again and again.", problem)  # noqa: TRY400 - told whole
            said = True
            await clock.sleep(PORT_LOOK_S)
        else:
            return
