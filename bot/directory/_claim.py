"""Claims: announcements of sessions whose form, host and signature were checked.

Who may write the application's storage can write any claim. It becomes a fact only where the history knows the session
in that application and does not say that it ended; until then nothing is sent to its URL.
"""

from dataclasses import dataclass, field
from datetime import datetime

from bot.voximplant import SessionUrl


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One announcement.

    `session` is the platform's number of the session, which the history has to know. `application_id` is that of the
    storage in which it stood. `started` and `beat` are moments of the platform's clock; `beat` is the newest sign of
    life. `data` is the beginning of the custom data, 200 bytes at most. `taken` is the request id of the stop that the
    scenario took up; `ending`: it is about to end. `signed`: its signature was asked for and is right.
    """

    session: int
    application_id: int
    application_name: str
    url: SessionUrl = field(repr=False)
    data: str | None = field(repr=False)
    started: datetime
    beat: datetime
    calls: int
    taken: str | None
    ending: bool
    signed: bool
