"""Hiding what is known, however it is written."""

import base64
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text._known_secrets import hide_secrets, secret_parts

FIRST, LAST = "AF30C0FFEE42CCA6", "90AB12CD34EF5D84"
URL = f"https://www-ru-52-18.voximplant.com:12093/request/{FIRST}.1580999958.1204800_185.164.149.16/{LAST}"
OLDER = f"https://1.2.3.4:12093/request?id={FIRST}.1580999958.1204800_185.164.149.16&token={LAST}"
WAYS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "small letters": str.lower,
    "backslashes": lambda url: url.replace("/", "\\"),
    "spaces": " ".join,
    "dashes in JSON": lambda url: json.dumps({"u": "-".join(url)}),
    "lines": "\n".join,
    "unseen marks": "\u200b\u2060\xad".join,
    "parts in a list": lambda url: json.dumps(url.split("/")),
    "halves under names": lambda url: json.dumps({f"part {at}": url[at : at + 11] for at in range(0, len(url), 11)}),
    "UTF-16": lambda url: url.encode("utf-16").decode("utf-8", "replace"),
    "UTF-32": lambda url: url.encode("utf-32-be").decode("utf-8", "replace"),
    "wide letters": lambda url: "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in url),
    "percent": lambda url: "".join(f"%{ord(c):02x}" for c in url),
    "percent twice": lambda url: "".join(f"%25{ord(c):02X}" for c in url),
    "JSON escapes": lambda url: "".join(f"\\u{ord(c):04x}" for c in url),
    "JSON escapes in JSON": lambda url: json.dumps("".join(f"\\u{ord(c):04x}" for c in url)),
    "bytes": lambda url: "".join(f"\\x{ord(c):02x}" for c in url),
    "HTML": lambda url: "".join(f"&#{ord(c)};" for c in url),
    "HTML, hexadecimal": lambda url: "".join(f"&#x{ord(c):x};" for c in url),
    "base64": lambda url: base64.b64encode(url.encode()).decode(),
    "base64 for URLs": lambda url: base64.urlsafe_b64encode(url.encode()).decode().rstrip("="),
    "hexadecimal": lambda url: url.encode().hex(),
    "hexadecimal, apart": lambda url: url.encode().hex(" ").upper(),
    "base64 behind other letters": lambda url: f"a{base64.b64encode(url.encode()).decode()}",
    "base64 of base64": lambda url: base64.b64encode(base64.b64encode(url.encode())).decode(),
    "numbers in a list": lambda url: json.dumps(list(url.encode())),
    "numbers of a buffer": lambda url: json.dumps({"type": "Buffer", "data": list(url.encode())}),
    "hexadecimal numbers": lambda url: ", ".join(f"0x{ord(c):02x}" for c in url),
    "octal numbers": lambda url: "".join(f"\\{ord(c):03o}" for c in url),
    "quoted-printable": lambda url: "".join(f"={ord(c):02X}" for c in url),
    "letters under names": lambda url: json.dumps(dict(enumerate(url))),
    "pieces under names": lambda url: json.dumps({f"part {at}": url[at : at + 6] for at in range(0, len(url), 6)}),
    "numbered lines": lambda url: "\n".join(f"{at}: {url[at : at + 5]}" for at in range(0, len(url), 5)),
    "backwards": lambda url: url[::-1],
}


@pytest.mark.parametrize("url", [URL, OLDER], ids=["in the path", "in the query"])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_known_url_is_hidden_however_it_is_written(way: Callable[[str], str], url: str) -> None:
    """Spaced, split, escaped or encoded: of the parts that act nothing is left, and what is around them stays."""
    shown = hide_secrets(f"before '{way(url)}' after", secret_parts(url))
    assert shown.startswith("before '")
    assert shown.endswith("' after")
    assert "[hidden]" in shown
    for secret in (FIRST, LAST):
        assert way(secret) not in shown
        assert way(secret[4:12]).strip("=") not in shown


@given(st.text(), st.text())
def test_what_is_around_it_stays(before: str, after: str) -> None:
    """Other text is not touched, whatever it is."""
    assert hide_secrets(before, secret_parts(URL)) == before or "[hidden]" in hide_secrets(before, secret_parts(URL))
    shown = hide_secrets(f"{before} {LAST} {after}", secret_parts(URL))
    assert LAST not in shown


@pytest.mark.parametrize("text", ["", "1580999958", "185.164.149.16", "AF30 is the flight", "a" * 5_000, "90AB12C"])
def test_ordinary_text_stays(text: str) -> None:
    """The moment and the address in a URL, and a few letters of it, stand in many texts."""
    assert hide_secrets(text, secret_parts(URL)) == text


def test_nothing_is_hidden_where_nothing_is_known() -> None:
    """Without secrets the text stays."""
    assert hide_secrets(URL, []) == URL
