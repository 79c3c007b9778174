"""The URLs of a session, unsealed, and whether keys and settings allow their use: nothing is sent."""

from typing import Final

from bot.ports import Services
from bot.text import secret_parts, strong
from bot.voximplant import AccessUrls, NotASessionUrl, SessionUrl
from bot.voximplant.errors import NotSent
from storage.records import Session
from storage.sealing import CannotOpen, Sealer

SHUT: Final = "The session's URL cannot be opened: the key that it was sealed with is not there."
"""The event of a session whose URL no key opens; every sentence about that has its first words."""

_SHUT_WORDS: Final = SHUT.partition(":")[0]


class CannotUnseal(NotSent):
    """The session's URL is stored, and none of our keys opens it; `reason` is the sealer's sentence."""

    text = (
        "The session's URL cannot be opened, so nothing was sent. {reason} Ask whoever runs this bot to put the old key"
        " back, and try again then."
    )

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def urls_of(session: Session, services: Services) -> AccessUrls:
    """Return the unsealed URLs, for immediate use.

    Raises CannotUnseal when no key of ours opens them.
    """
    try:
        secure, plain = (
            None if sealed is None else SessionUrl(services.sealer.open(sealed))
            for sealed in (session.secure_url, session.plain_url)
        )
    except (CannotOpen, NotASessionUrl) as problem:
        raise CannotUnseal(str(problem)) from None
    return AccessUrls(secure=secure, plain=plain)


def is_said_shut(session: Session) -> bool:
    """Return whether the last event of a session is that its URL cannot be opened."""
    return _SHUT_WORDS in session.last_event


def shut_words(session: Session, sealer: Sealer) -> str | None:
    """Return the warning of a session whose URL no key opens; None for every other."""
    try:
        for sealed in (session.secure_url, session.plain_url):
            if sealed is not None:
                sealer.open(sealed)
    except CannotOpen:
        why = "nothing can be sent to it until whoever runs this bot puts the old key back"
        return f"{strong('Its URL cannot be opened')}: {why}"
    return None


def secrets_of(session: Session, services: Services) -> list[str]:
    """Return the secret parts of the session's URLs, as far as they can be opened."""
    urls = _urls_or_none(session, services)
    return [] if urls is None else [part for url in urls.each() for part in secret_parts(url.reveal())]


def can_deliver_stop(session: Session, services: Services) -> bool:
    """Return whether keys and settings let a stop out; the record decides whether it is refused."""
    urls = _urls_or_none(session, services)
    return urls is not None and services.requests.obstacle(urls) is None


def can_be_sent_to(session: Session, services: Services) -> bool:
    """Return whether keys and settings allow a send."""
    urls = _urls_or_none(session, services)
    return urls is not None and services.requests.obstacle_to_send(urls) is None


def _urls_or_none(session: Session, services: Services) -> AccessUrls | None:
    try:
        return urls_of(session, services)
    except CannotUnseal:
        return None
