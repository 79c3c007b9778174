"""Canaries: every secret of a world, looked for wherever that world's bot could have left one.

Each world of the suite is searched when it ends, so that the very test falls that leaked. What is reported is the
kind of the secret and the place, never the secret.
"""

import base64
import functools
import json
import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from prometheus_client import generate_latest

from bot.life.app import Bot
from bot.process import Redactor
from bot.process._redaction import QuietLibraries, RedactingFormatter
from bot.sandbox.slack import LocalSlack
from bot.sandbox.voximplant import Platform

OURS: Final = ("bot", "storage")
HOLDS_SECRETS: Final = re.compile(r"service-account.*\.json|.*\.key|.*\.pem|.*\.env")
"""Files that are there to hold a secret: the account's key, the sealing key, an environment."""

_SHORTEST: Final = 12
_PATH: Final = re.compile(r"/request/([\w.-]+)/([\w-]+)")
_IN_ENVIRONMENT: Final = (
    "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "VOXIMPLANT_API_KEY",
    "SESSION_BOT_SECRET_KEY", "SESSION_BOT_ANNOUNCE_SECRET",
)  # fmt: skip


class Canaries:
    """Secrets by kind, in each spelling in which a text could hold them."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._kinds: dict[bytes, str] = {}
        for kind, secret in secrets.items():
            for spelling in _spellings(secret):
                self._kinds.setdefault(spelling, kind)

    def __repr__(self) -> str:
        return f"<Canaries of {len(self._kinds)} spellings>"

    def found(self, place: str, content: bytes) -> list[str]:
        """Return the kinds of the secrets in this content, each with its place.

        Bytes of zero, of which a database mostly consists, are left out: they could only hide a secret.
        """
        written = content.translate(None, b"\0")
        return sorted({f"{kind} in {place}" for spelling, kind in self._kinds.items() if spelling in written})


@functools.cache
def _spellings(secret: str) -> tuple[bytes, ...]:
    """Return them, made once of what all worlds of a process have, such as the account's key."""
    # In base64 a text begins at any of three bytes, and its first and last letters vary.
    coded = [base64.b64encode(b"\0" * shift + secret.encode())[4 if shift else 0 : -4] for shift in range(3)]
    return (secret.encode(), quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode(), *coded)


def secrets_of(platform: Platform, slack: LocalSlack, environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return every secret of a world, by its kind."""
    account = platform.account
    key = str(account.service_account()["private_key"])
    found = {
        "the bot token": slack.bot_token,
        "the app token": slack.app_token,
        "the signing secret": slack.signing_secret,
        "the API key": account.api_key,
        "a token of the service account": f'"kid":"{account.key_id}',  # in its head, in base64,
        **{f"line {n} of the private key": line for n, line in enumerate(key.splitlines()) if line[:1] != "-"},
        **{f"the response_url {n}": each for n, each in enumerate(slack._response_urls._issued)},
        **{f"the socket's ticket {n}": each for n, each in enumerate(slack._sockets._tickets)},
        **{f"the application's secret {each.name}": each.value for each in account.secrets.values()},
    }
    rows = (row.value for each in account.applications for row in account.key_values(each)._items.values())
    for n, (middle, last) in enumerate(_PATH.findall("\n".join([*platform._engine._by_path, *rows])), 1):
        found |= {f"URL {n} of a session, its first part": middle.split(".")[0]}
        found |= {f"URL {n} of a session, its last part": last}
    for name in _IN_ENVIRONMENT:
        found |= {f"{name} {n}": each for n, each in enumerate(environ.get(name, "").split(","))}
    if password := urlsplit(environ.get("SESSION_BOT_PROXY", "")).password:
        found["the proxy's password"] = password
    if password := urlsplit(environ.get("SESSION_BOT_DATABASE", "")).password:
        found["the database's password"] = password
    for file in folder.glob("*.key"):
        if file.is_file():
            found[f"the sealing key of {file.name}"] = file.read_text(errors="replace").strip()
    return {kind: each for kind, each in found.items() if len(each) >= _SHORTEST}


class KeptLog(logging.Handler):
    """Every record of our own at DEBUG as a bare text, and others' as `session-bot run` would write them.

    Of our own modules none may need the redactor; it is there for libraries, and for what nobody thought of.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._bare = logging.Formatter("%(name)s: %(message)s")
        self._written = RedactingFormatter(Redactor())
        self._quiet = QuietLibraries()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record's text, with its traceback."""
        if record.name.partition(".")[0] in OURS:
            traceback, record.exc_text = record.exc_text, None
            self.lines.append(self._bare.format(record))
            record.exc_text = traceback
        elif self._quiet.filter(record):
            self.lines.append(self._written.format(record))


Place = tuple[str, bytes]


def shown(bot: Bot | None) -> Iterator[Place]:
    """Yield what a running bot shows of itself: its metrics, and the `repr` of each of its parts."""
    if bot is not None:
        yield "the metrics", generate_latest(bot._metrics.registry)
        for name, part in vars(bot).items():
            yield f"repr of {name}", f"{part!r} {_parts(part)}".encode()


def _parts(whole: object) -> str:
    ours = type(whole).__module__.partition(".")[0] in OURS and hasattr(whole, "__dict__")
    return repr(list(vars(whole).values())) if ours else ""


def sent_to_slack(slack: LocalSlack) -> Iterator[Place]:
    """Yield what Slack was told, calls that it refused included; a trigger is given back to open a form."""
    for call in slack.calls:
        arguments: dict[str, Any] = {name: each for name, each in call.arguments.items() if name != "trigger_id"}
        yield f"{call.method} to Slack", json.dumps(arguments, ensure_ascii=False, default=str).encode()


def on_disk(folder: Path) -> Iterator[Place]:
    """Yield each file that was written, the raw database and its -wal among them."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and not HOLDS_SECRETS.fullmatch(path.name):
            yield str(path.relative_to(folder)), path.read_bytes()


def search(canaries: Canaries, *places: Iterator[Place]) -> list[str]:
    """Return each kind of secret that was found, with its place; where there is none, all is read at once."""
    everywhere = [each for some in places for each in some]
    if not canaries.found("", b"\n".join(content for _, content in everywhere)):
        return []
    return [leak for place, content in everywhere for leak in canaries.found(place, content)]
