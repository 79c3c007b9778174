"""A form on a person's screen."""

from collections.abc import Mapping
from typing import Protocol

from storage.records import Session


class Dialog(Protocol):
    """A form on the person's screen: opened at once, filled when its contents are known.

    Slack gives three seconds to open it, which looking things up may need.
    """

    def begin(self, title: str) -> None:
        """Open it, still empty."""

    async def editor(self, session: Session, presets: Mapping[str, str], *, as_text: bool = False) -> None:
        """Fill it with the editor of a send to a session, of JSON or `as_text`; raises CannotShow."""

    async def start_form(self) -> None:
        """Fill it with the form that starts a session; raises CannotShow."""

    async def refuse(self, sentence: str) -> None:
        """Show in it why it cannot be filled; never raises."""
