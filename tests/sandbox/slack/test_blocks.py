"""Block Kit's limits: just fitting passes, one more is refused."""

from typing import Any

import pytest

from bot.sandbox.slack._blocks import Surface, problems


def plain(length: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * length}


def button(**parts: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(4), **parts}


def confirm(**parts: Any) -> dict[str, Any]:
    shape = {"title": plain(1), "text": plain(1), "confirm": plain(1), "deny": plain(1), **parts}
    return button(confirm=shape)


def option(value: str) -> dict[str, Any]:
    return {"text": plain(1), "value": value}


def select(**parts: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "s", "options": [option("a")], **parts}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


@pytest.mark.parametrize(
    ("block", "limit"),
    [
        (lambda n: {"type": "section", "text": plain(n)}, 3000),
        (lambda n: {"type": "section", "fields": [plain(n)]}, 2000),
        (lambda n: {"type": "section", "fields": [plain(1)] * n}, 10),
        (lambda n: {"type": "header", "text": plain(n)}, 150),
        (lambda n: {"type": "context", "elements": [plain(1)] * n}, 10),
        (lambda n: actions(*[button()] * n), 25),
        (lambda n: actions(button(text=plain(n))), 75),
        (lambda n: actions(button(value="x" * n)), 2000),
        (lambda n: actions(button(action_id="x" * n)), 255),
        (lambda n: actions(confirm(title=plain(n))), 100),
        (lambda n: actions(confirm(text=plain(n))), 300),
        (lambda n: actions(confirm(confirm=plain(n))), 30),
        (lambda n: actions(confirm(deny=plain(n))), 30),
        (lambda n: {"type": "divider", "block_id": "x" * n}, 255),
    ],
)
def test_limits(block: Any, limit: int) -> None:
    """Each limit of a block holds to the character and to the item."""
    assert list(problems([block(limit)], Surface.MESSAGE)) == []
    assert len(list(problems([block(limit + 1)], Surface.MESSAGE))) == 1


@pytest.mark.parametrize(("surface", "limit"), [(Surface.MESSAGE, 50), (Surface.MODAL, 100), (Surface.HOME, 100)])
def test_how_many_blocks(surface: Surface, limit: int) -> None:
    """A message takes 50 blocks, a modal or Home tab 100."""
    assert list(problems([{"type": "divider"}] * limit, surface)) == []
    assert list(problems([{"type": "divider"}] * (limit + 1), surface))


@pytest.mark.parametrize(
    "blocks",
    [
        "no list",
        ["no object"],
        [{}],
        [{"type": "sections", "text": plain(1)}],
        [{"type": ["section"]}],
        [{"type": "section"}],
        [{"type": "section", "text": "bare"}],
        [{"type": "section", "text": plain(0)}],
        [{"type": "section", "text": plain(1), "colour": "red"}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [actions()],
        [actions(button(style="loud"))],
        [actions(button(value=7))],
        [actions(button(text={"type": "mrkdwn", "text": "x"}))],
        [actions(button(action_id="a"), button(action_id="a"))],
        [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}],
        [actions(button(url="not an address"))],
        [actions(select(option_groups=[{"label": plain(1), "options": [option("a")]}]))],
        [actions(select(initial_option=option("b")))],
        [{"type": "input", "label": plain(1), "element": {"type": "plain_text_input"}}],
    ],
)
def test_wrong_shapes(blocks: Any) -> None:
    """What is no block, not whole, unknown or there twice is refused."""
    assert list(problems(blocks, Surface.MESSAGE))


def test_a_select_begins_with_one_of_its_own() -> None:
    """A first choice among the options, and an address of a button, are taken."""
    whole = [actions(select(initial_option=option("a")), button(url="https://example.com/runbook"))]
    assert list(problems(whole, Surface.MESSAGE)) == []


def test_words() -> None:
    """A problem is told in Slack's words, with the place."""
    found = list(problems([{"type": "section", "text": plain(3001)}], Surface.MESSAGE))
    assert found == ["must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]
