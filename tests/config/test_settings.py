import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import trustme
from cryptography.fernet import Fernet

from bot.config._grants import Grant
from bot.config._loading import SettingsProblems, load_settings, setting_descriptions
from bot.config._misspelt import misspelt_variables
from bot.config._settings import Settings
from bot.config._stop_setting import DEFAULT_STOP
from bot.config._tables import Limits, RuleConfig
from bot.voximplant import FORM, JSON, TEXT, Method, StopRequest

LEAST = {
    "SLACK_BOT_TOKEN": "xoxb-1-a",
    "SLACK_APP_TOKEN": "xapp-1-a",
    "VOXIMPLANT_ACCOUNT_ID": "4",
    "VOXIMPLANT_API_KEY": "k3y",
}
LIBRARY = re.compile(
    r"[Ii]nput|pars(?:e|ing)|(?:Tuple|Set|String|List|Dictionary) should|instance of|Value error"
    r"|valid (?:string|integer|number|boolean|date|tuple|list|dictionary|path)"
)
"""What pydantic says of a value, in its own words."""


def problems(cwd: Path, *, without: Iterable[str] = (), **variables: str) -> list[str]:
    """Load and give the problems that this told, if any."""
    environ = {name: value for name, value in (LEAST | variables).items() if name not in without}
    try:
        load_settings(environ, cwd)
    except SettingsProblems as found:
        return list(found.problems)
    return []


def config(cwd: Path, text: str) -> list[str]:
    """Write a config file and give the problems that loading it told."""
    (cwd / "session-bot.toml").write_text(text)
    return problems(cwd)


def test_defaults_are_the_designs(tmp_path: Path) -> None:
    """With nothing but tokens and credentials, everything else has the value of the design's table."""
    settings = load_settings(LEAST, tmp_path)
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.voximplant_api_url == "https://api.voximplant.com/platform_api"
    assert settings.voximplant_session_hosts == ("*.voximplant.com", "public-ipv4")
    assert settings.voximplant_plain_http == "stop"
    assert (settings.start_timeout, settings.session_timeout, settings.read_timeout) == (15, 5, 10)
    assert settings.command == "/session"
    assert settings.database == tmp_path / "session-bot.db"
    assert settings.config is None
    assert settings.channels == settings.responders == frozenset()
    assert settings.secret_keys == ()
    assert (settings.confirm_seconds, settings.watch_seconds) == (60, 15)
    assert (settings.ops_host, settings.ops_port) == ("127.0.0.1", 3001)
    assert (settings.host, settings.port) == ("127.0.0.1", 3000)
    assert settings.log_level == "INFO"
    assert settings.rules == ()
    assert settings.limits == Limits(custom_data_bytes=200, abandoned_url_days=7)


def test_a_link_to_the_database_is_the_database(tmp_path: Path) -> None:
    """What lies beside the database lies beside the file, whatever link names it; a link to itself names none."""
    (tmp_path / "data").mkdir()
    (tmp_path / "link.db").symlink_to("data/real.db")
    (tmp_path / "loop.db").symlink_to("loop.db")
    named = {name: {**LEAST, "SESSION_BOT_DATABASE": name} for name in ("link.db", "loop.db")}
    assert load_settings(named["link.db"], tmp_path).database == tmp_path / "data" / "real.db"
    with pytest.raises(SettingsProblems, match="SESSION_BOT_DATABASE must not be a link that leads back to itself"):
        load_settings(named["loop.db"], tmp_path)


