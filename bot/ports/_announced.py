"""The announcements of sessions, as verbs and stops know them."""

from typing import Protocol

from storage.records import Session


class Announced(Protocol):
    """The announcements of sessions, which are read in rounds. `bot.directory` implements it."""

    def look_up(self, session: Session) -> None:
        """Ask soon for what this session announces, ahead of the next round; of one that announces nothing, nothing.

        Returns at once and never raises. After a stop it is asked several times, until the scenario took it up.
        """


class NotAnnounced:
    """The announcements where nobody reads them: at a terminal."""

    def look_up(self, session: Session) -> None:
        """Do nothing: a running bot reads them."""
