"""Foreign text for a terminal or a file: characters that would steer, reorder or hide become escapes."""

import re
from typing import Final

_STEERING: Final = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # ESC, CR, BS, BEL and their kin, and those of C1: all controls but tab and newline
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # order the letters around them anew
    "\xad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb"  # are not seen; emoji need ZWJ, Persian ZWNJ
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
    "\u2028\u2029\ud800-\udfff"  # end a line for some readers, or are no characters
    "]"
)


def harmless(text: str) -> str:
    r"""Return the text with every control and format character written as an escape such as `\x1b`.

    Newlines and tabs stay, also where a newline came as CR LF; so do the joiners that letters and emoji are made with.
    """
    return _STEERING.sub(_escape, text.replace("\r\n", "\n"))


def harmless_line(text: str) -> str:
    """Return the same on one line, without tabs: for text beside other words, as in a table."""
    return harmless(text).replace("\n", " ").replace("\t", " ")


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


_FORMULA: Final = re.compile(
    r"^(?=\t|\s*[=+\-@＝＋－＠])"  # noqa: RUF001 - spreadsheets of the East take the wide signs as well
    r"|(?<=[;\t\n])(?=[=+\-@])"  # where a semicolon or a tab parts cells, the comma does not
)


def csv_cell(text: str) -> str:
    """Return the text of a cell, with an apostrophe before the beginning of a formula."""
    return _FORMULA.sub("'", harmless(text))
