"""Doctor, on this machine: the database, its rights and its key.

The database is opened read-only and no file is made: a check is no reason to migrate it or to make a key.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from bot.cli.doctor._findings import Finding, ok, problem, warning
from bot.cli.doctor._server import examine_server
from bot.config import PathKind, Settings, closed_path_words, is_closed, path_kind
from bot.life import path_beside, place_of_keys, sealing_keys
from bot.ports import Via
from bot.text import counted
from storage import Connection, commands, seals, sessions, verification
from storage.address import ServerAddress
from storage.errors import StorageUnavailable
from storage.inspection import damage, foreign_triggers, is_ours, missing_triggers, steps_left, why_not
from storage.lock import DatabaseLock
from storage.opening import read_only
from storage.sealing import BadKey, Sealer
from storage.seals import Seals

_OTHERS = 0o077


def examine_files(settings: Settings) -> Iterator[Finding]:
    """Check what is local: files, rights, key."""
    yield from _database(settings)
    yield from _rights(settings)
    yield _plain_http(settings)


def _database(settings: Settings) -> Iterator[Finding]:
    path = settings.database
    if isinstance(path, ServerAddress):
        yield from examine_server(path, lambda db: _content(db, settings))
        return
    if is_closed(path):
        yield problem("database", closed_path_words(path))
        return
    if path_kind(path) is PathKind.nothing:
        yield warning("database", f"{path} is not there; the bot makes it when it first comes up.")
        return
    try:
        with read_only(path) as db:
            yield from _content(db, settings)
    except StorageUnavailable as wrong:
        rights = f"{path} cannot be read now ({wrong}). See who else uses it, and its directory's rights."
        yield problem("database", f"{path} cannot be read ({wrong}). Restore a backup." if wrong.lasts else rights)
        return
    lock = DatabaseLock(path)
    try:
        held = lock.is_held()
    except OSError as wrong:
        yield problem("running", f"{path}.lock cannot be opened ({wrong.strerror}): run this as the bot's user.")
        return
    if held:
        yield ok("running", f"Process {lock.holder()} has this database.")
    else:
        yield warning("running", "No bot runs on this database now.")


def _content(db: Connection, settings: Settings) -> Iterator[Finding]:
    path = settings.database
    if (wrong := damage(db)) is not None:
        yield problem("database", f"{path} is damaged ({wrong}). Stop the bot and restore a backup.")
        return
    if not is_ours(db):
        yield problem("database", f"{path} belongs to another program. Name a new file in SESSION_BOT_DATABASE.")
        return
    yield ok("database", f"{path} is sound.")
    if (why := why_not(db)) is not None:
        yield problem("schema", f"{path} {why}")
        return
    if left := steps_left(db):
        yield warning("schema", f"The next start brings it up to date ({counted(left, 'step')}); make a backup before.")
        return
    if missing := missing_triggers(db):
        yield problem("triggers", f"{', '.join(sorted(missing))} are not there: the audit has gaps. Restore a backup.")
    elif foreign := foreign_triggers(db):
        names = ", ".join(sorted(foreign))
        yield problem("triggers", f"Not as the bot makes them: {names}. The audit may have gaps. Restore a backup.")
    else:
        yield ok("triggers", "The audit is complete: all its triggers are there.")
    yield _head(db)
    yield _command(db, settings)
    yield _seals(db, settings)


def _head(db: Connection) -> Finding:
    """Return the head of the audit: what is kept of the doctor's findings elsewhere shows what was rewritten since."""
    head = verification.head(db)
    if head is None:
        return ok("audit", "It has no line yet.")
    number, digits = head
    says = f"Its head is {digits} (line {number})"
    return ok("audit", f"{says}; `session-bot audit --verify --head` finds what was cut off or rewritten since.")


def _command(db: Connection, settings: Settings) -> Finding:
    """Check when the last slash command arrived: Slack lets no bot read which commands its app has."""
    last = commands.last_via(db, Via.slash)
    if last is None:
        says = f"No slash command has come from Slack yet. The app must have one that is called {settings.command}."
        return warning("command", f"{says} `session-bot manifest --command {settings.command}` prints such an app.")
    says = f"The last slash command came from Slack at {last:%Y-%m-%d %H:%M} UTC"
    return ok("command", f"{says}; that it is called {settings.command} cannot be seen from here.")


