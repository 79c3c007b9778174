"""Arguments that others on this machine cannot read any more: `ps` shows what a process was started with.

Linux shows the process's own memory for it, which is written over here. Elsewhere nothing is done.
"""

import ctypes
import re
from collections.abc import Iterable
from pathlib import Path

_OWN = Path("/proc/self")
_STATE = 3  # the first field behind the name, which may hold blanks and brackets
_ARG_START, _ARG_END = 48, 49  # the fields of `stat`, see proc(5)


def hide(secrets: Iterable[str | None]) -> None:
    """Write over these secrets wherever they stand in this process's arguments."""
    wanted = [each.encode() for each in secrets if each]
    if not wanted or not (_OWN / "stat").exists():
        return
    fields = (_OWN / "stat").read_text().rpartition(")")[2].split()
    start, end = (int(fields[place - _STATE]) for place in (_ARG_START, _ARG_END))
    shown = (_OWN / "cmdline").read_bytes()
    if not start or len(shown) > end - start:
        return
    for secret in wanted:
        for found in re.finditer(re.escape(secret), shown):
            ctypes.memset(start + found.start(), ord("x"), len(secret))
