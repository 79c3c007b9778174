"""References of unexpected errors: shown to the person, and logged with the traceback."""

import secrets
from typing import Final

UNEXPECTED_LOG_LINE: Final = "unexpected, reference %s, %s"
"""The log's line before the traceback: the reference, and the place."""


def new_reference() -> str:
    """Return a new reference, short enough to be passed on by hand."""
    return secrets.token_hex(4)
