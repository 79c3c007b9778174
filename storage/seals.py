"""The seals of stored session URLs, by the keys that open them: only then can an older key be removed."""

from dataclasses import dataclass

from storage import sessions
from storage.connection import Connection
from storage.records import Session
from storage.sealing import CannotOpen, Sealer


@dataclass(frozen=True, kw_only=True)
class Seals:
    """The sessions whose URLs are held: those that a key opens, the `older` of them not the first, and the `shut`."""

    opened: list[Session]
    older: list[Session]
    shut: list[Session]


def seals(db: Connection, sealer: Sealer) -> Seals:
    """Return every session whose URL is held, by what opens it."""
    found = Seals(opened=[], older=[], shut=[])
    for session in sessions.with_urls(db):
        sealed = [each for each in (session.secure_url, session.plain_url) if each is not None]
        try:
            needs_older = [sealer.needs_older(each) for each in sealed]
        except CannotOpen:
            found.shut.append(session)
        else:
            found.opened.append(session)
            found.older.extend([session] if any(needs_older) else [])
    return found


def reseal(db: Connection, sealer: Sealer) -> Seals:
    """Seal every URL with the first key that is sealed with another; return what was found before."""
    found = seals(db, sealer)
    for session in found.older:
        columns = {"secure_url": session.secure_url, "plain_url": session.plain_url}
        renewed = {name: sealer.rotate(sealed) for name, sealed in columns.items() if sealed is not None}
        sessions.record_silently(db, session.id, **renewed)
    return found
