import io
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult

from bot.cli._secrets import secrets
from bot.config._loading import load_settings
from bot.process._redaction import (
    QuietLibraries,
    RedactingFormatter,
    Redactor,
    install_logging,
    mask_in_place,
    scrub,
    without_urls,
)
from bot.slack.api._error_codes import LOCKED

PATH = "AF30B2C4D5E6F7A8.1580999958.1204800_185.164.149.16/90AB11CC22DD5D84"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nEFAASCBKcwggSjAgEAAoIBAQ\n-----END PRIVATE KEY-----\n"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl"


class Log(logging.Logger):
    """A logger that writes through the redactor into `stream`, and is nobody else's."""

    def __init__(self) -> None:
        super().__init__("bot.test", logging.DEBUG)
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(RedactingFormatter(Redactor(["s3cret/né key", PEM])))
        handler.addFilter(QuietLibraries())
        self.addHandler(handler)


@pytest.fixture
def log() -> Log:
    """Return a logger of the test's own."""
    return Log()


@pytest.fixture
def restored() -> Iterator[None]:
    """Leave the process's logging and hooks as they were."""
    root = logging.getLogger()
    names = ("aiohttp.access", "slack_bolt", "slack_sdk", "urllib3", "websockets")
    levels = {name: logging.getLogger(name).level for name in names}
    before = root.handlers[:], root.level, sys.excepthook, threading.excepthook
    yield
    handlers, level, sys.excepthook, threading.excepthook = before
    logging.captureWarnings(capture=False)
    root.setLevel(level)
    root.handlers[:] = handlers
    for name, its_level in levels.items():
        logging.getLogger(name).setLevel(its_level)


@pytest.mark.parametrize(
    "text",
    [
        f"https://1.2.3.4:12092/request/{PATH}",
        f"http://www-ru-52-18.voximplant.com/request/{PATH}?x=1",
        f"HTTPS://EXAMPLE.org:1/REQUEST/{PATH}",
        f"/request/{PATH}",
        f"yarl.URL('http://h/request/{PATH}')",
        '{"u": "' + f"https://1.2.3.4/request/{PATH}".replace("/", "\\/") + '"}',
        '"{\\"u\\": \\"' + f"https://1.2.3.4/request/{PATH}".replace("/", "\\\\/") + '\\"}"',
        f"url=https://h/request/{PATH}".replace(":", "%3A").replace("/", "%2F"),
        f"url=https://h/request/{PATH}".replace("/", "%252f"),
        f"https://h/request/{PATH}".replace("/", "\\u002f"),
        f"<a href='https:&#x2F;&#x2F;h&#x2F;request&#x2F;{PATH}'>".replace("/9", "&#x2F;9"),
        f"path segments: request, {PATH}",
        str(f"GET /request/{PATH} HTTP/1.1\r\n".encode()),
        f"https://1.2.3.4:12092/request?id={PATH.replace('/', '&token=')}",
        f"https://1.2.3.4:12092/request/?id={PATH.replace('/', '&token=')} and more",
        f"https://h/request?id={PATH.replace('/', '&token=')}".replace("?", "%3F").replace("=", "%3D"),
        '{"u": "' + f"https://h/request?id={PATH.replace('/', '&token=')}".replace("?", "\\u003f") + '"}',
    ],
)
def test_session_urls_are_hidden_in_every_spelling(text: str) -> None:
    """However a session URL is written, its path does not show."""
    shown = scrub(text)
    assert "[hidden]" in shown
    for part in ("AF30B2C4", "1580999958", "90AB11CC"):
        assert part not in shown


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("xoxb-12-34-AbC", "AbC"),
        ("token xoxe.xoxp-1-AbCd and xapp-1-A0-9-ffee", "AbCd"),
        ("xapp-1-A0-9-ffee", "ffee"),
        ("https://hooks.slack.com/commands/T1/22/AbCdEf", "AbCdEf"),
        ("https:\\/\\/hooks.slack.com\\/actions\\/T1\\/22\\/AbCdEf", "AbCdEf"),
        ("'response_url': 'http://127.0.0.1:81/response/AbCdEf'", "AbCdEf"),
        ("wss://wss-primary.slack.com/link/?ticket=AbCdEf&app_id=1", "AbCdEf"),
        ("wss:\\/\\/wss.slack.com\\/link\\/?ticket=AbCdEf", "AbCdEf"),
        ("connect ws://127.0.0.1:8000/AbCdEf", "AbCdEf"),
        ("Authorization: Bearer abc.DEF-123456", "DEF"),
        ("{'Authorization': 'Bearer abcDEF123456'}", "DEF"),
        ("(b'authorization', b'Basic abcDEF123456')", "DEF"),
        ("bearer abcDEF123456", "DEF"),
        (f"jwt {JWT}", "c2lnbm"),
        (PEM, "MIIE"),
        (repr(PEM), "MIIE"),
        (PEM[:60], "MIIE"),
        ("POST api_key=AbCdEf&account_id=1", "AbCdEf"),
        ("api_key%3DAbCdEf%26x", "AbCdEf"),
        ('{"api_key": "AbCdEf"}', "AbCdEf"),
        ('{\\"api_key\\": \\"AbCdEf\\"}', "AbCdEf"),
        ("client_secret='AbCdEf'", "AbCdEf"),
    ],
)
def test_tokens_and_keys_are_hidden(text: str, secret: str) -> None:
    """Everything that has the shape of a token, a key or a URL that acts is taken out."""
    assert secret not in scrub(text)
    assert "[hidden]" in scrub(text)


