"""The answers that a person gives in place of the back-ends that a scenario asks: `--answer URL=FILE`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.cli._source_files import Unreadable, read_text

BYTES_MAX: Final = 8 * 1024 * 1024  # far more than any scenario takes; not read to the end only to be refused


def read_answers(given: Sequence[str]) -> dict[str, str]:
    """Return the texts of `URL=FILE` options by URL. Raises Unreadable."""
    answers: dict[str, str] = {}
    for each in given:
        url, equals, name = each.rpartition("=")
        if not equals or not name or not url.startswith(("http://", "https://", "ws://", "wss://")):
            raise Unreadable(f"--answer takes URL=FILE, such as https://example.com/api=answer.json, and got {each}.")
        if url in answers:
            raise Unreadable(f"--answer has two files for {url}.")
        answers[url] = read_text(Path(name), BYTES_MAX)
    return answers
