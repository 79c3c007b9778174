"""A session that belongs to no channel: the first stop or send from a channel makes it that channel's."""

import asyncio
import logging
from typing import Final

from bot.ports import Context
from storage import announced
from storage.errors import StorageUnavailable
from storage.records import Session

log = logging.getLogger(__name__)

PATIENCE_S: Final = 1.0
"""The time for which a stop waits for Slack's facts about the channel."""

_DIRECT: Final = "D"
"""Begins the id of a conversation with the bot alone, which is no channel of a team."""


async def settled_here(session: Session, context: Context) -> Session:
    """Return a session without a channel as one of this channel from now on; any other one as it is.

    Where Slack or the database do not answer, it stays without one: what is asked of it does not wait for that.
    """
    here = context.request.channel
    if session.channel or not here or here.startswith(_DIRECT) or context.command is None:
        return session
    services = context.services
    try:
        async with asyncio.timeout(PATIENCE_S):
            facts = await services.policy.channel(here)
        settled = await services.store.write(
            lambda db: announced.settle_in(db, session.id, channel=here, private=facts.private, shared=facts.shared)
        )
    except (TimeoutError, StorageUnavailable) as problem:
        log.warning("%s stays without a channel: %s", session.name, type(problem).__name__)
        return session
    services.changes.publish(settled)
    return settled or session
