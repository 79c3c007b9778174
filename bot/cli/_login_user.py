"""The login user, as the actor of what is typed at a terminal."""

import os
import pwd
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.text import TERMINAL

_LOGIN: Final = Path("/proc/self/loginuid")
_NOBODY: Final = 2**32 - 1


def actor() -> str:
    """Return the name of the login user, also behind `sudo`, where the system knows it; else the process's."""
    user = os.getuid()
    with suppress(OSError, ValueError):
        login = int(_LOGIN.read_text())
        user = user if login == _NOBODY else login
    try:
        return f"{TERMINAL}{pwd.getpwuid(user).pw_name}"
    except KeyError:
        return f"{TERMINAL}uid{user}"
