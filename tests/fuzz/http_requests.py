"""Requests as nobody should send them: bytes that are no HTTP, and HTTP whose parts belong to nothing."""

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st

Sign = Callable[[bytes], Mapping[str, str]]
"""Return the headers that prove who sent a body."""


@dataclass(frozen=True)
class End:
    """A port that speaks HTTP, the targets that it knows, and the names that it reads in bodies."""

    name: str
    port: int
    targets: Sequence[str]
    sign: Sign = lambda _: {}
    words: Sequence[str] = ()
    tls: bool = False
    may_be_away: Sequence[str] = ()
    """The targets that answer 503 on purpose."""


@dataclass(frozen=True)
class Sent:
    """Bytes for an end; one that `is_whole` is answered, whatever it holds."""

    end: End = field(repr=False)
    raw: bytes = field(repr=False)
    is_whole: bool


_DEEP: Final = 60_000
_BODIES: Final = (
    b"", b"null", b"[]", b"{}", b'"x"', b"0", b"NaN", b"-Infinity", b"1e400", b"9" * 5_000, b"{", b'{"a":',
    b"[" * _DEEP, b'{"a":' * _DEEP, b"[" * 900 + b"]" * 900, b"\xff\xfe", b"\xef\xbb\xbf{}", b"\x00", b'"\\ud800"',
    b'{"\\ud800": "\\udfff"}',
    b'{"\\u0000": "\\u0000"}', b"a=1&a=2&&=&%", b"payload={", b"payload=%ff", b"payload=" + b"%5B" * 9_000,
    b"payload=null", b"payload=%7B%22type%22%3A7%7D", b"&" * 2_000, b"=" * 2_000, b"%", b"%zz=%f", b"x" * 70_000,
    b"--b\r\n\r\n", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", b"--b", b"--b--",
    b'--b\r\nContent-Disposition: form-data; name="x"; filename="\xff"\r\nContent-Type: /\r\n\r\nx\r\n--b--\r\n',
    b'--b\r\nContent-Disposition: form-data; name="x"\r\nContent-Transfer-Encoding: base64\r\n\r\n=\r\n--b--\r\n',
    b'--b\r\nContent-Disposition: form-data; name="x"\r\nContent-Type: text/plain; charset=nope\r\n\r\nx\r\n--b--\r\n',
)  # fmt: skip
_TYPES: Final = (
    "application/json", "application/json", "application/x-www-form-urlencoded", "text/plain", "", "/", ";", "\xff",
    "multipart/form-data", "multipart/form-data; boundary=b", "multipart/form-data; boundary=",
    "multipart/mixed; boundary=b", "application/json; charset=nope", "application/x-www-form-urlencoded; charset=nope",
    "application/x-www-form-urlencoded; charset=utf-16", "application/json; charset=\x01", "a" * 5_000,
)  # fmt: skip
_METHODS: Final = (
    "POST",
    "POST",
    "POST",
    "GET",
    "HEAD",
    "PUT",
    "OPTIONS",
    "TRACE",
    "DELETE",
    "post",
    "X-\xe9",
    "M" * 80,
)
_SUFFIXES: Final = (
    "", "", "", "", "/", "?", "?a=%ff", "?%00=\xff", "?a=" + "9" * 4_400, "/..", "/%2e%2e/", "%00", "%ff", "/\xff",
    "#", ";", "?as=%ED%A0%80", "?count=-1&offset=9999999999999999999", "//", "?" + "&" * 3_000, "?cmd=%0a", "\\",
    "?token=",
)  # fmt: skip
_TARGETS: Final = (
    "/",
    "*",
    "//",
    "/%",
    "http://h/",
    "http://[::1",
    "h:1",
    "/\xff",
    "/" + "a" * 9_000,
    "/?",
    "?",
    "/" * 300,
)
_HEADERS: Final = (
    "Expect: 100-continue", "Expect: x", "Content-Encoding: gzip", "Content-Encoding: \xff", "Upgrade: websocket",
    "Authorization: Bearer", "Authorization: Bearer \xff", "Authorization: Bearer a.b.c", "Authorization: Basic eA==",
    "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.", "Cookie: a=\xff; =; b", "Range: bytes=-", "Range: bytes=9-1",
    "If-Modified-Since: \xff", "If-Range: x", "Accept-Encoding: \xff", "X-Slack-Signature: \xff", "Origin: \xff",
    "X-Slack-Request-Timestamp: 9" + "9" * 400, "X-Session-Bot-Time: \xb2", "X-Session-Bot-Signature: \xff",
    "X-Forwarded-For: x", "Host: \xff", "Host: a:b:c", "Host:", "Connection: Upgrade", "Date: x", "X-: y", "Te: x",
    "X-Request-Id: \x7f", "Sec-WebSocket-Version: 99", "Sec-WebSocket-Key: x", "Transfer-Encoding: identity",
)  # fmt: skip
_TEXTS: Final = st.sampled_from(
    [
        "",
        "x",
        "\x00",
        "\u2028",
        "\ud800",
        "<!channel>",
        "{}",
        "[",
        "1",
        "-1",
        "1e9",
        "true",
        "null",
        "U1",
        "C1",
        "9" * 4_400,
    ]
) | st.text(max_size=6)
_FRAMINGS: Final = (
    *["right"] * 20, *["chunked"] * 5, "none", "short", "long", "huge", "negative", "odd",
    "both", "broken chunks", "huge chunk", "trailers",
)  # fmt: skip
_WHOLE: Final = {"right", "chunked"}


