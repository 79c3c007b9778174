"""Canned answers on a command line: `--answer URL=FILE`."""

from pathlib import Path

import pytest

from bot.cli._canned_answers import read_answers
from bot.cli._source_files import Unreadable


def test_answers_are_read_by_their_urls(tmp_path: Path) -> None:
    """A back-end's answer is the file behind the last equals sign; a query may hold others."""
    path = tmp_path / "answer.json"
    path.write_text('{"ok": true}')
    url = "https://example.com/api?a=b"
    assert read_answers([f"{url}={path}"]) == {url: '{"ok": true}'}


@pytest.mark.parametrize("given", ["https://example.com", "example.com=a.json", "https://example.com=missing.json"])
def test_an_answer_that_is_none_is_refused(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no URL with a file that can be read is told."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unreadable):
        read_answers([given])
