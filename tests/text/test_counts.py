"""Numbers with their noun."""

import pytest

from bot.text import counted


@pytest.mark.parametrize(("number", "words"), [(0, "0 lines"), (1, "1 line"), (2000, "2,000 lines")])
def test_a_noun_agrees_with_its_number(number: int, words: str) -> None:
    """One is singular, everything else plural."""
    assert counted(number, "line") == words
