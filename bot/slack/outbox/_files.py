"""Files that a verb shares in a session's thread, while the person who asked for them waits."""

import logging
from typing import Final

from bot.ports import CannotShare, FileReply, session_name
from bot.process import Clock
from bot.slack.api import A_FEW_TIMES, NOT_IN_CHANNEL, RateLimited, Refused, Retry, TryLater, call_again
from bot.slack.outbox._names import name_of
from bot.slack.outbox._uploads import Attachment, Uploads
from bot.slack.render import render_mrkdwn
from bot.text import code
from storage import messages
from storage.store import Store

log = logging.getLogger(__name__)

SCOPE: Final = "files:write"
_SHARE: Final = Retry(after=RateLimited)
"""After any other failure the file may stand in the thread already."""

_NO_SCOPE: Final = (
    f"This bot's Slack app lacks the scope {code(SCOPE)}, so the file was not posted. Ask whoever runs this bot to add "
    "it to the app and to install the app again."
)


class SlackFiles:
    """`Files`, on Slack."""

    def __init__(self, uploads: Uploads, store: Store, clock: Clock) -> None:
        self._uploads = uploads
        self._store = store
        self._clock = clock

    async def share(self, file: FileReply) -> str:
        """Share a file in a thread with a line above it; raise CannotShare with a sentence."""
        session = file.session
        card, text = await self._store.read(
            lambda db: (messages.card_of(db, session.id), render_mrkdwn(file.text, name_of=name_of(db))),
        )
        if card is None and session.channel:  # it came from elsewhere, and nothing has called for one yet
            now = self._clock.now()
            await self._store.write(lambda db: messages.call_for_card(db, session.id, session.channel, now=now))
            says = f"{session_name(session)} had no card, which is being posted now. Nothing else was posted"
            raise CannotShare(f"{says}: ask for the log again in a moment.")
        if card is None or card.ts is None:
            raise CannotShare(
                f"{session_name(session)} has no card in Slack, so no thread for a file. Nothing was posted."
            )
        attachment = Attachment(name=file.name, content=file.content, text=text)
        try:
            await self._put(attachment, card.channel, card.ts)
        except Refused as refused:
            log.warning("Slack refuses a file for %s: %s", session.name, refused.error)
            raise CannotShare(_why(refused.error)) from None
        except TryLater as later:
            log.warning("a file for %s could not be shared: %s", session.name, later.why)
            msg = "Slack did not take the file, so it is most likely not in the thread. Look there, then try again."
            raise CannotShare(msg) from None
        return "is in its thread"

    async def _put(self, file: Attachment, channel: str, thread_ts: str) -> None:
        """Upload the bytes and share them; raise a SlackProblem."""
        file_id = await call_again(lambda: self._uploads.upload(file), A_FEW_TIMES, self._clock)
        await call_again(lambda: self._uploads.share(file, file_id, channel, thread_ts), _SHARE, self._clock)


def _why(error: str) -> str:
    if error in {"missing_scope", "not_allowed_token_type"}:
        return _NO_SCOPE
    if error in NOT_IN_CHANNEL:
        return "The bot is not in the session's channel, so the file was not posted. Invite it, then try again."
    return f"Slack does not take the file ({error}), so it was not posted."
