"""The search for canaries itself: a leak of each kind, planted where each kind of place is, is found."""

import base64
import json
import logging
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.voximplant._credentials import load_credentials
from tests.canaries import Canaries, KeptLog, on_disk, search, secrets_of, sent_to_slack
from tests.conversations.conftest import MakeWorld, World, leaks


async def test_every_kind_of_secret_is_found_in_every_kind_of_place(make_world: MakeWorld, kept_log: KeptLog) -> None:
    """Each secret of a world is seen in a file, in what Slack was sent, in the log and in what a part shows."""
    async with make_world(environ={"SESSION_BOT_ANNOUNCE_SECRET": "canary-announce-secret"}) as world:
        await world.started()
        world.environ["SESSION_BOT_PROXY"] = "http://bot:canary-password@127.0.0.1:3128"
        secrets = secrets_of(world.platform, world.slack, world.environ, world.folder)
        kinds = (
            "bot token",
            "signing",
            "API key",
            "private key",
            "response_url",
            "URL 1 of a session",
            "token of the service account",
            "sealing" if world.server is None else "database's password",
            "ANNOUNCE",
            "proxy's password",
        )
        assert all(any(kind in name for name in secrets) for kind in kinds)
        canaries = Canaries(secrets)
        headers, _ = load_credentials(Path(world.environ["VOXIMPLANT_CREDENTIALS"])).headers_and_form()
        assert canaries.found("a header", str(headers).encode()) == ["a token of the service account in a header"]
        for kind, secret in secrets.items():
            (world.folder / "planted").write_text(f"x{secret}x")
            assert any(each.endswith(" in planted") for each in search(canaries, on_disk(world.folder))), kind
            (world.folder / "planted").unlink()
            logging.getLogger("bot.planted").debug("x%sx", secret)
            assert leaks(world, kept_log, [])[-1].endswith(" in the log"), kind
            del kept_log.lines[-1]
            assert canaries.found("repr", f"<Part {secret}>".encode()), kind
            call = world.slack.calls[-1]
            call.arguments["planted"] = {"text": secret}
            assert search(canaries, sent_to_slack(world.slack)), kind
            del call.arguments["planted"]


async def test_a_traceback_of_ours_is_searched(world: World, kept_log: KeptLog) -> None:
    """A secret in an exception that is logged is found, and the report does not hold it."""
    error = ValueError(world.slack.bot_token)
    logging.getLogger("bot.planted").error("it went wrong", exc_info=error)
    (leak,) = leaks(world, kept_log, [])
    assert leak == "the bot token in the log"
    kept_log.lines.clear()


@pytest.mark.parametrize(
    "written",
    [
        lambda secret: quote(secret, safe=""),
        lambda secret: json.dumps({"a": secret}),
        lambda secret: base64.b64encode(b"ab" + secret.encode() + b"c").decode(),
        lambda secret: base64.b64encode(secret.encode()).decode(),
    ],
)
def test_other_spellings_are_found(written: Callable[[str], str]) -> None:
    """A secret is seen in an address, in JSON and in base64, at whichever byte it begins there."""
    canaries = Canaries({"the canary": "s3cret/with space+and more"})
    assert canaries.found("a text", written("s3cret/with space+and more").encode()) == ["the canary in a text"]
    assert canaries.found("a text", b"nothing of it") == []
