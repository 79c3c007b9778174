"""What comes from outside is read, or refused by its reader's own error: nothing else is ever raised."""

import logging

import pytest

from bot.slack.inbound._reader import read
from tests.fuzz.bent import bent_once
from tests.fuzz.readers import READERS
from tests.fuzz.saved import names, saved, stem


@pytest.mark.parametrize("name", [name for name, each in READERS.items() if each.samples])
def test_no_odd_part_breaks_a_reader(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Each part of each sample, missing, null, of another type, too deep, huge or half a text, is read or refused."""
    caplog.set_level(logging.CRITICAL)  # each odd field is logged, once a process
    for sample in READERS[name].samples:
        READERS[name].read(sample)
        for odd in bent_once(sample):
            READERS[name].read(odd)


@pytest.mark.parametrize("name", READERS)
def test_what_the_search_saved_is_read(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Each saved input of the longer search, those that broke a reader among them, is read or refused."""
    caplog.set_level(logging.CRITICAL)
    assert saved(name)
    for each in saved(name):
        READERS[name].read(each)


def test_each_saved_input_has_its_reader() -> None:
    """No file of saved inputs is left behind when its reader is renamed."""
    assert names() == {stem(each) for each in READERS}


def test_a_payload_shows_nothing_that_opens_something() -> None:
    """A response_url and a trigger are capabilities: no log and no traceback can show them."""
    typed = {"command": "/session", "channel_id": "C1", "user_id": "U1"}
    payload = read({**typed, "trigger_id": "1.secret", "response_url": "https://hooks.slack.com/commands/secret"})
    assert payload.response_url.endswith("secret")
    assert "secret" not in repr(payload)
