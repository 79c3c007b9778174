"""The link to a session's thread, at the end of a response."""

from bot.ports import Services
from storage import messages
from storage.store import StorageUnavailable


async def thread_link(session_id: int | None, services: Services) -> str:
    """Return the link with a space before it; empty without a session, a card, or a readable database."""
    if session_id is None:
        return ""
    try:
        card = await services.store.read(lambda db: messages.card_of(db, session_id))
    except StorageUnavailable:
        return ""
    address = services.board.link(card)
    return f" <{address}|Thread>" if address else ""
