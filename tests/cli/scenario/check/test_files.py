"""The files of a check: what cannot be used is refused in a sentence that says what to do."""

import os
from pathlib import Path

import pytest

from bot.cli._source_files import Unreadable
from bot.cli.scenario.check._files import read_scripts, script, size_problem
from bot.cli.scenario.sessions import Script
from bot.scenario import kit_source


def written(folder: Path, name: str, data: bytes) -> Path:
    """Write a file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a\0b", "holds a NUL byte"),
        (b"\xff\xfea\0", "is written in UTF-16"),
        (b"ok\nlet a = '\xff'", "line 2 holds the byte 0xff"),
        (b"x" * (9 * 1024 * 1024), "has 9,437,184 bytes, and the platform takes less than 131,072"),
    ],
)
def test_what_is_no_source_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    """A binary, another encoding and an endless file are told by what is wrong with them."""
    with pytest.raises(Unreadable, match=words):
        read_scripts([written(tmp_path, "a.js", data)])


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A directory, a pipe and a missing file are named, all at once."""
    os.mkfifo(tmp_path / "pipe.js")
    with pytest.raises(Unreadable) as refused:
        read_scripts([tmp_path, tmp_path / "pipe.js", tmp_path / "missing.js"])
    directory, pipe, missing = str(refused.value).splitlines()
    assert "is a directory" in directory
    assert "is no file" in pipe
    assert "No such file or directory" in missing


def test_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    """A rule has a scenario once; another way to its file is seen through."""
    path = written(tmp_path, "a.js", b"x")
    (tmp_path / "b.js").symlink_to(path)
    for twin in (path, tmp_path / "b.js"):
        with pytest.raises(Unreadable, match="stands there twice"):
            read_scripts([path, twin])


def test_files_are_read_as_the_platform_gets_them(tmp_path: Path) -> None:
    """The order stays, a byte order mark goes, and files of one name are told apart by their folders."""
    paths = [
        written(tmp_path, "x/a.js", b"\xef\xbb\xbflet a"),
        written(tmp_path, "y/a.js", b"b\r\n"),
        written(tmp_path, "c.js", b""),
    ]
    assert read_scripts(paths) == (Script(str(paths[0]), "let a"), Script(str(paths[1]), "b\r\n"), Script("c.js", ""))


def test_what_the_platform_would_refuse_for_its_size_is_known() -> None:
    """The platform takes less than 128 KB, in bytes."""
    assert size_problem(Script("a.js", "x" * 131_071)) is None
    assert "131,072 bytes" in (size_problem(Script("a.js", "x" * 131_072)) or "")
    assert size_problem(Script("a.js", "é" * 65_536)) is not None


def test_the_kit_is_known_alone_and_pasted_on_top() -> None:
    """The lines of the kit are counted, and what stands below them keeps its own lines."""
    lines = kit_source().rstrip("\n").count("\n") + 1
    assert script("kit", kit_source()).kit_lines == lines
    assert script("kit", kit_source()).own_text.strip() == ""
    pasted = script("a.js", kit_source() + "let mine;\n")
    assert pasted.kit_lines == lines
    assert pasted.own_text == "\n" * lines + "let mine;\n"
    assert script("a.js", "let mine;").kit_lines == 0
