"""The base of the tree, and the platform's own words as they may be shown."""

import re

_MSG_CHARACTERS = 200
# An answer may repeat what it was asked: addresses, and runs that look like a key, a token or a URL's path.
_SECRET = re.compile(r"\w+://\S+|[\w.+/=-]*/request/\S*|(?=[\w.+/=-]*\d)[\w.+/=-]{20,}")


class PlatformError(Exception):
    """The base of all failures between the bot and the platform."""

    text = "The platform could not be used. Try again, or ask whoever runs this bot."

    @property
    def sentence(self) -> str:
        """The sentence for the person."""
        return self.text.format_map(vars(self))

    def __str__(self) -> str:
        return self.sentence


def in_one_line(msg: str) -> str:
    """Return the platform's words without what may be secret in them, on one line and not too long."""
    one_line = " ".join("".join(c if c.isprintable() else " " for c in msg[:1000]).split())
    return _SECRET.sub("…", one_line)[:_MSG_CHARACTERS]
