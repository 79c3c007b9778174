"""Ownership of files beside a database that root makes: they go to its owner, as SQLite does with `-wal` and `-shm`.

Somebody in a hurry types `sudo session-bot stop 7`. The files it leaves must not shut out the bot, whose own
user could not open them.
"""

import os
from pathlib import Path


def hand_over(made: int | Path, like: Path) -> None:
    """Change the owner of a new file to that of `like` or, if that is not there, of its directory; only root can.

    Only for files that this process has made itself: a name that was there before may be a link to something else.
    """
    if os.geteuid() != 0:
        return
    owned = like if like.exists() else like.parent
    owner = owned.stat()
    if isinstance(made, int):
        os.fchown(made, owner.st_uid, owner.st_gid)
    else:
        os.lchown(made, owner.st_uid, owner.st_gid)  # not through a link that has taken its place


def named_after(path: Path) -> Path:
    """Return the database that a file or directory beside it is named after: `bot.db.key` is of `bot.db`."""
    return path.with_suffix("")
