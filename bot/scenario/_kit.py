"""The kit's source, its name in an account, its version, and the options that a customer set in one."""

import functools
import re
from pathlib import Path
from typing import Final, NamedTuple

KIT_NAME: Final = "session-bot"
"""The name of the scenario in an account: the name of the file without its ending, which an uploader would use, too."""

_FILE: Final = Path(__file__).with_name("session-bot.voxengine.js")
_FIRST_LINE: Final = re.compile(r"// session-bot\.voxengine\.js, version ([0-9]{1,4})\.([0-9]{1,4})")


class KitVersion(NamedTuple):
    """A version of the kit; a later one is greater."""

    major: int
    minor: int

    def __str__(self) -> str:
        """Return it as the kit's first line has it."""
        return f"{self.major}.{self.minor}"


@functools.cache
def kit_source() -> str:
    """Return the source of the kit that this bot brings along."""
    return _FILE.read_text(encoding="utf-8")


def kit_version_of(source: str) -> KitVersion | None:
    """Return the version of the kit with which a source begins; None where it begins with anything else.

    What was uploaded may have got a byte order mark in front, or the line ends of another system.
    """
    first = source.removeprefix("\ufeff").split("\n", 1)[0].rstrip()
    found = _FIRST_LINE.fullmatch(first)
    return None if found is None else KitVersion(int(found[1]), int(found[2]))


def _own_version() -> KitVersion:
    version = kit_version_of(kit_source())
    if version is None:
        raise AssertionError
    return version


KIT_VERSION: Final = _own_version()
