"""The link to a session's thread, with which a line to one person ends."""

from bot.ports import Services
from storage import messages
from storage.store import StorageUnavailable


async def thread_link(session_id: int | None, services: Services) -> str:
    """Give the link with a space before it; empty without a session, a card, or a database that can be read."""
    if session_id is None:
        return ""
    try:
        card = await services.store.read(lambda db: messages.card_of(db, session_id))
    except StorageUnavailable:
        return ""
    address = services.board.link(card)
    return f" <{address}|Thread>" if address else ""
