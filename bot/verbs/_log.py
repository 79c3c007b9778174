"""log: the platform's log of a session, cleaned and uploaded to its thread as a file."""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.ports import (
    Context,
    Denied,
    DoublePress,
    FileReply,
    Intent,
    LogUnavailable,
    NotNow,
    Outcome,
    Right,
    Services,
    SessionId,
    SessionRef,
    Verb,
    command_row,
    session_name,
)
from bot.stops import secrets_of
from bot.text import LOG_LIMIT_BYTES, channel, clean_log, code, person, url_and_secrets
from bot.verbs._lookup import session_for
from bot.voximplant import LogFile, LogUrl
from bot.voximplant.errors import HostRefused, LogGone, LogNotGiven, OutcomeUnknown, PlatformError
from storage import Connection, commands, sessions
from storage.records import Session
from storage.sealing import CannotOpen

_KB: Final = 1_000
_SAY_THEMSELVES: Final = (HostRefused, LogGone, LogNotGiven)


@dataclass(frozen=True)
class Log(Intent):
    """The session."""

    id: SessionRef


async def run(log: Log, context: Context) -> Outcome:
    """Look the log's URL up in the history, fetch it, clean it, and share it under the session's card."""
    session = await session_for(context, log.id)
    await _refuse_where_others_read(session, context)
    url = await _address(session, context)
    file = await _fetched(session, url, context)
    text = await _cleaned(file, url, session, context.services)
    if not text.strip():
        raise LogUnavailable(f"The log of {session_name(session)} is empty, so nothing was posted.")
    log_is = _caveats(file, text, context.services)
    says = f"Log of {session_name(session)}, asked for by {person(context.request.actor)}. {log_is}"
    name = f"session-{session.id}.log"
    became = await context.services.files.share(FileReply(session=session, name=name, content=text.encode(), text=says))

    def changes(db: Connection) -> Session | None:
        if (command := command_row(db, context)) is not None:
            commands.set_session(db, command, session.id)
        return None

    return Outcome(says=f"The log of {session_name(session)} {became}.", session=session.id, changes=changes)


async def _refuse_where_others_read(session: Session, context: Context) -> None:
    """Raise Denied in channels that another workspace reads, also where Slack does not answer."""
    if (await context.services.policy.channel(session.channel)).shared:
        where = channel(session.channel)
        msg = f"{where} is shared with another workspace, or Slack cannot say, so no log is posted there."
        raise Denied(f"{msg} Nothing was done.")


async def _address(session: Session, context: Context) -> LogUrl:
    name = session_name(session)
    if session.history_id is None:
        msg = f"The platform's number of {name} is not known yet, and its log is found by that. Nothing was posted."
        raise NotNow(f"{msg} Try again when the card shows an h….")
    try:
        rows = await context.services.management.call_history([session.history_id])
    except PlatformError as problem:
        msg = f"The history, which says where the log lies, could not be read. {problem.sentence}"
        raise LogUnavailable(msg) from None
    row = next((each for each in rows if each.history_id == session.history_id), None)
    if row is None and rows.unread:
        raise LogUnavailable(f"What the history says of {name} cannot be read, so its log was not found.")
    if row is None:
        raise LogUnavailable(f"The history does not know {name} yet, so its log was not found. Try again in a minute.")
    if row.log_url is None:
        raise LogUnavailable(f"The history names no log of {name}, so nothing was posted.")
    return row.log_url


async def _fetched(session: Session, url: LogUrl, context: Context) -> LogFile:
    try:
        return await context.services.logs.fetch(url)
    except _SAY_THEMSELVES as problem:
        raise LogUnavailable(f"{problem.sentence} Nothing was posted.") from None
    except OutcomeUnknown:
        msg = f"The log of {session_name(session)} did not come whole or in time, so nothing was posted. Try again."
        raise LogUnavailable(msg) from None


async def _cleaned(file: LogFile, url: LogUrl, session: Session, services: Services) -> str:
    """Clean the log in a thread; the URLs of all sessions are unsealed there only."""
    digits = services.settings.limits.log_phone_digits
    held = await services.store.read(sessions.with_urls)

    def work() -> str:
        secrets, own, sent = [url.reveal()], secrets_of(session, services), session.custom_data
        for each in held:
            for sealed in (each.secure_url, each.plain_url):
                if sealed is not None:
                    with contextlib.suppress(CannotOpen):  # what no key opens is known by its shape only
                        secrets += url_and_secrets(services.sealer.open(sealed))
        return clean_log(file.tail, is_cut=file.is_cut, secrets=secrets, own=own, sent=sent, phone_digits=digits)

    return await asyncio.to_thread(work)


def _caveats(file: LogFile, text: str, services: Services) -> str:
    """Return a note on the parts of the log that the file lacks."""
    digits = services.settings.limits.log_phone_digits
    phones = f", and of phone numbers only the last {digits} digits are shown" if digits else ", and phone numbers"
    hidden = f"Session URLs and keys are hidden{phones}."
    if file.size <= LOG_LIMIT_BYTES:
        return hidden
    return f"These are the last {len(text.encode()) // _KB} kB of {file.size // _KB} kB. {hidden}"


VERB = Verb(
    name="log",
    takes=Log,
    arguments=(SessionId(),),
    summary="Put the platform's log of a session into its thread.",
    details=(
        "Session URLs and keys are taken out, phone numbers cut to their last digits, and of a long log the last "
        f"megabyte is posted. The platform keeps logs for about a month. Example: {code('log 7')}."
    ),
    right=Right.log,
    run=run,
    double_press=DoublePress(within=timedelta(seconds=20), done="posted the log of", again="Post it again"),
)
