"""The words about a scenario that was checked: whether it listens to its stop, and what ends it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from bot.config import DEFAULT_STOP
from bot.stops import card_note
from bot.stops._listening import digest_of, listening_lines, word_to_send, works_words
from bot.text import plain
from storage import scenario_checks
from storage.records import State
from storage.scenario_checks import ScenarioCheck, Verdict
from storage.sealing import CannotOpen, Sealer
from tests.factories import a_session, new_database

NOW: Final = datetime(2026, 1, 31, 2, 14, tzinfo=UTC)
CHECK: Final = ScenarioCheck(
    digest="d", stop=digest_of(DEFAULT_STOP), verdict=Verdict.does_nothing, with_kit=None, has_kit=False, works=None,
    sentence="It listens to nothing.", checked_at=NOW,
)  # fmt: skip
AT: Final = "2026-01-31 02:14 UTC"
DEAF: Final = f"Its scenario does not listen to a stop, checked {AT}"
LOOK: Final = "session-bot scenario check --rule obedient"
INSTALL: Final = "session-bot scenario install --rule obedient"


class Shut(Sealer):
    """A sealer whose keys open nothing."""

    def __init__(self) -> None:
        """Have no key."""

    def open(self, sealed: bytes) -> str:
        """Open nothing."""
        del sealed
        raise CannotOpen


def test_a_card_warns_while_a_stop_may_be_needed() -> None:
    """A URL that no key opens comes before a scenario that does not listen; of what is over nothing is said."""
    db, sealer = new_database(), Sealer(["A" * 43 + "="])
    scenario_checks.keep(db, CHECK)
    scenario_checks.keep_rule(db, 1001, "f", "d")
    session = replace(a_session(NOW), state=State.running, rule_fingerprint="f")
    shut = replace(session, secure_url=b"sealed")

    def note(of: Any, by: Sealer = sealer) -> str:
        return plain(card_note(db, of, DEFAULT_STOP, by) or "")

    assert note(session) == DEAF
    assert note(shut, Shut()).startswith("Its URL cannot be opened")
    assert note(replace(shut, state=State.ended), Shut()) == ""
    assert note(replace(session, rule_fingerprint="g")) == ""


@pytest.mark.parametrize(
    ("check", "says"),
    [
        (None, [f"Whether its scenario listens to this stop: {LOOK}, on the bot's machine, tells."]),
        (
            replace(CHECK, verdict=Verdict.cannot_tell),
            [f"Whether its scenario listens to this stop: {LOOK}, on the bot's machine, tells."],
        ),
        (
            replace(CHECK, verdict=Verdict.stops),
            [f"Its scenario ended by this stop when it was checked, {AT}. An end can take 90 s at the platform."],
        ),
        (CHECK, [f"{DEAF}: It listens to nothing.", f"{LOOK}, on the bot's machine, shows more."]),
        (
            replace(CHECK, works='stop = "bye"', verdict=Verdict.stops_otherwise),
            [
                f'{DEAF}: it ends by stop = "bye", for session-bot.toml.',
                f"{LOOK}, on the bot's machine, shows more.",
            ],
        ),
        (
            replace(CHECK, with_kit=Verdict.stops),
            [
                f"{DEAF}: It listens to nothing.",
                f"{INSTALL}, on the bot's machine, makes the sessions that start after it listen.",
            ],
        ),
    ],
)
def test_what_is_known_of_a_scenario_is_said(check: ScenarioCheck | None, says: list[str]) -> None:
    """What a check found is said with its time, and the command that tells more or mends it."""
    session = a_session(NOW)
    assert [plain(each) for each in listening_lines(session, check)] == says
    assert listening_lines(replace(session, rule_id=0), check) == []


@pytest.mark.parametrize(
    ("names", "argument"),
    [
        ({"alias": "support"}, "support"),
        ({"alias": "two words"}, "obedient"),
        ({"rule_name": "$(reboot)"}, "1001"),
        ({"rule_name": "77"}, "1001"),
        ({"rule_name": None}, "1001"),
    ],
)
def test_a_rule_stands_in_a_command_as_a_shell_takes_it(names: dict[str, str | None], argument: str) -> None:
    """An alias or a name is used where it is one plain word and no number; otherwise the rule's number is."""
    assert f"--rule {argument}," in plain(listening_lines(replace(a_session(NOW), **names), None)[0])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("works", "word"),
    [
        (None, None),
        ('stop = "bye"', "--text bye"),
        ("stop = '{\"a\": 1}'", '{"a": 1}'),
        ('stop = "bye"\nstop_method = "POST"', "--text bye"),
        ('stop = "bye"\nstop_method = "GET"', None),
        ('stop = "bye"\nstop_path = "/end"', None),
        ('stop = ""', None),
        ("stop = 1", None),
        ('stop = "two\\nlines"', None),
        (f'stop = "{"x" * 200}"', f"--text {'x' * 200}"),
        (f'stop = "{"x" * 201}"', None),
        ("no toml", None),
    ],
)
def test_what_ends_a_deaf_scenario_can_be_typed(works: str | None, word: str | None) -> None:
    """A body that is sent as it stands is what `send` takes; of a listening scenario there is nothing to type."""
    assert word_to_send(replace(CHECK, works=works)) == word
    assert word_to_send(replace(CHECK, works=works, verdict=Verdict.stops)) is None


def test_every_line_for_the_settings_is_shown() -> None:
    """What ends a scenario may be several lines of the settings."""
    assert plain(works_words(replace(CHECK, works="a = 1\nb = 2")) or "") == "a = 1 and b = 2"
    assert works_words(CHECK) is None