def test_every_variable_is_read(tmp_path: Path) -> None:
    """Each variable of the design reaches its field, lists split at commas, paths start at the working directory."""
    (tmp_path / "account.json").touch()
    (tmp_path / "my.toml").touch()
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    settings = load_settings(
        {
            "SLACK_BOT_TOKEN": " xoxb-1-a\n",
            "SLACK_APP_TOKEN": "xapp-1-b",
            "SLACK_SIGNING_SECRET": "5e1f",
            "SLACK_API_URL": "http://127.0.0.1:8123/api",
            "VOXIMPLANT_API_URL": "https://127.0.0.1:8124/platform_api/",
            "VOXIMPLANT_CREDENTIALS": "account.json",
            "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1, *.Example.org,localhost,::1",
            "VOXIMPLANT_NAT64_PREFIX": "2001:db8:64::/96",
            "VOXIMPLANT_PLAIN_HTTP": "never",
            "VOXIMPLANT_START_TIMEOUT": "1.5",
            "VOXIMPLANT_SESSION_TIMEOUT": "2",
            "VOXIMPLANT_READ_TIMEOUT": "3",
            "SESSION_BOT_COMMAND": "/calls",
            "SESSION_BOT_DATABASE": "my.db",
            "SESSION_BOT_CONFIG": "my.toml",
            "SESSION_BOT_CHANNELS": "C1, G2,",
            "SESSION_BOT_RESPONDERS": "U1,S2",
            "SESSION_BOT_SECRET_KEY": ",".join(keys),
            "SESSION_BOT_CONFIRM_SECONDS": "4",
            "SESSION_BOT_WATCH_SECONDS": "0.5",
            "SESSION_BOT_OPS_HOST": "::1",
            "SESSION_BOT_OPS_PORT": "0",
            "SESSION_BOT_HOST": "0.0.0.0",  # noqa: S104 - a value that people set
            "SESSION_BOT_PORT": "8080",
            "SESSION_BOT_PROXY": "http://ann:pass%40word:1@proxy.example:3128/",
            "SESSION_BOT_NO_PROXY": "*.Internal, 10.0.0.0/8,",
            "SESSION_BOT_LOG_LEVEL": "debug",
            "RULES": "ignored",
        },
        tmp_path,
    )
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1-a"
    assert settings.slack_app_token is not None
    assert settings.slack_signing_secret is not None
    assert settings.slack_api_url == "http://127.0.0.1:8123/api/"
    assert settings.voximplant_api_url == "https://127.0.0.1:8124/platform_api"
    assert settings.voximplant_credentials == tmp_path / "account.json"
    assert settings.voximplant_account_id is None
    assert settings.voximplant_session_hosts == ("127.0.0.1", "*.example.org", "localhost", "::1")
    assert settings.voximplant_plain_http == "never"
    assert (settings.start_timeout, settings.session_timeout, settings.read_timeout) == (1.5, 2, 3)
    assert settings.command == "/calls"
    assert settings.database == tmp_path / "my.db"
    assert settings.config == tmp_path / "my.toml"
    assert settings.channels == {"C1", "G2"}
    assert settings.responders == {"U1", "S2"}
    assert [key.get_secret_value() for key in settings.secret_keys] == keys
    assert (settings.confirm_seconds, settings.watch_seconds) == (4, 0.5)
    assert (settings.ops_host, settings.ops_port) == ("::1", 0)
    assert (settings.host, settings.port) == ("0.0.0.0", 8080)  # noqa: S104 - as above
    assert settings.way_out is not None
    assert (settings.way_out.place, settings.no_proxy) == ("proxy.example:3128", ("*.internal", "10.0.0.0/8"))
    assert "pass@word:1" in settings.way_out.secrets
    assert str(settings.voximplant_nat64_prefix) == "2001:db8:64::/96"
    assert settings.log_level == "DEBUG"


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    """Nothing set, several wrong, and a bad config file: one loading tells it all."""
    (tmp_path / "session-bot.toml").write_text("[rules.a]\nid = 'x'\n")
    found = problems(
        tmp_path,
        without=LEAST,
        SESSION_BOT_OPS_PORT="70000",
        SESSION_BOT_COMMAND="session",
        VOXIMPLANT_READ_TIMEOUT="soon",
    )
    told = "\n".join(found)
    assert len(found) == 7
    for name in (
        "SLACK_BOT_TOKEN is not set",
        "SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP mode",
        "VOXIMPLANT_CREDENTIALS, or VOXIMPLANT_ACCOUNT_ID and VOXIMPLANT_API_KEY",
        "SESSION_BOT_OPS_PORT must be less than or equal to 65535",
        "SESSION_BOT_COMMAND must start with /",
        "VOXIMPLANT_READ_TIMEOUT must be a number.",
        "session-bot.toml: id in [rules.a]",
    ):
        assert name in told


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("SLACK_BOT_TOKEN", "xapp-HUSH", "starts with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-HUSH", "starts with xapp-"),
        ("SLACK_APP_TOKEN", "xapp-1 HUSH", "starts with xapp-"),
        ("SLACK_SIGNING_SECRET", "HUSH twice", "one word"),
        ("SLACK_API_URL", "http://slack.com/api/HUSH", "must be https"),
        ("SLACK_API_URL", "ftp://HUSH", "must be a URL"),
        ("VOXIMPLANT_API_URL", "http://127.0.0.1.example.org/HUSH", "must be https"),
        ("VOXIMPLANT_API_URL", "https://user:HUSH@example.org/", "no user"),
        ("VOXIMPLANT_API_URL", "https://[HUSH", "must be a URL"),
        ("VOXIMPLANT_API_URL", "https://HUSH:70000/", "must be a URL"),
        ("VOXIMPLANT_API_URL", "https://HUSH\u2100/", "must be a URL"),
        ("VOXIMPLANT_API_URL", "https://example.org/?api_key=HUSH", "no user, query or fragment"),
        ("VOXIMPLANT_CREDENTIALS", "HUSH", "not there"),
        ("VOXIMPLANT_CREDENTIALS", '{"private_key": "HUSH/x.y"}', "not there"),
        ("VOXIMPLANT_CREDENTIALS", "https://HUSH/request/x", "not there"),
        ("VOXIMPLANT_ACCOUNT_ID", "HUSH", "must be a whole number."),
        ("VOXIMPLANT_ACCOUNT_ID", "0", "greater than 0"),
        ("VOXIMPLANT_API_KEY", "HUSH\x07", "one word"),
        ("VOXIMPLANT_SESSION_HOSTS", "*.voximplant.com,https://HUSH/", "entry 2, must be a host"),
        ("VOXIMPLANT_SESSION_HOSTS", "*", "must be a host"),
        ("VOXIMPLANT_SESSION_HOSTS", ",", "must not be empty."),
        ("VOXIMPLANT_NAT64_PREFIX", "2001:db8::HUSH/96", "must be an IPv6 prefix of 32"),
        ("VOXIMPLANT_NAT64_PREFIX", "2001:db8::/80", "must be an IPv6 prefix of 32"),
        ("VOXIMPLANT_NAT64_PREFIX", "2001:db8::1/96", "must be an IPv6 prefix of 32"),
        ("VOXIMPLANT_PLAIN_HTTP", "HUSH", "'never', 'stop' or 'always'"),
        ("VOXIMPLANT_START_TIMEOUT", "0", "greater than 0"),
        ("VOXIMPLANT_SESSION_TIMEOUT", "inf", "must be a number."),
        ("SESSION_BOT_COMMAND", "/two words", "small letters"),
        ("SESSION_BOT_COMMAND", "/Session", "small letters"),
        ("SESSION_BOT_COMMAND", "/größe", "a to z"),
        ("SESSION_BOT_COMMAND", "/" + 32 * "a", "31"),
        ("SESSION_BOT_DATABASE", "nowhere/HUSH.db", "directory that is there"),
        ("SESSION_BOT_CONFIG", "HUSH", "not there"),
        ("SESSION_BOT_CHANNELS", "C1,#general", "entry 2, must be a channel's id"),
        ("SESSION_BOT_RESPONDERS", "anna", "must be the id of a user or group"),
        ("SESSION_BOT_SECRET_KEY", "HUSH", "entry 1, must be a Fernet key"),
        ("SESSION_BOT_CONFIRM_SECONDS", "-1", "greater than 0"),
        ("SESSION_BOT_WATCH_SECONDS", "nan", "SESSION_BOT_WATCH_SECONDS"),
        ("SESSION_BOT_OPS_HOST", "a b", "host name or an address"),
        ("SESSION_BOT_PORT", "65536", "65535"),
        ("SESSION_BOT_PROXY", "http://proxy.example", "must be http://host:port"),
        ("SESSION_BOT_PROXY", "https://ann:HUSH@proxy.example:3128", "must be http://host:port"),
        ("SESSION_BOT_PROXY", "socks5://HUSH:1080", "must be http://host:port"),
        ("SESSION_BOT_PROXY", "http://ann:HUSH@a..b:3128", "must be http://host:port"),
        ("SESSION_BOT_PROXY", "http://[::HUSH]:3128", "must be http://host:port"),
        ("SESSION_BOT_PROXY", "http://proxy.example:0", "must be http://host:port"),
        ("SESSION_BOT_PROXY", "http://proxy.example:3128/HUSH", "must be http://host:port"),
        ("SESSION_BOT_NO_PROXY", "*.internal,http://HUSH", "entry 2, must be a host"),
        ("SESSION_BOT_LOG_LEVEL", "LOUD", "'DEBUG', 'INFO'"),
    ],
)
def test_every_variable_is_checked(tmp_path: Path, name: str, value: str, reason: str) -> None:
    """A wrong value is one sentence with the variable's name and what it must be, never with the value."""
    (told,) = problems(tmp_path, **{name: value})
    assert reason in told
    assert "HUSH" not in told
    assert told.endswith(".")
    assert name in told


