"""Files that root makes beside a database go to whoever owns it, as SQLite does with `-wal` and `-shm`.

Somebody in a hurry types `sudo session-bot stop 7`. What that leaves behind must not shut out the bot, whose own
user could not open it.
"""

import os
from pathlib import Path


def hand_over(made: int | Path, like: Path) -> None:
    """Give what was just made to the owner of `like` or, if that is not there, of its directory; only root can.

    Only for what this process has made itself: a name that was there before may be a link to something else.
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
    """Give the database that a file or directory beside it is named after: `bot.db.key` is of `bot.db`."""
    return path.with_suffix("")
