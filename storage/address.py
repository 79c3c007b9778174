"""The address of a database on a server; that of one in a file is its path."""

import re
from dataclasses import dataclass, field
from typing import Final

_SCHEMES: Final = ("postgresql://", "postgres://")
_MEANT: Final = re.compile(r"[\s\"']*postgres(ql)?:", re.IGNORECASE)
"""The beginning of an address, also in quotes, in capitals, or without its slashes: as a path it would be shown."""

ESCAPED: Final = (
    "in a user or a password, %2F stands for /, %3F for ?, %23 for #, %40 for @, %5B and %5D for brackets, %20 for a"
    " space"
)
"""The end of a sentence about an address whose parts cannot be told apart."""


@dataclass(frozen=True)
class ServerAddress:
    """The address of a PostgreSQL database as libpq takes it: `postgresql://user@host:port/database?sslmode=…`.

    `conninfo` may hold a password, so that it is shown nowhere; as a text this is the address without one, and without
    its options.
    """

    conninfo: str = field(repr=False)

    @classmethod
    def of(cls, text: str) -> "ServerAddress | None":
        """Return the address that a text is, or None: it names a file."""
        return cls(text) if _MEANT.match(text) else None

    @property
    def is_clear(self) -> bool:
        """Return whether its parts can be told apart: a password with a slash would count as a part of the name."""
        before, _, options = self._rest.partition("?")
        credentials, _, place = before.rpartition("@")
        is_whole = self.conninfo.startswith(_SCHEMES) and "@" not in options
        return is_whole and not set(credentials) & set("/?#@[] ") and not set(place) & set("# ")

    @property
    def password(self) -> str | None:
        """Return the password in it, as it is written there, if there is one."""
        return self._rest.partition("?")[0].rpartition("@")[0].partition(":")[2] or None

    def __str__(self) -> str:
        """Return the address as it may be shown."""
        if not self.is_clear:
            return "postgresql://…"
        credentials, at, place = self._rest.partition("?")[0].rpartition("@")
        return f"postgresql://{credentials.partition(':')[0]}{at}{place}"

    def __repr__(self) -> str:
        return f"ServerAddress({str(self)!r})"

    @property
    def _rest(self) -> str:
        return self.conninfo.partition("://")[2]