def test_the_exception_shows_no_value(tmp_path: Path) -> None:
    """What is raised is the sentences alone: no cause or context that would print the values."""
    with pytest.raises(SettingsProblems) as caught:
        load_settings(LEAST | {"SLACK_BOT_TOKEN": "HUSH"}, tmp_path)
    assert str(caught.value) == "\n".join(caught.value.problems)
    assert caught.value.__context__ is caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("SESSION_BOT_CHANELS", "; the nearest is SESSION_BOT_CHANNELS."),
        ("SESSION_BOT_RESPONDER", "; the nearest is SESSION_BOT_RESPONDERS."),
        ("SESSION_BOT_XYZZY", "."),
    ],
)
def test_a_misspelt_variable_is_refused(tmp_path: Path, name: str, nearest: str) -> None:
    """What was meant to narrow who may start is never ignored in silence; an empty one means nothing."""
    assert problems(tmp_path, **{name: "C1"}) == [f"{name} is no setting of this bot's{nearest}"]
    assert problems(tmp_path, **{name: " "}) == []


def test_a_misspelt_variable_is_refused_without_slack(tmp_path: Path) -> None:
    """A terminal keeps to the same settings as the bot."""
    with pytest.raises(SettingsProblems, match="SESSION_BOT_CHANELS"):
        load_settings(LEAST | {"SESSION_BOT_CHANELS": "C1"}, tmp_path, slack=False)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("VOXIMPLANT_PLAIN_HTPP", "VOXIMPLANT_PLAIN_HTTP"),
        ("SLACK_SIGNING_SECERT", "SLACK_SIGNING_SECRET"),
        ("SESSIONBOT_CHANNELS", "SESSION_BOT_CHANNELS"),
    ],
)
def test_what_may_be_misspelt_is_doubted(tmp_path: Path, name: str, meant: str) -> None:
    """Under a prefix that others use, too, a near miss is worth a line and no reason to refuse."""
    assert problems(tmp_path, **{name: "x"}) == []
    assert misspelt_variables({**LEAST, name: "x"}, setting_descriptions()) == [
        f"{name} is no setting of this bot's and is ignored; {meant} is one"
    ]


