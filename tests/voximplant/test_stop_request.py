import pytest

from bot.voximplant._stop_request import FORM, JSON, TEXT, StopRequest, content_type_of, is_json


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        ('{"command": "stop"}', JSON),
        (" [1, 2]\n", JSON),
        ('{"command": "stop"', TEXT),
        ("{“a”: 1}", TEXT),
        ('{"a": NaN}', TEXT),
        ("0", TEXT),
        ("true", TEXT),
        ('"stop"', TEXT),
        ("command=disconnect", FORM),
        ("command=disconnect&now=1&why=", FORM),
        ("a=b c", TEXT),
        ("please stop = now", TEXT),
        ("=", TEXT),
        ("", TEXT),
        ("The operator has asked for the end of this call.", TEXT),
    ],
)
def test_the_type_is_that_of_the_look(text: str, content_type: str) -> None:
    """An object or array is JSON, pairs are a form, and all else is text; a single number or word is meant as text."""
    assert content_type_of(text) == content_type


def test_json_is_strict_and_of_any_depth() -> None:
    """A scalar is JSON too, NaN is none, and what is nested beyond all reason is refused without a crash."""
    assert is_json("0")
    assert not is_json("NaN")
    assert not is_json("[" * 100_000)


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/stop", "/v1/stop/", "?action=stop", "?stop", "/stop?a=1&b=2", "/a.b/c", "/.well-known", "?a=b/c",
        "?text=please%20stop", "/~ops", "?x=1?y",
    ],
)  # fmt: skip
def test_a_path_of_plain_letters_is_taken(path: str) -> None:
    """A suffix, a query, or both."""
    assert StopRequest(body=b"", content_type=TEXT, path=path).path == path


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("stop", "begin with /"),
        ("#x", "begin with /"),
        ("@evil.example/", "begin with /"),
        (":8080/", "begin with /"),
        (".evil.example/", "begin with /"),
        ("\\evil", "begin with /"),
        ("http://evil.example/", "begin with /"),
        ("//evil.example", "no //"),
        ("/a//b", "no //"),
        ("/../admin", "no .."),
        ("/a/..", "no .."),
        ("/a/./b", "single ."),
        ("/.", "single ."),
        ("?next=//evil.example", "no //"),
        ("/%2e%2e/admin", "may hold"),
        ("/a%2fb", "may hold"),
        ("/a@b", "may hold"),
        ("/a#b", "may hold"),
        ("?a#b", "may hold"),
        ("/a\\b", "may hold"),
        ("/a b", "may hold"),
        ("/ä", "may hold"),
        ("?a=%zz", "may hold"),
        ("?a=%2", "may hold"),
        ("?", "may hold"),
        ("/a\r\nX-Evil: 1", "control character"),
        ("/a\tb", "control character"),
        ("/a\x00", "control character"),
        ("/a\u2028b", "control character"),
        ("?a=%0d%0aX-Evil:1", "control character"),
        ("?a=%7F", "control character"),
        (f"/{'a' * 500}", "at most 500"),
    ],
)
def test_a_path_that_could_lead_elsewhere_is_refused(path: str, says: str) -> None:
    """No path changes the host, leaves the session's path, ends the URL early, or begins a line of the request."""
    with pytest.raises(ValueError, match=says) as caught:
        StopRequest(body=b"", content_type=TEXT, path=path)
    assert "\n" not in str(caught.value)
