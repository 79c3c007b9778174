"""Foreign text in a CSV file: a spreadsheet must not calculate it."""

import re
from typing import Final

from bot.text._control_characters import harmless

_FORMULA: Final = re.compile(
    r"^(?=\t|\s*[=+\-@＝＋－＠])"  # noqa: RUF001 - spreadsheets of the East take the wide signs as well
    r"|(?<=[;\t\n])(?=[=+\-@])"  # where a semicolon or a tab parts cells, the comma does not
)


def csv_cell(text: str) -> str:
    """Return the text of a cell, with an apostrophe before the beginning of a formula."""
    return _FORMULA.sub("'", harmless(text))