def test_what_is_somebody_elses_is_let_be() -> None:
    """Other programs' variables, and our own as they should be, raise no doubt."""
    others = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_WEBHOOK_URL", "VOXIMPLANT_ACCOUNT_NAME", "PATH", "HOST")
    assert misspelt_variables({**LEAST, **dict.fromkeys(others, "x")}, setting_descriptions()) == []


def test_an_empty_variable_is_unset(tmp_path: Path) -> None:
    """A variable that is empty, or only spaces, is as good as none."""
    assert load_settings(LEAST | {"SESSION_BOT_COMMAND": "", "SLACK_API_URL": "  "}, tmp_path).command == "/session"
    assert problems(tmp_path, SLACK_BOT_TOKEN=" ")[0].startswith("SLACK_BOT_TOKEN is not set")


def test_slack_needs_one_way_in(tmp_path: Path) -> None:
    """An app token or a signing secret opens the way in; with neither, both are named."""
    (told,) = problems(tmp_path, without=["SLACK_APP_TOKEN"])
    assert "SLACK_APP_TOKEN" in told
    assert "SLACK_SIGNING_SECRET" in told
    only_secret = {name: value for name, value in LEAST.items() if name != "SLACK_APP_TOKEN"}
    assert load_settings(only_secret | {"SLACK_SIGNING_SECRET": "5e1f"}, tmp_path).slack_app_token is None


@pytest.mark.parametrize("missing", ["VOXIMPLANT_ACCOUNT_ID", "VOXIMPLANT_API_KEY"])
def test_half_a_pair_is_told(tmp_path: Path, missing: str) -> None:
    """An account id without its key, or a key without its account, is named by what is missing."""
    (told,) = problems(tmp_path, without=[missing])
    assert told.endswith(f"{missing} is not set.")