def _seals(db: Connection, settings: Settings) -> Finding:
    if not settings.secret_keys and not (key_file := path_beside(settings.database, ".key")).exists():
        if held := len(sessions.with_urls(db)):
            says = f"{key_file} is gone, which is needed for {counted(held, 'stored URL')}. Put it back before the next"
            return problem("secret key", f"{says} start, which makes a new one, and opens none of them.")
        return warning("secret key", "There is none yet; the bot makes one beside the database.")
    try:
        sealer = Sealer(sealing_keys(settings))
    except BadKey as wrong:
        return problem("secret key", str(wrong))
    except OSError as wrong:
        place = place_of_keys(settings)
        return problem("secret key", f"{place} cannot be read ({wrong.strerror}): run this as the bot's user.")
    return _opened(seals.seals(db, sealer), sealer, place_of_keys(settings))


def _opened(found: Seals, sealer: Sealer, place: str) -> Finding:
    """Check what the keys open, and whether those behind the first are still needed."""
    if found.shut:
        named = ", ".join(session.name for session in found.shut[:5])
        says = f"It does not open {counted(len(found.shut), 'stored URL')} ({named}): nothing can be sent there"
        return problem("secret key", f"{says}. Put the old key into {place}, too, behind the others, and restart.")
    held = len(found.opened)
    if found.older:
        says = f"An older key is still needed for {counted(len(found.older), 'URL')} of the {held:,} stored: keep it"
        return warning("secret key", f"{says} in {place}. The next start of the bot seals them again with the first.")
    if sealer.has_older:
        says = f"The first key opens what is stored: {counted(held, 'URL')}. No stored URL needs an older one any more"
        return ok("secret key", f"{says}, so that it can be removed from {place}; an older backup still needs it.")
    return ok("secret key", f"It opens what is stored: {counted(held, 'URL')}.")


def _rights(settings: Settings) -> Iterator[Finding]:
    """Check who else may read secret files, and whether this user may write the bot's files."""
    database = settings.database if isinstance(settings.database, Path) else None
    secret = {
        "database": database,
        "secret key": database and path_beside(database, ".key"),
        "credentials": settings.voximplant_credentials,
    }
    seen = {PathKind.file, PathKind.unreadable}
    there = {what: path for what, path in secret.items() if path is not None and path_kind(path) in seen}
    wide = [path for path in there.values() if path.stat().st_mode & _OTHERS]
    for path in wide:
        yield problem("rights", f"{path} is open to others on this machine: chmod 600 it.")
    for path in _unusable(database, there):
        yield problem("rights", f"This user cannot use {path}: run this, and the bot, as its owner.")
    for path in () if database is None else path_beside(database, ".owners").glob("*.lock"):
        if not os.access(path, os.W_OK):
            yield problem("rights", f"{path} is another user's: what its process left half done stays so. chown it.")
    if there and not wide:
        yield ok("rights", f"Nobody else can read {', '.join(path.name for path in there.values())}.")


def _unusable(database: Path | None, there: dict[str, Path]) -> list[Path]:
    written = (
        [] if database is None else [database.absolute().parent, there.get("database", database.absolute().parent)]
    )
    return [
        *(path for path in there.values() if not os.access(path, os.R_OK)),
        *(path for path in written if not os.access(path, os.W_OK)),
    ]


def _plain_http(settings: Settings) -> Finding:
    if settings.voximplant_plain_http == "always":
        text = "VOXIMPLANT_PLAIN_HTTP=always sends what people type unencrypted where no secure URL is to be had."
        return warning("plain http", f"{text} `stop` is enough.")
    if settings.voximplant_plain_http == "never":
        return ok("plain http", "Never used: a session without a secure URL cannot be stopped.")
    return ok("plain http", "Only for a stop, and only where there is no secure way.")
