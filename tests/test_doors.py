"""Every way in, with tokens in what comes: behind it they are letters, whatever is done with the text from there on."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import httpx
import pytest
from slack_sdk.errors import SlackApiError

from bot.cli.terminal._execution import read_words
from bot.config import load_settings
from bot.config._config_file import read as read_config
from bot.ports import UsageProblem
from bot.slack.api import Refused, slack_answer
from bot.slack.inbound._http import parse_body
from bot.slack.inbound._reader import read
from bot.text import call, calls, channel, code, link, moment, person, plain, strong, text_pieces
from bot.verbs import Start
from bot.voximplant import _fields as fields
from bot.voximplant._lanes import Reply
from bot.voximplant._session_url import _answer

NOW: Final = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
HOSTILE: Final = " ".join((
    call("U1"), person("U2"), channel("C1"), link("https://evil.example", "x"), strong(code("x")), moment(NOW),
))  # fmt: skip
LETTERS: Final = HOSTILE.translate(dict.fromkeys((1, 2, 3)))
ESCAPED: Final = json.dumps(HOSTILE)[1:-1]
"""As JSON and TOML write it between quotes: this way it can be typed."""


def is_foreign(text: str) -> bool:
    """Return whether a text holds the letters of the hostile one and no token."""
    return LETTERS in plain(text) and all(isinstance(each, str) for each in text_pieces(text))


def test_the_hostile_text_would_have_an_effect() -> None:
    """What is tried at the doors are whole tokens, one of which notifies somebody."""
    assert not is_foreign(HOSTILE)
    assert [each.letters for each in calls(HOSTILE)] == ["U1"]


@pytest.mark.parametrize("as_form", [True, False])
def test_what_is_typed_in_slack(*, as_form: bool) -> None:
    """A command of either way in, with tokens as they are and as JSON escapes them."""
    command = {"command": "/session", "channel_id": "C1", "user_id": "U1", "trigger_id": "1", "text": HOSTILE}
    body = str(httpx.QueryParams(command)) if as_form else json.dumps(command)
    payload = read(parse_body(body, "application/x-www-form-urlencoded" if as_form else "application/json"))
    assert is_foreign(payload.text)


def test_what_stands_in_a_form() -> None:
    """The fields of a form, and what it keeps of its own beginning."""
    view = {
        "id": "V1", "callback_id": "x", "private_metadata": json.dumps({"channel": HOSTILE}),
        "state": {"values": {"a": {"b": {"type": "plain_text_input", "value": HOSTILE}}}},
    }  # fmt: skip
    payload = read({"type": "view_submission", "user": {"id": "U1"}, "team": {"id": "T1"}, "view": view})
    assert payload.view is not None
    assert is_foreign(payload.view.fields["a", "b"])
    assert is_foreign(payload.view.channel)


def test_what_is_written_in_a_mention() -> None:
    """The text of a message, and the blocks in which Slack repeats it."""
    event = {"type": "app_mention", "channel": "C1", "user": "U1", "ts": "1.0", "text": HOSTILE, "blocks": [HOSTILE]}
    said = read({"type": "event_callback", "event": event}).event.said
    assert is_foreign(str(said["text"]))
    assert is_foreign(said["blocks"][0])


async def test_what_slack_answers() -> None:
    """Names of people and channels, as the Web API tells them, and the error that it gives."""

    async def ok() -> Any:
        return SimpleNamespace(data={"user": {"profile": {"real_name": HOSTILE}}})

    async def refused() -> Any:
        raise SlackApiError(HOSTILE, SimpleNamespace(status_code=200, headers={}, data={"error": HOSTILE}))  # type: ignore[arg-type]

    answer = await slack_answer(ok())
    assert isinstance(answer.data, dict)
    assert is_foreign(answer.data["user"]["profile"]["real_name"])
    with pytest.raises(Refused) as told:
        await slack_answer(refused())
    assert is_foreign(str(told.value))


def test_what_the_platform_answers() -> None:
    """Names of rules, reasons and custom data, in JSON whose escapes are tokens."""
    row = fields.json_object(f'{{"rule_name": "{ESCAPED}", "custom_data": {{"{ESCAPED}": 1}}}}'.encode())
    assert row is not None
    assert is_foreign(fields.name(row, "rule_name"))
    assert HOSTILE not in json.loads(fields.custom_data(row, "custom_data"))


def test_what_a_session_answers() -> None:
    """The body of an answer, as it came."""
    reply = Reply(200, {}, HOSTILE.encode(), timedelta(), None, len(HOSTILE))
    assert is_foreign(_answer(reply, plain_http=False).body)


def test_what_is_configured(tmp_path: Path) -> None:
    """The config file, whose strings have escapes, and the environment."""
    file = tmp_path / "session-bot.toml"
    file.write_text(f'[rules.support]\nid = 1\npresets = {{ "{json.dumps(call("U1"))[1:-1]}" = "{{}}" }}\n')
    config = read_config(file)
    assert not config.problems
    (rule,) = config.rules
    (name,) = rule.presets
    assert plain(name) == "callU1"
    account = {"VOXIMPLANT_ACCOUNT_ID": "1", "VOXIMPLANT_API_KEY": "key-of-a-test"}
    settings = load_settings({**account, "SESSION_BOT_DATABASE": f"{call('U1')}.db"}, tmp_path, slack=False)
    assert plain(settings.database.name) == "callU1.db"


def test_what_is_typed_at_a_terminal() -> None:
    """The words of a shell, also those that are told to be wrong."""
    start = read_words("start", {"rule": [HOSTILE], "max": [], "data": [HOSTILE]})
    assert isinstance(start, Start)
    assert is_foreign(str(start.rule))
    assert is_foreign(str(start.data))
    wrong = read_words("status", {"id": [HOSTILE]})
    assert isinstance(wrong, UsageProblem)
    assert calls(wrong.sentence) == []