def test_settings_show_no_secret(tmp_path: Path) -> None:
    """Neither repr nor str of the settings has a token or key in it, and nothing in them can be changed."""
    key = Fernet.generate_key().decode()
    settings = load_settings(LEAST | {"SESSION_BOT_SECRET_KEY": key, "SLACK_SIGNING_SECRET": "5e1f"}, tmp_path)
    for secret in ("xoxb", "xapp", "k3y", "5e1f", key):
        assert secret not in f"{settings!r} {settings}"
    with pytest.raises(ValueError, match="frozen"):
        settings.command = "/x"


def test_rules_come_from_the_config(tmp_path: Path) -> None:
    """A rule has its alias, id and what else the file says; a stop body is sent as written, a table as compact JSON."""
    told = config(
        tmp_path,
        """
        [rules.support]
        id = 1770571
        stop = '{ "command" : "stop", "text": "é" }'
        tag = true
        runbook = "https://wiki.example.org/stop"
        [rules."night.shift"]
        id = 2
        stop = { action = "end", after = [1, 2.5, true] }
        [rules.plain]
        id = 3
        [limits]
        custom_data_bytes = 700
        """,
    )
    assert told == []
    settings = load_settings(LEAST, tmp_path)
    support, night, plain = settings.rules
    assert (support.alias, support.id, support.tag) == (
        "support",
        1770571,
        True,
    )
    assert support.stop_request == StopRequest(body='{ "command" : "stop", "text": "é" }'.encode(), content_type=JSON)
    assert support.runbook == "https://wiki.example.org/stop"
    assert (night.alias, night.stop_request.body) == ("night.shift", b'{"action":"end","after":[1,2.5,true]}')
    assert plain.stop_request == StopRequest(body=b'{"command": "stop"}', content_type=JSON)
    assert (plain.tag, plain.runbook) == (False, None)
    assert settings.limits == Limits(custom_data_bytes=700)
    assert settings.config == tmp_path / "session-bot.toml"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[rules.a]\nid = 1\nstpo = '{}'", "toml: there is no key stpo in [rules.a], the nearest is stop"),
        ("[rules.b]\nid = 1\n[rules.a]\nid = 2\nalias = 'x'", "toml: there is no key alias in [rules.a]"),
        ("\n[rule.a]\nid = 1", "toml: there is no key rule, the nearest is rules"),
        ("# ok\nlimit = 1", "toml: there is no key limit, the nearest is limits"),
        ("[rules.a]\ntag = true", "toml: [rules.a] needs id"),
        ("[rules.a]\nid = '1'", "toml: id in [rules.a] must be a whole number."),
        ("[rules.a]\nid = 0", "toml: id in [rules.a] must be greater than 0"),
        ("[rules.a]\nid = 1\ntag = 'yes'", "toml: tag in [rules.a] must be true or false."),
        (
            '[rules.a]\nid = 1\nstop = \'{"command": "stop"\'',
            "toml: stop in [rules.a] begins like JSON and is none: line 1, column 19",
        ),
        (
            "[rules.a]\nid = 1\nstop = '{“a”: 1}'",
            "toml: stop in [rules.a] begins like JSON and is none: curly quotes made straight would be needed; stop",
        ),
        ("[rules.a]\nid = 1\nstop = 0", 'toml: stop in [rules.a] must be a text in quotes, such as "0", or a table.'),
        ("[rules.a]\nid = 1\nstop = ['a']", "toml: stop in [rules.a] must be a text in quotes, or a table."),
        ("[rules.a]\nid = 1\nstop = true", "toml: stop in [rules.a] must be a text in quotes, or a table."),
        (
            "[rules.a]\nid = 1\nstop = 'end'\nstop_type = 'application/json'",
            "toml: stop in [rules.a] must be JSON, as its stop_type says: line 1, column 1",
        ),
        (
            "[rules.a]\nid = 1\nstop = 'end'\nstop_method = 'GET'",
            'toml: stop in [rules.a] must be left out beside stop_method = "GET", which has no body.',
        ),
        ("[rules.a]\nid = 1\nstop_method = 'DELETE'", "toml: stop_method in [rules.a] must be 'POST' or 'GET'."),
        (
            "[rules.a]\nid = 1\nstop_type = 'text'",
            'toml: stop_type in [rules.a] must be a content type, such as "application/json" or',
        ),
        ('[rules.a]\nid = 1\nstop_type = "text/plain\\r\\nX-A: b"', "toml: stop_type in [rules.a] must be a content"),
        (
            "[rules.a]\nid = 1\nstop_type = 'text/plain; charset=latin-1'",
            "toml: stop_type in [rules.a] must have charset=utf-8, since that is what is sent, or none.",
        ),
        ("[rules.a]\nid = 1\nstop_path = 'stop'", "toml: stop_path in [rules.a] must begin with / for a path or ? for"),
        ("[rules.a]\nid = 1\nstop_path = '/../x'", "toml: stop_path in [rules.a] must hold no //, no .. and no single"),
        ("[rules.a]\nid = 1\nstop_path = '/x@y'", "toml: stop_path in [rules.a] may hold letters, digits, / and"),
        ('[rules.a]\nid = 1\nstop_path = "/x\\r\\ny"', "toml: stop_path in [rules.a] must hold no line break"),
        ("[rules.a]\nid = 1\nstop_path = 7", "toml: stop_path in [rules.a] must be a text in quotes."),
        ("[rules.a]\nid = 1\nstop = {a = nan}", "toml: stop in [rules.a] holds a date, nan or inf"),
        ("[rules.a]\nid = 1\nstop = {a = 2026-01-01}", "toml: stop in [rules.a] holds a date, nan or inf"),
        ("[rules.a]\nid = 1\nrunbook = 'wiki'", "toml: runbook in [rules.a] must be a link"),
        ("[rules.17]\nid = 1", "toml: the alias '17' must be one word, and more than a number"),
        ("[rules.'a b']\nid = 1", "toml: the alias 'a b' must be one word"),
        (
            "[limits]\ncustom_data = 1",
            "toml: there is no key custom_data in [limits], the nearest is custom_data_bytes",
        ),
        (
            "[limits]\nabandoned_url_days = -1",
            "toml: abandoned_url_days in [limits] must be greater than or equal to 0",
        ),
        ("[rules.a]\nid = 1.5", "toml: id in [rules.a] must be a whole number."),
        ("[rules.a]\nid = 1\nrunbook = 7", "toml: runbook in [rules.a] must be a text in quotes."),
        ("[limits]\ncustom_data_bytes = '1'", "toml: custom_data_bytes in [limits] must be a whole number."),
        ("rules = 1", "toml: rules are tables"),
        ("[rules]\na = 1", "toml: rules.a must be a table"),
        ("limits = 1", "toml: limits must be a table: [limits]"),
        ("[rules]\na.id = 1\nb.tag = true", "toml: [rules.b] needs id"),
        ("rules.a.id = 1\nrules.'b'.id = 2\nrules.'b'.tga = 3", "toml: there is no key tga in [rules.b]"),
        ("rules.a = {id = 1, tga = true}", "toml: there is no key tga in [rules.a], the nearest is tag"),
        ("[rules.a]\nid = ", "is not TOML: Invalid value (at"),
        ("[rules.a]\nid = 1\nid = 2", "is not TOML: Cannot overwrite a value"),
    ],
)
def test_mistakes_in_the_config_are_told_with_table_and_key(tmp_path: Path, text: str, told: str) -> None:
    """A mistake in the config is one sentence with file, table, key and, for an unknown key, the nearest."""
    (sentence,) = config(tmp_path, text)
    assert sentence.startswith("session-bot.toml")
    assert told in sentence


