"""A database with open sessions in it, as an earlier process of the bot left it: each with its URL and its card."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet

from storage import Connection, messages, sessions
from storage.records import State
from storage.sealing import Sealer
from storage.store import Store
from tests.benchmarks._session_hosts import FIRST
from tests.factories import new_session

TEAM: Final = "T0LOCAL"


async def keep_sessions(folder: Path, origin: str, cards: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Record a running session for each card (its channel and ts); return the settings to read them with."""
    key, now = Fernet.generate_key().decode(), datetime.now(UTC)
    sealer, store = Sealer([key]), Store(folder / "session-bot.db")
    began = now - timedelta(hours=1)

    def job(db: Connection) -> None:
        for number, (channel, ts) in enumerate(cards, start=1):
            new = new_session(team=TEAM, channel=channel, rule_name="hotline", starter="U1")
            session = sessions.add(
                db, new, now=began, state=State.running, started_at=began, called_at=began, history_id=FIRST + number,
                secure_url=sealer.seal(session_url(origin, number)),
            )  # fmt: skip
            card = messages.add_card(db, session.id, channel, now=began)
            messages.posted(db, card.id, channel=channel, ts=ts, shown=card.wanted)

    await store.open()
    await store.write(job)
    await store.close()
    return {"SESSION_BOT_SECRET_KEY": key, "SESSION_BOT_DATABASE": str(folder / "session-bot.db")}


def session_url(origin: str, number: int) -> str:
    """Return the URL of a session of `_session_hosts`."""
    return f"{origin}/request/AF30.1580999958.{number}/90AB"
