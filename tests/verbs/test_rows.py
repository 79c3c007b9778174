"""A session's line in an answer that shows of phone numbers the last digits."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.ports import data_excerpt
from bot.text import moment, plain
from bot.verbs import without_numbers_of
from tests.factories import a_session, a_stop

NOW = datetime(2026, 11, 20, 2, 14, tzinfo=UTC)
URL = "https://1.2.3.4:12092/request/AF30CCA6.1580999958.1204800_185.164.149.16/90AB5D84"


def test_numbers_are_cut_and_secrets_stay_hidden() -> None:
    """A number in JSON makes it none when it is cut: what a telling key hides, and a URL, are hidden before that."""
    data = f'{{"caller": 442079460018, "pin": "1234", "at": "{URL}"}}'
    session = a_session(NOW, custom_data=data, rule_name="line +44 20 7946 0018", alias="+442079460018")
    event = f"Stop by +44 20 7946 0018, {moment(NOW)}."
    shown = without_numbers_of(
        replace(session, last_event=event, stop=a_stop(NOW, reason="of 020 7946 0018")), digits=4
    )
    texts = (data_excerpt(shown, 300), shown.custom_data, shown.rule, shown.alias, shown.last_event)
    whole = plain(" | ".join(filter(None, [*texts, shown.stop and shown.stop.reason])))
    assert "7946" not in whole
    assert whole.count("…0018") == 6
    for secret in ("1234", "AF30", "90AB", "1580999958"):
        assert secret not in whole
    assert "2026-11-20 02:14 UTC" in shown.last_event


def test_all_digits_are_shown_where_the_settings_say_so() -> None:
    """15 digits are all of a number."""
    session = a_session(NOW, custom_data="+442079460018")
    assert without_numbers_of(session, digits=15).custom_data == "+442079460018"
