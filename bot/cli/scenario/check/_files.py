"""The files of a check: scenarios of a rule, in their order, read as the platform would take them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.cli._canned_answers import BYTES_MAX
from bot.cli._source_files import Unreadable, read_text
from bot.cli.scenario.sessions import Script
from bot.scenario import kit_version_of
from bot.voximplant import SCENARIO_SOURCE_BYTES

_LAST_LINE: Final = "// End of session-bot.voxengine.js"


def read_scripts(paths: Sequence[Path]) -> tuple[Script, ...]:
    """Return the scenarios of files. Raises Unreadable, with a sentence for each file that cannot be used."""
    problems: list[str] = []
    scripts: list[Script] = []
    seen: dict[tuple[int, int], Path] = {}
    for path in paths:
        try:
            found = path.stat()
            twin = seen.get((found.st_dev, found.st_ino))
            if twin is not None:
                problems.append(f"{path} stands there twice{'' if twin == path else f', as {twin} too'}.")
                continue
            seen[found.st_dev, found.st_ino] = path
            scripts.append(script(_name(path, paths), read_text(path, BYTES_MAX)))
        except OSError as problem:
            problems.append(f"{path} cannot be read: {problem.strerror or type(problem).__name__}.")
        except Unreadable as problem:
            problems.append(str(problem))
    if problems:
        raise Unreadable("\n".join(problems))
    return tuple(scripts)


def script(name: str, text: str) -> Script:
    """Return a scenario. A kit at its top is known by its first line, and goes to its last one, if that is there."""
    if kit_version_of(text) is None:
        return Script(name=name, text=text)
    lines = text.split("\n")
    ends = (number for number, line in enumerate(lines, start=1) if line.rstrip().endswith(_LAST_LINE))
    return Script(name=name, text=text, kit_lines=next(ends, len(lines)))


def size_problem(found: Script) -> str | None:
    """Return a sentence about a scenario that the platform would refuse for its size; None for any other."""
    size = len(found.text.encode("utf-8", "surrogatepass"))
    if size <= SCENARIO_SOURCE_BYTES:
        return None
    return f"it has {size:,} bytes, and the platform takes less than {SCENARIO_SOURCE_BYTES + 1:,}"


def _name(path: Path, paths: Sequence[Path]) -> str:
    """Return the file's own name, or its path where another one is called the same."""
    name = path.name if sum(each.name == path.name for each in paths) == 1 else str(path)
    return name.encode("utf-8", "replace").decode()  # a file's name may be no text at all
