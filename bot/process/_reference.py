"""What nobody foresaw: a reference for the person, and under it the traceback in the log."""

import secrets
from typing import Final

UNEXPECTED_LOG_LINE: Final = "unexpected, reference %s, %s"
"""What the log says before the traceback: the reference, and where."""


def new_reference() -> str:
    """Make a reference, short enough to be passed on by hand."""
    return secrets.token_hex(4)
