"""The history's rows that could be a session without its number: when a start's answer was lost, or had none."""

import logging
from datetime import timedelta
from typing import Final

from bot.ports import Services
from bot.process import HIDDEN, without_urls
from bot.voximplant import HistoryRow, Rows
from bot.voximplant.errors import PlatformError
from storage import sessions
from storage.records import Session

log = logging.getLogger(__name__)

BEFORE: Final = timedelta(seconds=5)
AFTER: Final = timedelta(seconds=120)
"""The largest distance of a session's start, by the platform's clock and queue, from the moment of our call."""


async def with_rule(session: Session, services: Services) -> Session:
    """Return the session with its rule's name and application, which a start by number may lack."""
    if session.application_id is not None and session.rule_name is not None:
        return session
    rule = await services.rules.named(session.rule_id)
    if rule is None or rule.name is None:
        return session
    columns = {
        "rule_name": rule.name,
        "application_id": rule.application_id,
        "application_name": rule.application_name,
    }
    await services.store.write(lambda db: sessions.record_silently(db, session.id, **columns))
    again = await services.store.read(lambda db: sessions.get(db, session.id))
    return again or session


async def possible_rows(session: Session, services: Services) -> Rows[HistoryRow] | None:
    """Return the rows that could be this session, by rule, application, data and time; None: that is not known."""
    nowhere = session.adopted and session.called_at is None  # its URL did not say when it began
    if session.application_id is None or session.rule_name is None or nowhere:
        return None
    management = services.management
    called = management.clock.at(session.called_at or session.created_at)
    try:
        rows = await management.search_history(
            application_id=session.application_id,
            rule_name=session.rule_name,
            custom_data=None if HIDDEN in (session.custom_data or "") else session.custom_data,
            start=called - BEFORE,
            end=called + AFTER,
        )
    except PlatformError as problem:
        log.warning("the history could not be searched for %s: %s", session.name, type(problem).__name__)
        return None
    wanted = session.custom_data or None  # of an adopted one it is not known
    exact = [row for row in rows if session.adopted or (without_urls(row.custom_data or "") or None) == wanted]
    return Rows(exact, rows.unread)