def test_each_mistake_has_its_own_table(tmp_path: Path) -> None:
    """The same mistake in two tables is told twice, each with its table as TOML writes it, however it stands there."""
    told = config(tmp_path, "# nam\n[rules]\nc = {id = 3}\na = {nam = 'x', id = 1}\n'b.b'.id = 2\n'b.b'.nam = 'y'\n")
    assert [each.split(";")[0] for each in told] == [
        "session-bot.toml: there is no key nam in [rules.a]",
        'session-bot.toml: there is no key nam in [rules."b.b"]',
    ]


def test_mistakes_are_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    """A person who corrects the file goes through it once: the sentences come table by table, and key by key."""
    told = config(
        tmp_path,
        "[[policy.grant]]\nverbs = ['stopp']\n[limits]\nlog_phone_digits = 16\ncustom_data_bytes = 0\n"
        "[rules.a]\ntga = true\nid = 'x'\n[rule.b]\n[rules.c]\ntag = 1\n",
    )
    words = [re.search(r"\w+ in (grant 1|\[\S+\])|\[\S+\] needs id|no key rule\b", each) for each in told]
    assert [each and each[0] for each in words] == [
        "verbs in grant 1",
        "log_phone_digits in [limits]",
        "custom_data_bytes in [limits]",
        "tga in [rules.a]",
        "id in [rules.a]",
        "[rules.c] needs id",
        "tag in [rules.c]",
        "no key rule",
    ]