@pytest.mark.parametrize(
    "text",
    [
        "session #7 ended: Normal termination",
        "the request/response of rule 1770571",
        "did you see /request? I did",
        "GET https://h:1/x?count=3",
        "a token or two",
    ],
)
def test_ordinary_lines_stay(text: str) -> None:
    """What holds no secret is logged as it is."""
    assert Redactor(["s3cret/key"]).scrub(text) == text


@pytest.mark.parametrize("word", sorted(LOCKED))
@pytest.mark.parametrize(
    "line", ["the bot's token: {}", "SLACK_BOT_TOKEN={}", '"app_token": "{}"', "token = {}, again in 30 s"]
)
def test_what_slack_says_of_a_token_is_no_token(line: str, word: str) -> None:
    """The word with which Slack refuses a token is logged as it is; what only begins like it is hidden."""
    assert scrub(line.format(word)) == line.format(word)
    assert word not in scrub(line.format(f"{word}_7"))
    assert word not in scrub(line.format(f"{word}-x"))


def test_what_surrounds_a_secret_stays() -> None:
    """The host of a session URL and the data beside it stay, so that a log is of use."""
    assert scrub(f'{{"url":"https://1.2.3.4:12092/request/{PATH}","result":1}}') == (
        '{"url":"https://1.2.3.4:12092/request/[hidden]","result":1}'
    )


@pytest.mark.parametrize(
    "text", [f'{{"a": "https://h/request/{PATH}", "b": 1}}', f"x {JWT} y", '{"token": "abc", "b"', "key xoxb-1-2 z"]
)
def test_what_is_blotted_keeps_its_place(text: str) -> None:
    """A secret becomes as many dots, so that a caret under the text points to the same place."""
    shown = mask_in_place(text)
    assert len(shown) == len(text)
    assert "•" in shown
    assert all(after in {before, "•"} for before, after in zip(text, shown, strict=True))


def test_only_urls_are_taken_out_where_only_they_are_meant() -> None:
    """What may be kept of data stays, keys and all; the path of a session's URL does not."""
    assert without_urls(f'{{"token": "abc", "peer": "https://h/request/{PATH}"}}') == (
        '{"token": "abc", "peer": "https://h/request/[hidden]"}'
    )


