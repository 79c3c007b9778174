"""References of unexpected errors: shown to the person, and logged with the traceback."""

import secrets
from typing import Final

UNEXPECTED_LOG_LINE: Final = "unexpected, reference %s, %s"
"""What the log says before the traceback: the reference, and where."""


def new_reference() -> str:
    """Return a new reference, short enough to be passed on by hand."""
    return secrets.token_hex(4)
