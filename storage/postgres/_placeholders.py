"""The places of values in a statement, in psycopg's form: `?` becomes `%s`, and `:name` becomes `%(name)s`."""

import functools
import re
from typing import Final

_PART: Final = re.compile(r"'(?:[^']|'')*'|--[^\n]*|::|:[a-z_][a-z_0-9]*|\?|%")


@functools.lru_cache(maxsize=1_024)
def in_psycopg_form(sql: str) -> str:
    """Return the statement with psycopg's places; what stands in quotes or comments stays."""
    return _PART.sub(_part, sql)


def _part(found: re.Match[str]) -> str:
    part = found[0]
    if part == "?":
        return "%s"
    if part[0] == ":" and part != "::":
        return f"%({part[1:]})s"
    return part.replace("%", "%%")
