"""The page about sessions from elsewhere, held against what the bot does."""

import re
from datetime import timedelta
from pathlib import Path

from bot.config import DirectoryConfig, load_settings
from bot.directory import MANUAL, Refusal
from bot.directory._applications import SELDOM_S
from bot.directory._look_ups import MOMENTS_S
from bot.directory._reading import MOST_PAGES
from bot.voximplant import KEY_VALUE_PAGE
from tests.docs.environments import enough
from tests.docs.pages import fenced, read, rows


def test_its_config_is_valid_and_shows_every_key(tmp_path: Path) -> None:
    """The example of [directory] is read without a complaint, and has all of its keys."""
    config = fenced(read(MANUAL), "toml")
    (tmp_path / "session-bot.toml").write_text(config, encoding="utf-8")
    assert load_settings(enough(), tmp_path).directory.applications == ("calls",)
    assert set(re.findall(r"^(\w+) =", config, re.MULTILINE)) == set(DirectoryConfig.model_fields)


def test_it_explains_every_reason() -> None:
    """Each reason for which an announcement is not believed has its row, and there are no others."""
    table = rows(read(MANUAL), "| reason | what it means, and what to do |")
    explained = [row.split("|")[1].strip(" `") for row in table]
    assert explained == list(Refusal.__members__)


def test_its_numbers_are_those_of_the_bot(tmp_path: Path) -> None:
    """The sum of calls, the moments after a stop and the bounds are those that are in the code."""
    page = " ".join(read(MANUAL).split())
    seconds = load_settings(enough(), tmp_path).directory_seconds
    assert f"SESSION_BOT_DIRECTORY_SECONDS` ({seconds:g})" in page
    assert f"**{3600 / seconds / KEY_VALUE_PAGE:g} N calls an hour**" in page
    assert ", ".join(map(str, MOMENTS_S[:-1])) + f" and {MOMENTS_S[-1]} seconds" in page
    assert f"{MOST_PAGES * KEY_VALUE_PAGE:,} rows" in page
    assert timedelta(seconds=SELDOM_S) == timedelta(minutes=10)
