"""Cleaning a log: what is hidden, what of a number stays, and what is kept of too much."""

import pytest

from bot.text._log_text import LOG_LIMIT_BYTES, clean_log, url_and_secrets

URL = "https://www-ru-52-18.voximplant.com:12093/request/AF30C0FFEE42CCA6.1580999958.1204800_185.164.149.16/90AB12CD34EF5D84"


def cleaned(text: str, *, is_cut: bool = False, secrets: tuple[str, ...] = (), digits: int = 4) -> str:
    """Clean a text."""
    return clean_log(text.encode(), is_cut=is_cut, secrets=secrets, phone_digits=digits)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("to +15550100 now", "to …0100 now"),
        ("8 (800) 555-35-35", "…3535"),
        ("sip:+4915112345678@host", "sip:…5678@host"),
        ("tel%3A%2B15550100", "tel%3A%2B…0100"),
        ("000015550100,15550199", "…0100,…0199"),
        ("٠١٢٣٤٥٦٧٨", "…٥٦٧٨"),
        ("2026-01-31 02:14:00.123456 +15550100", "2026-01-31 02:14:00.123456 …0100"),
        ("2026-01-31T02:14:00 185.164.149.16", "2026-01-31T02:14:00 185.164.149.16"),
        ("1.555.010.1999", "…1999"),
        ("after 12 s: 486 busy, line 123456", "after 12 s: 486 busy, line 123456"),
    ],
)
def test_numbers_are_cut_to_their_last_digits(text: str, shown: str) -> None:
    """What may be a phone number keeps its last four digits; moments and addresses stay as they are."""
    assert cleaned(text) == shown


@pytest.mark.parametrize(("digits", "shown"), [(0, "…"), (2, "…00"), (15, "+15550100")])
def test_how_much_of_a_number_stays_is_given(digits: int, shown: str) -> None:
    """From none of its digits to all of them."""
    assert cleaned("+15550100", digits=digits) == shown


def test_no_spelling_of_a_held_url_is_left() -> None:
    """The URL, escaped or encoded, and each part of its path alone are hidden."""
    alone = URL.rpartition("/")[2]
    text = "\n".join([URL, URL.replace("/", r"\/"), URL.replace("/", "%2F"), f"key {alone}", f"key {alone.lower()}"])
    shown = cleaned(text, secrets=tuple(url_and_secrets(URL)))
    assert alone.casefold() not in shown.casefold()
    assert "AF30C0FFEE42CCA6" not in shown


def test_of_too_much_the_end_is_kept_from_a_line_on() -> None:
    """A line that was cut in two at the beginning is dropped: half a secret has no shape."""
    half = URL[-20:]
    assert cleaned(f"{half}\nwhole\n", is_cut=True) == "whole\n"
    assert half not in cleaned(half + "x" * 20_000, is_cut=True)
    text = cleaned("".join(f"line {number}\n" for number in range(200_000)))
    assert len(text.encode()) <= LOG_LIMIT_BYTES
    assert text.startswith("line ")
    assert text.endswith("line 199999\n")


def test_what_stands_on_the_border_of_two_pieces_is_hidden() -> None:
    """Text is cleaned in pieces that end with a line, and a key of many lines is never cut in two."""
    pem = (
        "-----BEGIN PRIVATE KEY-----\n"
        + "\n".join("MIIEvQIBADANBgkq" for _ in range(300))
        + "\n-----END PRIVATE KEY-----\n"
    )
    for lines in range(3_000, 3_300, 50):
        text = cleaned("y word of it\n" * (lines * 10 // 13) + pem + f"{URL}\n")
        assert "MIIEvQIBADANBgkq" not in text
        assert "90AB12CD34EF5D84" not in text


def test_a_line_without_end_is_left_out_and_says_so() -> None:
    """A line too long to be looked through is named by its length; those around it stay."""
    assert cleaned("a\n" + "eyJ" * 10_000 + "\nb\n") == "a\n[a line of 30000 characters is left out]\nb\n"


def test_bytes_that_are_no_text_do_no_harm() -> None:
    """Whatever a scenario logged comes out as text."""
    assert clean_log(b"\xff\xfe ok", is_cut=False, secrets=(), phone_digits=4) == "\ufffd\ufffd ok"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('12:00 got {"pin": "0815x", "n": 1}', '12:00 got {"pin": "•••", "n": 1}'),
        ('[INFO] "web" {"a": [{"card": 4111}]}', '[INFO] "web" {"a": [{"card": "•••"}]}'),
        (r'sent "{\"pin\": \"0815x\"}"', r'sent "{\"pin\": •••}"'),
        ("the code is k-4711-z, key: is pressed", "the code is •••, key: is pressed"),
        ('{"pin": "0815x"', '{"pin": "0815x"'),
    ],
)
def test_what_a_thread_masks_a_log_masks(line: str, shown: str) -> None:
    """JSON at a line's end, and what was masked of the data of the start wherever it stands; other words stay."""
    sent = '{"token": "k-4711-z"}'
    text = clean_log(f"{line}\n{line}\n".encode(), is_cut=False, secrets=(), sent=sent, phone_digits=15)
    assert text == f"{shown}\n{shown}\n"


def test_one_secret_of_many_is_found() -> None:
    """Of tens of thousands of known secrets those that are there are hidden, at the very end of the log, too."""
    urls = [f"https://h/request/C0FFEE{number:010X}/BEEF{number:012X}" for number in range(10_000)]
    known = tuple(part for url in urls for part in url_and_secrets(url))
    text = f"a line with C0FFEE{9_999:010X}\nand beef{7:012x}"
    assert cleaned(text, secrets=known) == "a line with [hidden]\nand [hidden]"