def test_known_secrets_are_hidden_in_every_spelling() -> None:
    """A secret the process knows is hidden plain, percent-encoded, JSON-escaped and in a repr; short ones are not."""
    redactor = Redactor(["s3cret/né key", "abc", "", PEM])
    for spelling in (
        "s3cret/né key",
        "s3cret%2Fn%C3%A9%20key",
        "s3cret/n\\u00e9 key",
        "s3cret\\/n\\u00e9 key",
    ):
        assert redactor.scrub(f"<{spelling}>") == "<[hidden]>"
    assert redactor.scrub("abc") == "abc"
    assert "EFAASCBK" not in redactor.scrub("line 2: EFAASCBKcwggSjAgEAAoIBAQ")
    assert repr(redactor) == "<Redactor>"


def test_messages_arguments_and_bytes_are_scrubbed(log: Log) -> None:
    """A secret does not show, whether it is in the message, in an argument of any type, or in a dict."""
    log.info("message xoxb-1-AbC")
    log.debug("%s %r", "xoxb-1-AbC", b"xoxb-1-AbC")
    log.warning("%(token)s", {"token": "xoxb-1-AbC"})
    log.info("%s", [f"http://h/request/{PATH}", "s3cret/né key"])
    shown = log.stream.getvalue()
    assert "AbC" not in shown
    assert "AF30" not in shown
    assert "s3cret" not in shown
    assert shown.count("\n") == 4


def test_tracebacks_and_stacks_are_scrubbed(log: Log) -> None:
    """Exceptions, their causes and notes, and stack texts are logged whole, without the secrets in them."""
    try:
        try:
            raise ValueError("xoxb-1-AbC", f"http://h/request/{PATH}".encode())  # noqa: EM101, TRY301 - it is the point
        except ValueError as cause:
            cause.add_note(f"note\n{PEM}")
            message = "api_key=AbCdEf"
            raise RuntimeError(message) from cause
    except RuntimeError:
        log.exception("failed", stack_info=True)
    shown = log.stream.getvalue()
    assert "Traceback" in shown
    assert "ValueError" in shown
    assert "RuntimeError: api_key=[hidden]" in shown
    assert "Stack (most recent call last)" in shown
    for secret in ("AbC", "AF30", "MIIE"):
        assert secret not in shown.replace('xoxb-1-AbC"', "").replace('"api_key=AbCdEf"', "")


def test_no_other_handler_gets_the_bare_traceback(log: Log) -> None:
    """The formatted traceback is not left on the record, where another handler would take it unscrubbed."""
    seen: list[logging.LogRecord] = []

    class Other(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record)

    log.addHandler(Other())
    try:
        int("xoxb-1-AbC")
    except ValueError:
        log.exception("failed")
    assert seen[0].exc_text is None


def test_a_wrong_log_call_prints_no_arguments(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    """When arguments do not fit the message, the line says where, and nothing prints them bare."""
    log.info("%d", "xoxb-1-AbC")
    assert "TypeError in the log call at" in log.stream.getvalue()
    assert "AbC" not in log.stream.getvalue() + capsys.readouterr().err


def test_a_message_is_one_line(log: Log) -> None:
    """Nobody's text can begin a line of its own, or colour the terminal."""
    log.info("from outside: %s", "x\n2026-01-01T00:00:00Z CRITICAL bot: forged \x1b[31m\u202e")
    assert log.stream.getvalue().count("\n") == 1
    assert "\x1b" not in log.stream.getvalue()
    assert "\\u202e" in log.stream.getvalue()


def test_a_line_tells_when_what_and_where(log: Log) -> None:
    """A line begins with the UTC moment, the level and the logger's name."""
    record = log.makeRecord("bot.watch", logging.INFO, "watch.py", 1, "looked up %d sessions", (3,), None)
    record.created = 1769825640.123
    log.handle(record)
    assert log.stream.getvalue() == "2026-01-31T02:14:00.123Z INFO bot.watch: looked up 3 sessions\n"


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "ERROR"])
@pytest.mark.usefixtures("restored")
def test_libraries_print_no_payloads(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    """At any level, what HTTP and Slack libraries say below WARNING is not logged, and of the rest the beginning."""
    install_logging(level, Redactor())
    for name in ("slack_sdk.web", "slack_bolt.AsyncApp", "aiohttp.access"):  # httpx's are silent: tests/voximplant
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)  # Bolt gives its loggers the root's level
        logger.info("payload A")
        logger.error("Unhandled request %s", "payload B" * 100)
        logger.setLevel(logging.NOTSET)
    shown = capsys.readouterr().err
    assert "payload A" not in shown
    assert shown.count("Unhandled request") == 3
    assert max(map(len, shown.splitlines())) < 310


