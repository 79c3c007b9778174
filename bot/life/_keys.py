"""The keys of stored session URLs: where they are, and at the start, which of them are still needed."""

import logging
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.config import Settings
from bot.ports import Services
from bot.stops import SHUT, is_said_shut
from bot.text import BOT, counted
from storage import Connection, seals, sessions
from storage.address import ServerAddress
from storage.records import State
from storage.sealing import BadKey, load_or_make_keys
from storage.seals import Seals

log = logging.getLogger(__name__)

_OPEN_AGAIN: Final = "The key of the session's URL is there again: it can be stopped and sent to."


def sealing_keys(settings: Settings, *, may_make: bool = True) -> list[str]:
    """Return the sealing keys; without a setting, those of a file beside the database, or a new one. Raises BadKey."""
    if settings.secret_keys:
        return [key.get_secret_value() for key in settings.secret_keys]
    path = path_beside(settings.database, ".key")
    if not may_make and not path.exists():
        raise BadKey(f"The key file {path} is gone, and stored session URLs need it: put it back from your backup.")
    return load_or_make_keys(path)


def place_of_keys(settings: Settings) -> str:
    """Return where the keys are, in words."""
    return "SESSION_BOT_SECRET_KEY" if settings.secret_keys else str(path_beside(settings.database, ".key"))


def path_beside(database: Path | ServerAddress, ending: str) -> Path:
    """Return the path of a file beside the database, named after it; beside one on a server there is none."""
    if isinstance(database, ServerAddress):
        raise AssertionError(ending)  # noqa: TRY004 - a mistake of ours
    return database.with_name(f"{database.name}{ending}")


async def reseal(services: Services) -> None:
    """Seal every URL with the first key again, and log whether the older ones are still needed.

    URLs that cannot be opened are an error in the log and an event of their sessions, and do not end the process: all
    the other sessions still need the bot.
    """
    now = services.clock.now()

    def job(db: Connection) -> Seals:
        found = seals.reseal(db, services.sealer)
        _show(db, found, now)
        return found

    found = await services.store.write(job)
    if found.shut:
        log.error("%s cannot be stopped: %s", counted(len(found.shut), "session"), _shut(services.settings))
    if services.sealer.has_older:
        again = f"sealed again with the first key: {counted(len(found.older), 'stored URL')}; " if found.older else ""
        where = place_of_keys(services.settings)
        log.info("%sno stored URL needs an older key any more, so that these can be removed from %s", again, where)


def _show(db: Connection, found: Seals, now: datetime) -> None:
    """Record with each session that its URL cannot be opened, or can be again: its card says it."""
    for session in found.shut:
        if not (is_said_shut(session) or session.seems_over or session.state is State.abandoned):
            sessions.note(db, session.id, by=BOT, event=SHUT, now=now)
    for session in found.opened:
        if is_said_shut(session):
            sessions.note(db, session.id, by=BOT, event=_OPEN_AGAIN, now=now)


def _shut(settings: Settings) -> str:
    """Return why URLs stay shut, and what to do."""
    if settings.secret_keys:
        return "no key in SESSION_BOT_SECRET_KEY opens their URLs; add the old key there, after a comma, and restart"
    return (
        f"no key in {place_of_keys(settings)} opens their URLs; it is a new one if that file was missing. Add the old"
        " one from your backup to that file, on a line of its own below, and restart"
    )
