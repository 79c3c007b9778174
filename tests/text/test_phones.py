"""Phone numbers: found however they are spelt, compared by their digits, and shown by their last ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.text import has_number, last_digits, typed_number, typed_numbers, without_numbers

LONDON = "+44 20 7946 0018"
SPELT = (
    "+442079460018", "442079460018", "00442079460018", "0044 20 7946 0018", "011 44 20 7946 0018",
    "+44 (0)20 7946-0018", "(020) 7946-0018", "02079460018", "20 7946 0018", "020/7946.0018",
    "+44\u00a020\u00a07946\u00a00018", "tel:+442079460018",
)  # fmt: skip
COUNTRIES = some.sampled_from(["1", "39", "44", "49", "358", "971"])
SEPARATORS = some.sampled_from(["", " ", "-", ".", "/", "\u00a0", "\u2011"])


@pytest.mark.parametrize("typed", [*SPELT[:-1], "79460018", "7946 0018", "7946", "0018", "94600"])
@pytest.mark.parametrize("there", SPELT)
def test_a_number_is_found_in_every_spelling(typed: str, there: str) -> None:
    """Typed with country code, trunk zero or neither, or in part, it is the number that the data spells otherwise."""
    digits = typed_number(typed)
    assert digits is not None
    assert has_number(f'{{"caller": "{there}", "ticket": 12}}', digits)


@pytest.mark.parametrize("typed", ["+44 20 7946 0019", "0049 20 7946 0018", "018", "12"])
def test_another_number_is_not_found(typed: str) -> None:
    """Another number, another country's, or too few digits are not it."""
    digits = typed_number(typed)
    assert digits is not None
    assert not has_number('{"caller": "+442079460018", "ticket": 12}', digits)


@given(COUNTRIES, some.integers(1_000_000, 9_999_999_999), some.lists(SEPARATORS, min_size=14, max_size=14))
def test_spellings_of_one_number_are_alike_both_ways(country: str, national: int, between: list[str]) -> None:
    """Whatever stands between the digits, the national spelling finds the international one, and that finds it."""
    pairs = zip(str(national), between, strict=False)
    spelt = "".join(f"{digit}{gap}" for digit, gap in pairs).rstrip("".join(between))
    home, abroad, dialled = f"0{spelt}", f"+{country} {spelt}", f"00{country}{national}"
    for typed, there in ((home, abroad), (abroad, home), (abroad, dialled), (dialled, abroad), (spelt, abroad)):
        digits = typed_number(typed)
        assert digits is not None
        assert has_number(f"call {there} now", digits)


@given(some.text(), some.from_regex(r"[0-9]{1,20}", fullmatch=True))
def test_any_text_can_be_searched(text: str, digits: str) -> None:
    """No text makes the search fail, and what stands in it to the letter is found, from four digits on."""
    has_number(text, digits)
    assert has_number(f"{text} x{digits}x", digits) == (len(digits) >= 4)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (f"{LONDON} stuck", [LONDON]),
        (f"stuck {LONDON}", [LONDON]),
        ("12 14", []),
        ("h4202753936", []),
        ("#4202753936", []),
        ("4202753936", ["4202753936"]),
        ("call (020) 7946-0018.", ["(020) 7946-0018"]),
    ],
)
def test_whole_numbers_are_taken_out_of_a_line(text: str, numbers: list[str]) -> None:
    """A number with blanks in it is one thing; small numbers and ids with a letter are not phone numbers."""
    assert [text[start:end].strip() for start, end in typed_numbers(text)] == numbers


@pytest.mark.parametrize("text", ["12 apples", "", "h42", "+", "7,8"])
def test_what_is_no_number_has_no_digits(text: str) -> None:
    """Words beside a number make it none."""
    assert typed_number(text) is None


def test_only_the_last_digits_are_shown() -> None:
    """Of a number in a text, and of one that is quoted, the last digits stay; a moment and an address stay whole."""
    assert without_numbers(f"at 2026-11-20 02:14 from 185.164.149.16: {LONDON}", 4) == (
        "at 2026-11-20 02:14 from 185.164.149.16: …0018"
    )
    assert without_numbers(LONDON, 15) == LONDON
    assert last_digits("79460018", 4) == "…0018"
    assert last_digits("0018", 4) == "0018"
    assert last_digits("79460018", 0) == "…"
