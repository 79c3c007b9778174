"""Headers of any text, and paths behind any session's URL."""

from urllib.parse import unquote, urlsplit

from hypothesis import example, given
from hypothesis import strategies as st

from bot.process import HIDDEN
from bot.voximplant._access_url import SessionUrl
from bot.voximplant._session_headers import stop_headers
from bot.voximplant._stop_request import path_problem

HOST = "www-ru-1-2.voximplant.com:12092"
OWN = st.sampled_from(
    [
        "/request/AF30C0FFEE42CCA6.1580999958.1204800_1.2.3.4/90AB12CD34EF5D84",
        "/request/AF30C0FFEE42CCA6/90AB12CD34EF5D84/",
        "/request?id=AF30C0FFEE42CCA6&token=90AB12CD34EF5D84",
        "/request/?id=AF30C0FFEE42CCA6",
        "/request/AF30C0FFEE42CCA6/90AB12CD34EF5D84?",
    ]
)
PATHS = st.one_of(
    st.text(alphabet="ab./?%#@:&=\\ \r\n0dAä+;~", max_size=12).map(lambda text: f"/{text}"),
    st.text(alphabet="ab./?%#@:&=\\ \r\n0dAä+;~", max_size=12).map(lambda text: f"?{text}"),
    st.text(max_size=12),
)


@given(by=st.text(min_size=1), reason=st.none() | st.text())
@example(by="U1 (Zoë ☎️)", reason="line\r\nX-Evil: 1\r\n\r\nbody")
@example(by="U1", reason="😀" * 5_000)
@example(by="\ud800", reason="\udfff half")
def test_no_text_breaks_a_header(by: str, reason: str | None) -> None:
    """Headers are ASCII without spaces, of bounded length, and decode to the beginning of what was typed."""
    headers = stop_headers("r-1", by, reason)
    assert (headers["X-Session-Bot"], headers["X-Request-Id"]) == ("stop", "r-1")
    for value in headers.values():
        assert value.isascii()
        assert value.isprintable()
        assert " " not in value
        assert len(value) <= 300 * 12
    assert unquote(headers["X-Session-Bot-By"]) == by[:120].encode("utf-8", "replace").decode()
    assert ("X-Session-Bot-Reason" in headers) == bool(reason)
    if reason and "/request" not in reason:
        assert unquote(headers["X-Session-Bot-Reason"]) == reason[:300].encode("utf-8", "replace").decode()


def test_a_session_url_in_a_reason_is_no_header() -> None:
    """A reason that names another session's URL does not hand it to the scenario."""
    headers = stop_headers("r", "U1", f"see https://{HOST}/request/AF30C0FFEE42CCA6/90AB12CD34EF5D84")
    assert unquote(headers["X-Session-Bot-Reason"]).endswith(HIDDEN)


@given(own=OWN, path=PATHS)
def test_no_path_leaves_the_sessions_url(own: str, path: str) -> None:
    """Whatever path is accepted, the host, the session's own path and its own query stay, and nothing is a fragment."""
    if path_problem(path) is not None:
        return
    before, after = urlsplit(f"https://{HOST}{own}"), urlsplit(SessionUrl(f"https://{HOST}{own}").reveal_at(path))
    assert (after.scheme, after.netloc, after.fragment) == ("https", HOST, "")
    assert f"{after.path}/".startswith(f"{before.path.rstrip('/')}/")
    assert after.query.startswith(before.query)
    assert not {"", ".", ".."} & set(after.path.split("/")[1:-1])
    whole = f"{after.path}?{after.query}"
    assert whole.isascii()
    assert whole.isprintable()
    assert not set(" @#\\") & set(whole)


@given(own=OWN)
def test_without_a_path_the_url_is_as_it_was(own: str) -> None:
    """A rule without a path of its own changes no letter of the URL."""
    assert SessionUrl(f"https://{HOST}{own}").reveal_at("") == f"https://{HOST}{own}"
