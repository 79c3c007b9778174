"""Forms, the Home tab and choices: Slack takes them whatever is in them, and nobody is called by them."""

import re
from collections.abc import Mapping
from typing import Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from bot.ports import ChosenRule, RuleListing
from bot.ports._response import Offer, Response, Row
from bot.sandbox.slack._blocks import Surface
from bot.sandbox.slack._views import view_problems
from bot.slack.inbound._home import home_view
from bot.slack.render import _modals as modals
from bot.text import foreign
from bot.verbs import Version
from storage.records import Session
from tests.block_models import objections
from tests.properties.test_card_properties import BASE, HOSTILE, texts

HOW = settings(max_examples=8, derandomize=True, phases=[Phase.explicit, Phase.generate])
PING = re.compile(r"<(?:@(?!U[23]>)|[#!](?!date\^)|https?:)")
"""Markup that calls somebody but those of the session itself, or leads away."""
WORDS = texts.map(lambda text: f"x{foreign(text)}")
MANY = st.sampled_from((0, 1, 30, 101))


def mrkdwn(part: Any) -> list[str]:
    """Return the texts in which Slack looks for markup."""
    if isinstance(part, Mapping):
        own = [part["text"]] if part.get("type") == "mrkdwn" else []
        return [*own, *(text for value in part.values() for text in mrkdwn(value))]
    return [text for each in part for text in mrkdwn(each)] if isinstance(part, list) else []


def check(view: Mapping[str, Any], surface: Surface) -> None:
    """Check a view as Slack does, and by Slack's own models, and that its texts call nobody."""
    assert not list(view_problems(dict(view), surface))
    assert not objections({"view": view})
    assert not [each for each in mrkdwn(view["blocks"]) if PING.search(each)]


@HOW
@given(HOSTILE, WORDS, MANY, st.none() | WORDS)
@example(session=BASE, text="x", presets=1, note="x" * 4_000)
def test_every_editor_is_taken(session: Session, text: str, presets: int, note: str | None) -> None:
    """The editor of any session is a view that Slack takes, with any presets, text and note, and calls nobody."""
    of = modals.editor_about(session, {f"{n} {text}": "{}" for n in range(presets)}, "form")
    check(modals.editor_form(of, text[: modals.INPUT_LIMIT], note), Surface.MODAL)


@HOW
@given(WORDS, WORDS)
def test_every_notice_is_taken(title: str, sentence: str) -> None:
    """A notice of any words is a view that Slack takes, and calls nobody."""
    check(modals.notice_form(title, sentence, "form"), Surface.MODAL)


@HOW
@given(st.none() | WORDS, st.none() | WORDS, st.none() | WORDS, MANY, st.booleans())
def test_every_choice_of_rules_is_taken(
    name: str | None,
    alias: str | None,
    of: str | None,
    many: int,
    lacks: bool,  # noqa: FBT001 - drawn, not passed
) -> None:
    """Rules of any names are choices of a select, a hundred at most, with texts and values that it takes."""
    rules = tuple(
        ChosenRule(id=n, name=name, application_id=7, application_name=of, alias=alias) for n in range(1, many + 2)
    )
    options = modals.rule_options(RuleListing(rules=rules, lacks="some" if lacks else None), "", {1})
    select = {"type": "static_select", "action_id": "a", "options": options}
    block = {"type": "section", "block_id": "b", "text": {"type": "plain_text", "text": "x"}, "accessory": select}
    check({"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": [block]}, Surface.MODAL)


@HOW
@given(HOSTILE, WORDS, MANY, MANY, st.booleans())
@example(session=BASE, text="x", rows=100, noticed=100, offered=True)
def test_every_home_is_taken(session: Session, text: str, rows: int, noticed: int, offered: bool) -> None:  # noqa: FBT001 - drawn, not passed
    """The Home tab of any list, under any response to a click there, is a view that Slack takes, and calls nobody."""
    listed, notice = (
        Response(
            text=f"Listed: {text}",
            rows=(Row(text=text, stoppable=session),) * many,
            offers=(Offer(label=text, intent=Version(), question=text, value="k" * 2_000),) * offered,
        )
        for many in (rows, noticed)
    )
    check(home_view(listed, notice, channel="C1", as_of="02:14"), Surface.HOME)