@pytest.mark.usefixtures("restored")
def test_bolt_is_known_by_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Bolt's logger that is named after the app is quiet as well."""
    install_logging("DEBUG", Redactor())
    logger = logging.getLogger("session-bot:AsyncApp")
    path = "/lib/slack_bolt/app/async_app.py"
    logger.handle(logger.makeRecord(logger.name, logging.DEBUG, path, 1, "payload", (), None))
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("restored")
def test_install_is_the_only_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Installing twice leaves one handler on stderr, at the level asked for, and warnings go through it."""
    install_logging("INFO", Redactor())
    install_logging("INFO", Redactor(["s3cret key"]))
    logging.getLogger("bot.x").debug("no")
    logging.getLogger("bot.x").info("yes s3cret key")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("INFO bot.x: yes [hidden]\n")
    assert captured.err.count("\n") == 1


@pytest.mark.usefixtures("restored")
def test_uncaught_exceptions_are_scrubbed(capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody caught, in the main thread or another, is logged through the redactor; Ctrl-C is not."""
    install_logging("INFO", Redactor())
    try:
        int("xoxb-1-AbC")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    thread = threading.Thread(target=int, args=("xoxb-1-AbC",))
    thread.start()
    thread.join()
    shown = capsys.readouterr().err
    assert shown.count("CRITICAL bot: Ended by an error nobody caught") == 2
    assert shown.count("ValueError: invalid literal for int() with base 10: '[hidden]'") == 2


@pytest.mark.usefixtures("restored")
async def test_bolt_logs_no_payload(capsys: pytest.CaptureFixture[str]) -> None:
    """The real Bolt, at DEBUG and with a command it has no listener for, prints neither the text nor a URL."""
    install_logging("DEBUG", Redactor())

    async def authorize(**_: object) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1-AbC", bot_user_id="U0")

    app = AsyncApp(authorize=authorize)
    body = {
        "command": "/session",
        "text": 'send 7 {"pin": 4711}',
        "team_id": "T1",
        "user_id": "U1",
        "response_url": "https://hooks.slack.com/commands/T1/1/AbCdEf",
    }
    await app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
    shown = capsys.readouterr().err
    assert "Unhandled request" in shown
    for private in ("4711", "AbC", "hooks.slack.com"):
        assert private not in shown


def test_ordinary_words_that_name_no_secret_stay() -> None:
    """People's data is shown as they typed it: a support ticket is no websocket ticket."""
    assert scrub('{"ticket": 12, "secretary": "ann"}') == '{"ticket": 12, "secretary": "ann"}'


def test_the_proxys_password_is_hidden_without_its_url_too(tmp_path: Path) -> None:
    """Of SESSION_BOT_PROXY no log shows the password, as it is set, as it is meant, or as the header has it."""
    settings = load_settings(
        {
            "VOXIMPLANT_ACCOUNT_ID": "1",
            "VOXIMPLANT_API_KEY": "key",
            "SESSION_BOT_PROXY": "http://ann:pass%40word@proxy.example:3128",
        },
        tmp_path,
        slack=False,
    )
    redactor = Redactor(secrets(settings))
    for shown in ("http://ann:pass%40word@proxy.example:3128", "pass@word", "pass%40word", "YW5uOnBhc3NAd29yZA=="):
        assert redactor.scrub(f"x {shown} y") == "x [hidden] y"
    assert "40word" not in repr(settings)
