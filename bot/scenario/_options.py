"""The option lines at the top of the kit, and a customer's values of them, which an update keeps."""

import re
from collections.abc import Mapping
from typing import Final

_LINE: Final = re.compile(
    r"^(?P<before>[ \t]*const (?P<name>[A-Z_]+) = )(?P<value>[^;\n]{1,300})(?P<after>;.*)$", re.MULTILINE
)
_BEGIN: Final = "// Options, one a line."
_END: Final = re.compile(r"^[ \t]*\r?$", re.MULTILINE)


def options_of(source: str) -> dict[str, str]:
    """Return the options of a kit, each with its value as it is written."""
    _, options, _ = _parts(source)
    return {found["name"]: found["value"].strip() for found in _LINE.finditer(options)}


def with_options(source: str, options: Mapping[str, str]) -> str:
    """Return a kit whose options have these values; one that it does not know is left out."""

    def replaced(found: re.Match[str]) -> str:
        return f"{found['before']}{options.get(found['name'], found['value'])}{found['after']}"

    before, lines, after = _parts(source)
    return f"{before}{_LINE.sub(replaced, lines)}{after}"


def _parts(source: str) -> tuple[str, str, str]:
    """Return what stands before the options, their lines, and the rest, which begins with an empty line."""
    before, begin, rest = source.partition(_BEGIN)
    end = _END.search(rest)
    cut = 0 if end is None else end.start()
    return before + begin, rest[:cut], rest[cut:]