@pytest.mark.parametrize("value", ["x", "", ",", "1.5", "-1", "inf", "nan", "9" * 200, "a b", "/", "[]", "\u00e9"])
def test_no_words_on_a_variable_are_those_of_a_library(tmp_path: Path, value: str) -> None:
    """Whatever a variable is set to, what is said of it are our own words."""
    names = [str(field.validation_alias) for field in Settings.model_fields.values() if field.validation_alias]
    for name in names:
        assert not LIBRARY.search("\n".join(problems(tmp_path, **{name: value}))), name


@pytest.mark.parametrize(
    "value", ["7", "1.5", "-1", "true", "''", "'x'", "[]", "[7]", "{}", "{a = 7}", "nan", "07:30:00"]
)
def test_no_words_on_a_key_are_those_of_a_library(tmp_path: Path, value: str) -> None:
    """Whatever a key of the config is set to, what is said of it are our own words."""
    for table, fields in (("rules.a", RuleConfig), ("limits", Limits), ("[policy.grant]", Grant)):
        for key in fields.model_fields:
            told = config(tmp_path, f"[{table}]\n{key} = {value}\n")
            assert not LIBRARY.search("\n".join(told)), f"{key} = {value}"


def test_one_rule_stops_in_one_way(tmp_path: Path) -> None:
    """Two aliases may share a rule, but not with different stop bodies: which one is right would be chance."""
    assert config(tmp_path, "[rules.a]\nid = 1\n[rules.b]\nid = 1\n") == []
    (told,) = config(tmp_path, "[rules.a]\nid = 1\n[rules.b]\nid = 1\nstop = '{}'\n")
    assert told == "session-bot.toml: b and a are both rule 1, but their stops differ."
    (told,) = config(tmp_path, "[rules.a]\nid = 1\nstop_path = '/x'\n[rules.b]\nid = 1\n")
    assert told == "session-bot.toml: b and a are both rule 1, but their stops differ."


@pytest.mark.parametrize(
    ("lines", "stop"),
    [
        ('stop = "0"', StopRequest(body=b"0", content_type=TEXT)),
        ('stop = "command=disconnect"', StopRequest(body=b"command=disconnect", content_type=FORM)),
        ('stop = "Bitte auflegen ☎"', StopRequest(body="Bitte auflegen ☎".encode(), content_type=TEXT)),
        ('stop = ""', StopRequest(body=b"", content_type=TEXT)),
        ('stop = "0"\nstop_type = "application/json"', StopRequest(body=b"0", content_type=JSON)),
        ('stop = "{"\nstop_type = "text/plain"', StopRequest(body=b"{", content_type="text/plain")),
        ('stop_path = "/stop?now=1"', StopRequest(body=DEFAULT_STOP.body, content_type=JSON, path="/stop?now=1")),
        (
            'stop_method = "GET"\nstop_path = "/stop"',
            StopRequest(body=b"", content_type=TEXT, path="/stop", method=Method.get),
        ),
        ("stop = { action = 'hangup' }", StopRequest(body=b'{"action":"hangup"}', content_type=JSON)),
    ],
)
def test_a_stop_is_any_text(tmp_path: Path, lines: str, stop: StopRequest) -> None:
    """A rule's stop is the text that its scenario listens to, with a type, a path and a method."""
    assert config(tmp_path, f"[rules.a]\nid = 1\n{lines}\n") == []
    (rule,) = load_settings(LEAST, tmp_path).rules
    assert rule.stop_request == stop


def test_a_config_that_is_no_text_is_told(tmp_path: Path) -> None:
    """A file in another encoding is one sentence."""
    (tmp_path / "session-bot.toml").write_bytes(b"[rules.caf\xe9]")
    assert problems(tmp_path) == ["session-bot.toml cannot be read: it is no text in UTF-8 or UTF-16."]


