"""The URLs of sessions in what is typed on the page."""

from bot.sandbox import Certificates
from bot.sandbox.page._session_urls import PLACEHOLDER, with_session_urls
from bot.sandbox.voximplant import Platform


async def test_the_placeholder_of_a_session_sends_its_url() -> None:
    """The id behind it says which session is meant; without one that exists the placeholder stays."""
    async with Platform(Certificates()) as platform:
        (rule, *_) = platform.account.rules
        session = platform.start(rule)
        url = platform.started[session.history_id].access_secure_url
        meant = f"adopt {PLACEHOLDER} h{session.history_id}"
        assert with_session_urls(meant, platform) == f"adopt {url} h{session.history_id}"
        for other in (f"adopt {PLACEHOLDER} h1", f"adopt {PLACEHOLDER}", f"h{session.history_id} {PLACEHOLDER}"):
            assert with_session_urls(other, platform) == other
