"""The pages of docs/reference are what the code makes; what they leave to people is complete."""

import dataclasses
import re
from collections.abc import Mapping
from enum import Enum

import pytest

from bot.cli._exit_codes import ExitCode
from bot.config._config_file import Config
from bot.config._settings import Settings
from bot.ports._errors import Answerable
from bot.ports._session_words import state_sign, state_words
from bot.verbs import VERBS
from bot.voximplant.errors import PlatformError
from storage import stop
from storage.command import CommandState
from storage.records import NEXT, State, StopRefusal
from storage.stop import Arrived, StopState
from tests.docs import reference
from tests.docs.pages import fenced, read, rows
from tests.factories import a_stop

Follows = Mapping[str, frozenset[str]]


@pytest.mark.parametrize("name", list(reference.PAGES))
def test_each_page_is_what_the_code_makes(name: str) -> None:
    """No page of the reference differs from the code; `make reference` writes them."""
    assert read(f"docs/reference/{name}") == reference.PAGES[name](), "make reference writes it anew"


def test_every_page_there_is_made() -> None:
    """No page stands among them that nothing makes."""
    assert {page.name for page in reference.FOLDER.iterdir()} == reference.PAGES.keys()


def test_the_settings_table_is_the_settings() -> None:
    """Every setting stands in the table in its own words, with its default, and nothing else does."""
    fields = [field for field in Settings.model_fields.values() if field.validation_alias]
    expected = [
        f"| `{field.validation_alias}` | {field.description} | {reference.default_of(field)} |" for field in fields
    ]
    assert rows(read("docs/reference/settings.md"), "| variable | meaning | default |") == expected


def test_every_key_of_the_config_file_is_described() -> None:
    """Every table of the config file stands there, and no key of one lacks its sentence."""
    page = read("docs/reference/settings.md")
    assert len(reference.TABLES) == len(dataclasses.fields(Config)) - 1, "each of its fields but `problems` is a table"
    tables = range(len(reference.TABLES))
    keys = [row for number in tables for row in rows(page, "| key | meaning | default |", number)]
    assert keys
    assert not [row for row in keys if "None" in row or not re.search(r"\| .+\.( Needed\.)? \|", row)]


def test_the_commands_table_is_the_table_of_verbs() -> None:
    """Every verb stands there with the usage and the summary that `help` gives, and nothing else does."""
    escaped = [(verb.usage.replace("|", "\\|"), verb.summary) for verb in VERBS]
    expected = [f"| `/session {usage}` | {summary} |" for usage, summary in escaped]
    assert rows(read("docs/reference/commands.md"), "| command | what it does |") == expected


def test_every_word_a_card_can_say_is_explained() -> None:
    """The states, and the marks of sessions that are silent or last too long, are explained as the card has them."""
    painted = [
        *(reference.blank(state=state) for state in State),
        reference.blank(state=State.running, stop=a_stop(reference.NOW)),
        reference.blank(
            state=State.stopping, stop=a_stop(reference.NOW, arrived=Arrived.yes, given_up_at=reference.NOW)
        ),
        reference.blank(state=State.stopping, stop=a_stop(reference.NOW, arrived=Arrived.yes, taken_at=reference.NOW)),
    ]
    said = [f"{state_sign(session)} {state_words(session)}" for session in painted]
    for mark in ("silent_at", "expect_told_at", "over_max_at"):
        marked = reference.blank(state=State.running, **{mark: reference.NOW})
        said.append(f"{state_sign(marked)} {state_words(marked)}".replace("running", "…"))
    explained = [
        row.split("|")[1].strip() for row in rows(read("docs/reference/states.md"), "| the card says | it means |")
    ]
    assert sorted(explained) == sorted(said)


@pytest.mark.parametrize(("number", "follows"), [(0, NEXT), (1, stop.NEXT)])
def test_each_drawing_of_states_is_the_table_of_what_may_follow(number: int, follows: Follows) -> None:
    """Every arrow of the drawing is one of storage's table, and the other way round."""
    page = fenced(read("docs/reference/states.md"), "mermaid", number)
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)$", page, re.MULTILINE))
    table = {(state, later) for state, all_later in follows.items() for later in all_later}
    assert {(start.replace("_", " "), end.replace("_", " ")) for start, end in drawn} == table


@pytest.mark.parametrize("kind", [State, StopState, StopRefusal, CommandState, ExitCode])
def test_every_member_says_what_it_means(kind: type[Enum]) -> None:
    """Each member has its docstring, which people read in the reference."""
    assert reference.members(kind).keys() == {str(member.value) for member in kind}


def test_every_error_has_its_row() -> None:
    """Both trees of errors stand there in full."""
    page = read("docs/reference/errors.md")
    for root in (Answerable, PlatformError):
        assert all(f"| `{kind.__name__}` |" in page for kind in reference.tree(root))