@pytest.mark.parametrize("name", ["VOXIMPLANT_CREDENTIALS", "SESSION_BOT_CONFIG"])
def test_a_path_that_leads_to_no_file_is_named(tmp_path: Path, name: str) -> None:
    """A path is no secret: the sentence has the variable and the whole path, and tells a directory from nothing."""
    for typed, path in (
        ("gone.json", tmp_path / "gone.json"),
        ("/nope.toml", "/nope.toml"),
        ("./a b", tmp_path / "a b"),
    ):
        assert problems(tmp_path, **{name: typed}) == [f"{name} names {path}, which is not there."]
    there = str(tmp_path)
    assert problems(tmp_path, **{name: there}) == [f"{name} names {there}, which is a directory; it must be a file."]
    assert problems(tmp_path, **{name: "~nobody-here/x.json"})[0].endswith("which is not there.")


def test_nothing_is_read_but_what_was_given(tmp_path: Path) -> None:
    """The process's own environment has no part in it: only the mapping that was handed in counts."""
    program = "import sys, pathlib, bot.config; bot.config.load_settings({}, pathlib.Path(sys.argv[1]))"
    environ = {**os.environ, **LEAST}
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, str(tmp_path)],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "SLACK_BOT_TOKEN is not set" in ran.stderr
    assert "k3y" not in ran.stderr


def test_relative_paths_start_at_the_working_directory(tmp_path: Path) -> None:
    """A path may be relative to the working directory, absolute, or start at home."""
    assert (
        load_settings(LEAST | {"SESSION_BOT_DATABASE": str(tmp_path / "x.db")}, Path("/")).database == tmp_path / "x.db"
    )
    assert load_settings(LEAST | {"SESSION_BOT_DATABASE": "~/x.db"}, tmp_path).database == Path.home() / "x.db"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_config_file_that_windows_has_written_is_read(tmp_path: Path, encoding: str) -> None:
    """A mark in front, UTF-16 and other ends of lines change nothing, not even what is said of a mistake."""
    config = tmp_path / "session-bot.toml"
    config.write_bytes("[rules.support]\r\nid = 7\r\n".encode(encoding))
    assert load_settings(LEAST, tmp_path).rules[0].id == 7
    config.write_bytes("[rules.support]\r\nid = 7\r\nstopp = 'x'\r\n".encode(encoding))
    (told,) = problems(tmp_path)
    assert told == "session-bot.toml: there is no key stopp in [rules.support], the nearest is stop."


def test_authorities_that_are_not_there_are_a_problem(tmp_path: Path) -> None:
    """A variable that OpenSSL would pass over in silence is a sentence, whatever is wrong with it."""
    (tmp_path / "no.pem").write_text("nothing of the kind")
    (tmp_path / "folder").mkdir()
    for value, reason in {
        "nowhere.pem": "nowhere.pem, which cannot be read (No such file",
        "": "is empty, which is not the same as unset",
        "no.pem": "no.pem, which holds no certificates in PEM form",
        "./folder": "folder, which ",
    }.items():
        (told,) = problems(tmp_path, SSL_CERT_FILE=value)
        assert told.startswith("SSL_CERT_FILE ")
        assert reason in told
    assert problems(tmp_path, SSL_CERT_DIR="nowhere:") == [
        "SSL_CERT_DIR names no directory that is there. Correct it, or unset it."
    ]
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    assert problems(tmp_path, SSL_CERT_FILE="ca.pem", SSL_CERT_DIR="nowhere:folder") == []


def test_a_database_on_a_server_needs_a_key_that_is_set(tmp_path: Path) -> None:
    """Every replica opens what another has sealed; the address is taken as it is, and its password shown nowhere."""
    given = LEAST | {"SESSION_BOT_DATABASE": "postgresql://bot:geheim@db/sessions"}
    (problem,) = problems(tmp_path, **given)
    assert "SESSION_BOT_SECRET_KEY" in problem
    settings = load_settings(given | {"SESSION_BOT_SECRET_KEY": Fernet.generate_key().decode()}, tmp_path)
    assert str(settings.database) == "postgresql://bot@db/sessions"
    assert "geheim" not in repr(settings)


def test_an_address_whose_parts_cannot_be_told_apart_is_refused(tmp_path: Path) -> None:
    """A slash in a password would make a part of it the name of the database; the sentence shows nothing of it."""
    key = Fernet.generate_key().decode()
    database = "postgresql://bot:ge/heim@db/sessions"
    (problem,) = problems(tmp_path, SESSION_BOT_DATABASE=database, SESSION_BOT_SECRET_KEY=key)
    assert "%2F" in problem
    assert "heim" not in problem
