"""No text of others steers, reorders or hides anything where it is shown: at a terminal, in a file, in a log."""

import io
import logging
import os
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from bot.cli._console import console_on
from bot.cli._streams import Stream
from bot.process._redaction import RedactingFormatter, Redactor
from bot.text._control_characters import csv_cell, harmless, harmless_line
from bot.text._log_text import clean_log

KEPT = {"\n", "\t", "\u200c", "\u200d"}
"""Layout, and the joiners that Persian words and emoji are made with."""

SEEN = {*map(chr, range(0x600, 0x606)), "\u06dd", "\u070f", "\u0890", "\u0891", "\u08e2", "\U000110bd", "\U000110cd"}
"""What Unicode calls format characters, and draws: signs before numbers and verses."""

NASTY = "\x1b]52;c;cm0gLXJm\x07 \x1b[2J\r\x08\x9b31m \u202eevil\u2066 \u200b\ufeff\x00 [red]x[/red] \ud800 a\r\nb\tc"


def is_bad(letter: str) -> bool:
    """Return whether it steers, reorders or hides."""
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and letter not in KEPT | SEEN


@pytest.fixture
def stream(tmp_path: object) -> Stream:
    """Return standard output as the program has it, on a file."""
    number = os.open(f"{tmp_path}/out", os.O_RDWR | os.O_CREAT)
    return Stream(number, "utf-8")


def written(stream: Stream) -> str:
    """Return what came out of it."""
    stream.flush()
    with open(stream.fileno(), encoding="utf-8", newline="", closefd=False) as file:
        file.seek(0)
        return file.read()


def test_every_sign_that_steers_is_an_escape() -> None:
    """Of all code points of Unicode none comes through that is a control or a format character."""
    text = "".join(map(chr, range(sys.maxunicode + 1)))
    assert {hex(ord(each)) for each in harmless(text) if is_bad(each)} == set()
    assert set(harmless(text)) >= KEPT | SEEN
    assert harmless("\x1b[31m\u202e") == "\\x1b[31m\\u202e"


@given(st.text())
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    """Once is enough, and text without such signs is not changed."""
    assert harmless(harmless(text)) == harmless(text)
    if not any(is_bad(each) for each in text):
        assert harmless(text) == text
    assert not {"\n", "\t"} & set(harmless_line(text))


def test_a_standard_stream_lets_nothing_else_out(stream: Stream) -> None:
    """Whether printed, written or drawn as a table, and whatever its encoding lacks, text is only text."""
    print(NASTY, file=stream)
    stream.writelines([NASTY, "\n"])
    table = Table(box=None)
    table.add_column(Text(NASTY))
    table.add_row(Text(harmless_line(NASTY)))
    console = console_on(stream)
    console.print(table, Text(NASTY), NASTY, markup=False, soft_wrap=True)
    out = written(stream)
    assert [each for each in out if is_bad(each)] == []
    assert out.count("\\x1b]52;c;") >= 4
    assert "[red]x[/red]" in out


def test_the_only_escape_sequences_are_our_own_colours(stream: Stream) -> None:
    """A console that shows colours shows those of its program, and none that stands in a text."""
    coloured = type(console_on(stream))(
        file=stream.styled, force_terminal=True, color_system="standard", highlight=False
    )
    coloured.print(Text("\x1b[31mmine", style="green"))
    assert written(stream) == "\x1b[32m\\x1b[31mmine\x1b[0m\n"


@given(st.text(alphabet=st.sampled_from("=+-@;\t\n\r ,\"'a1＝＠\x1b\u200b")))  # noqa: RUF001 - the wide signs are formulas, too
@example("a;=cmd()")
@example(" =1")
@example("＝1")  # noqa: RUF001 - the same
def test_no_cell_is_a_formula(text: str) -> None:
    """Neither at its beginning, blanks before it or not, nor where a spreadsheet parts cells by other signs."""
    shown = csv_cell(text)
    for part in shown.replace("\t", ";").replace("\n", ";").split(";"):
        assert not part.startswith(("=", "+", "-", "@"))
    assert not shown.strip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))  # noqa: RUF001 - the same
    assert shown.replace("'", "") == harmless(text).replace("'", "")


def test_a_log_is_harmless_wherever_it_is_read() -> None:
    """What a caller made the scenario write steers no terminal, whether the file comes from a thread or from here."""
    shown = clean_log(NASTY.encode(errors="replace"), is_cut=False, secrets=[], phone_digits=4)
    assert [each for each in shown if is_bad(each)] == []


@pytest.mark.parametrize("where", ["message", "argument", "exception"])
def test_no_text_begins_a_record_of_its_own(where: str) -> None:
    """In the bot's own log a caller's text stands in its record's line, or further in than records do."""
    forged = f"x\n2026-01-01T00:00:00.000Z ERROR bot: forged {NASTY}"
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(RedactingFormatter(Redactor()))
    log = logging.Logger("bot.test")  # noqa: LOG001 - it is nobody else's
    log.addHandler(handler)
    if where == "exception":
        try:
            raise ValueError(forged)  # noqa: TRY301 - it is what is tested
        except ValueError:
            log.exception("It failed")
    else:
        log.error(forged if where == "message" else "%s", *([] if where == "message" else [forged]))
    first, *others = out.getvalue().splitlines()
    assert " ERROR bot.test: " in first
    assert all(each.startswith("    ") for each in others)
    assert [each for each in out.getvalue() if is_bad(each)] == []
