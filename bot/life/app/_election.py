"""The turns of a replica as the leader, where the lead is shared."""

import asyncio
import logging
from typing import Final

from bot.life.app._leading import Leading
from bot.process import Clock, cancel_and_wait
from storage.errors import StorageError
from storage.membership import Leadership

log = logging.getLogger(__name__)

AGAIN_S: Final = 1.0


async def lead_while_held(lead: Leadership, leading: Leading, clock: Clock) -> None:
    """Lead from when this replica gets the lead to when it loses it, again and again, until cancelled."""
    while True:
        await lead.acquired()
        log.warning("this replica leads now: it watches, and writes to Slack's channels")
        beginning, losing = asyncio.create_task(_begin(leading, clock)), asyncio.create_task(lead.lost())
        try:
            await losing
        finally:
            await cancel_and_wait(beginning)
            await cancel_and_wait(losing)
        await leading.lose()
        log.warning("this replica does not lead any more, and goes on as a follower")


async def _begin(leading: Leading, clock: Clock) -> None:
    """Begin to lead; while the database cannot be used, it is tried again."""
    while True:
        try:
            await leading.begin()
        except StorageError as problem:
            log.warning("this replica cannot begin to lead: %s; it is tried again", problem)
            await clock.sleep(AGAIN_S)
        else:
            return