@functools.cache
def _documents(words: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Return JSON of any shape, under the names that an end reads."""
    leaves = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | _TEXTS
    names = st.sampled_from(list(words) or ["a"]) | _TEXTS
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6),
        max_leaves=8,
    )


def _written(document: Any) -> bytes:
    return json.dumps(document).encode()


def _form(fields: Mapping[str, Any]) -> bytes:
    parts = (
        f"{name}={each if isinstance(each, str) else json.dumps(each)}".replace(" ", "+")
        for name, each in fields.items()
    )
    return "&".join(parts).encode("utf-8", "surrogatepass")


@functools.cache
def _bodies(words: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    documents = _documents(words)
    named = st.dictionaries(st.sampled_from(list(words) or ["a"]), documents, min_size=1, max_size=8)
    return st.one_of(st.sampled_from(_BODIES), st.binary(max_size=60), *[named.map(_written), named.map(_form)] * 2)


@st.composite
def sent(draw: st.DrawFn, ends: Sequence[End]) -> Sent:
    """Draw an end, and what is sent to it: noise, or a request that may be framed wrongly, and cut or bent then."""
    end = draw(st.sampled_from(list(ends)))
    if draw(st.integers(0, 9)) == 0:
        return Sent(end, draw(st.binary(min_size=1, max_size=200)) + b"\r\n\r\n", is_whole=False)
    body = draw(_bodies(tuple(end.words)))
    framing = draw(st.sampled_from(_FRAMINGS))
    method = draw(st.sampled_from(_METHODS))
    target = draw(st.sampled_from([*end.targets] * 4 + [*_TARGETS]))
    target += draw(st.sampled_from(_SUFFIXES))
    lines = [f"{method} {target} HTTP/1.{draw(st.sampled_from('1110'))}", "Connection: close"]
    extra = draw(st.lists(st.sampled_from(_HEADERS), max_size=2)) if draw(st.booleans()) else []
    lines += extra
    if not any(each.startswith("Host:") for each in extra) and draw(st.integers(0, 9)):
        lines.append(f"Host: 127.0.0.1:{end.port}")
    lines.append(f"Content-Type: {draw(st.sampled_from(_TYPES))}")
    if draw(st.integers(0, 4)):
        lines += [f"{name}: {value}" for name, value in end.sign(body).items()]
    head = "\r\n".join([*lines, *_framed(framing, len(body))]).encode("latin-1", "replace") + b"\r\n\r\n"
    raw = head + _packed(framing, body)
    if draw(st.integers(0, 9)) == 0:
        return Sent(end, _bent(draw, raw), is_whole=False)
    return Sent(end, raw, is_whole=framing in _WHOLE and not extra)


def _framed(framing: str, length: int) -> list[str]:
    lengths = {"right": length, "short": max(length - 1, 0), "long": length + 5, "huge": "9" * 30, "negative": -1}
    lengths |= {"odd": "1x", "both": length}
    chunked = framing in {"chunked", "both", "broken chunks", "huge chunk", "trailers"}
    found = [f"Content-Length: {lengths[framing]}"] if framing in lengths else []
    return found + (["Transfer-Encoding: chunked"] if chunked else [])


def _packed(framing: str, body: bytes) -> bytes:
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n" if body else b""
    return {
        "chunked": chunk + b"0\r\n\r\n",
        "both": chunk + b"0\r\n\r\n",
        "broken chunks": b"zz\r\n" + body,
        "huge chunk": b"f" * 20 + b"\r\n" + body,
        "trailers": chunk + b"0\r\nX: \xff\r\nno colon\r\n\r\n",
    }.get(framing, body)


def _bent(draw: st.DrawFn, raw: bytes) -> bytes:
    """Return the bytes without their end, or with others in their midst."""
    at = draw(st.integers(0, len(raw)))
    return (
        raw[:at]
        + draw(st.sampled_from([b"", b"\x00", b"\r\n", b"\r", b"\xff", b" ", b"\r\n\r\n", b"GET / HTTP/1.1"]))
        + (raw[at:] if draw(st.booleans()) else b"")
    )
