import copy
import dataclasses
import pickle
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.voximplant._session_url import AccessUrls, NotASessionUrl, SessionUrl

PATH = "/request/AF30CCA6.1580999958.1204800_185.164.149.16/90AB5D84"


@pytest.mark.parametrize(
    ("text", "secure", "host", "port"),
    [
        (f"https://1.2.3.4:12092{PATH}", True, "1.2.3.4", 12092),
        (f"http://185.164.150.18:12092{PATH}", False, "185.164.150.18", 12092),
        (f"https://www-ru-52-18.voximplant.com:12093{PATH}", True, "www-ru-52-18.voximplant.com", 12093),
        (f"https://WWW.Voximplant.COM{PATH}", True, "www.voximplant.com", 443),
        (f"http://[2001:4860:4860::8888]{PATH}?a=b", False, "2001:4860:4860::8888", 80),
        ("https://1.2.3.4:12093/request?id=AF30.1&token=90AB", True, "1.2.3.4", 12093),
    ],
)
def test_a_session_url_is_taken_apart(text: str, secure: Any, host: str, port: int) -> None:
    """The captured forms are accepted and give their scheme, host and port; the text stays as it was."""
    url = SessionUrl(text)
    assert (url.secure, url.host, url.port, url.reveal()) == (secure, host, port, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://1.2.3.4" + PATH,
        "HTTPS://1.2.3.4" + PATH,
        "https:/1.2.3.4" + PATH,
        "//1.2.3.4" + PATH,
        "https://" + PATH,
        "https://user@1.2.3.4" + PATH,
        "https://user:pw@1.2.3.4" + PATH,
        "https://@1.2.3.4" + PATH,
        "https://www.voximplant.com@evil.example" + PATH,
        "https://evil.example\\@www.voximplant.com" + PATH,
        "https://evil.example#www.voximplant.com" + PATH,
        "https://evil.example?www.voximplant.com" + PATH,
        "https://1.2.3.4:0" + PATH,
        "https://1.2.3.4:65536" + PATH,
        "https://1.2.3.4:" + PATH,
        "https://1.2.3.4:12x" + PATH,
        "https://2130706433" + PATH,
        "https://0x7f000001" + PATH,
        "https://0x7f.1" + PATH,
        "https://127.1" + PATH,
        "https://0177.0.0.1" + PATH,
        "https://1.2.3.4." + PATH,
        "https://1.2.3.256" + PATH,
        "https://[::1" + PATH,
        "https://[1.2.3.4]" + PATH,
        "https://[::1%25eth0]" + PATH,
        "https://[::1]x:1" + PATH,
        "https://www..voximplant.com" + PATH,
        "https://www.voximplant.com." + PATH,
        "https://-www.voximplant.com" + PATH,
        "https://w\uff57w.voximplant.com" + PATH,
        "https://\uff11.2.3.4" + PATH,
        "https://1.2.3.4",
        "https://1.2.3.4/",
        "https://1.2.3.4/request",
        "https://1.2.3.4/request/",
        "https://1.2.3.4/request?",
        "https://1.2.3.4/request?id=%41",
        "https://1.2.3.4/requests/a",
        "https://1.2.3.4/x/request/a",
        "https://1.2.3.4/request/../admin",
        "https://1.2.3.4/request/./a",
        "https://1.2.3.4/request/..?a",
        "https://1.2.3.4/request/a/..",
        "https://1.2.3.4/request/%2e%2e/admin",
        "https://1.2.3.4/request//a",
        "https://1.2.3.4/request/a#b",
        "https://1.2.3.4/request/a b",
        "https://1.2.3.4/request/a\nb",
        "https://1.2.3.4/request/a\n",
        " https://1.2.3.4/request/a",
        "https://1.2.3.4/request/" + "a" * 3000,
    ],
)
def test_anything_else_is_refused_without_being_shown(text: str) -> None:
    """Odd hosts, user info, odd paths and odd characters are refused, and nothing of the text is shown."""
    with pytest.raises(NotASessionUrl) as caught:
        SessionUrl(text)
    assert "1.2.3.4" not in repr(caught.value) + caught.value.sentence
    assert "AF30" not in repr(caught.value)
    assert caught.value.__context__ is None


def test_a_session_url_hides() -> None:
    """No way of printing, copying or storing shows the URL; only `reveal` does."""
    url = SessionUrl("https://1.2.3.4" + PATH)
    urls = AccessUrls(secure=url, plain=None)
    shown = [repr(url), str(url), f"{url}", f"{url!r}", "%s" % url, repr(urls), repr([url]), f"{url:}"]  # noqa: UP031 - the old way of printing too
    assert all("AF30" not in text for text in shown)
    assert not hasattr(url, "__dict__")
    for store in (pickle.dumps, copy.deepcopy, dataclasses.asdict):
        with pytest.raises(TypeError, match="not written down"):
            store(urls)


def test_session_urls_compare_by_what_they_hold() -> None:
    """Two of the same text are equal, and nothing equals its own text."""
    text = "https://1.2.3.4" + PATH
    assert SessionUrl(text) == SessionUrl(text)
    assert len({SessionUrl(text), SessionUrl(text)}) == 1
    assert SessionUrl(text) != text
    assert SessionUrl(text) != SessionUrl(text + "0")


def test_access_urls_keep_their_places() -> None:
    """An http URL is never taken for the secure one, nor the other way round."""
    secure, plain = SessionUrl("https://1.2.3.4" + PATH), SessionUrl("http://1.2.3.4" + PATH)
    AccessUrls(secure, plain)
    for wrong in ((plain, None), (None, secure)):
        with pytest.raises(NotASessionUrl):
            AccessUrls(*wrong)


segments = st.text("ABCDEFabcdef0123456789._~!$&()*+,;=:-", min_size=1, max_size=20)


@given(st.lists(segments, min_size=1, max_size=3), st.sampled_from(["", "?a=1;b:c/d?e", "?"]))
def test_what_is_accepted_goes_out_unchanged(path: list[str], query: str) -> None:
    """The HTTP client sends the path of an accepted URL to the very byte, without tidying it."""
    target = "/request/" + "/".join(path) + query
    try:
        url = SessionUrl("https://1.2.3.4:12093" + target)
    except NotASessionUrl:
        assert {".", ".."} & set(path)
        return
    assert httpx.URL(url.reveal()).raw_path.decode() == target
