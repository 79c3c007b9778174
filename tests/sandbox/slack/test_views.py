"""Modals: their limits, and what becomes of them."""

import asyncio
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack._blocks import Surface
from bot.sandbox.slack._errors import SlackError
from bot.sandbox.slack._views import check_view


def plain(length: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * length}


def modal(**parts: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain(4), "submit": plain(4), "blocks": [], **parts}


def field(**element: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain(4), "element": {"type": "plain_text_input", **element}}


def choice(count: int) -> dict[str, Any]:
    option = {"text": plain(4), "value": "x"}
    return {"type": "input", "label": plain(4), "element": {"type": "static_select", "options": [option] * count}}


@pytest.mark.parametrize(
    ("view", "limit"),
    [
        (lambda n: modal(title=plain(n)), 24),
        (lambda n: modal(submit=plain(n)), 24),
        (lambda n: modal(close=plain(n)), 24),
        (lambda n: modal(private_metadata="x" * n), 3000),
        (lambda n: modal(callback_id="x" * n), 255),
        (lambda n: modal(blocks=[{"type": "divider"}] * n), 100),
        (lambda n: modal(blocks=[choice(n)]), 100),
        (lambda n: modal(blocks=[field(focus_on_load=True)] * n), 1),
        (lambda n: modal(blocks=[field(initial_value="x" * n)]), 3000),
        (lambda n: modal(blocks=[field(max_length=n)]), 3000),
        (lambda n: modal(blocks=[field(placeholder=plain(n))]), 150),
        (lambda n: modal(blocks=[{**field(), "hint": plain(n)}]), 2000),
        (lambda n: modal(blocks=[{**field(), "label": plain(n)}]), 2000),
    ],
)
def test_limits(view: Any, limit: int) -> None:
    """Each limit of a modal holds to the character and to the item."""
    check_view(view(limit), Surface.MODAL)
    with pytest.raises(SlackError, match="invalid_arguments"):
        check_view(view(limit + 1), Surface.MODAL)


def test_a_view_has_a_size() -> None:
    """A view over 250 kB is view_too_large, each part within its limits or not."""
    blocks = [{"type": "section", "text": plain(3000)}] * 90
    with pytest.raises(SlackError, match="view_too_large"):
        check_view(modal(blocks=blocks), Surface.MODAL)


async def opened(slack: LocalSlack, client: AsyncWebClient, **parts: Any) -> Any:
    """Open a modal for alice and give it."""
    alice = slack.person("alice")
    trigger = (await alice.slash(slack.channel("ops"), "send 7")).trigger_id
    await client.views_open(trigger_id=trigger, view=modal(**parts))
    return alice.modals[-1]


async def test_a_closed_modal_is_gone(slack: LocalSlack, client: AsyncWebClient) -> None:
    """A modal that the person closed cannot be filled any more, nor closed again."""
    view = await opened(slack, client)
    await client.views_update(view_id=view.id, view=modal(title=plain(9)))
    assert view.title == "x" * 9
    assert (await slack.person("alice").close(view)).envelope is None
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id=view.id, view=modal())
    with pytest.raises(LookupError):
        await slack.person("alice").close(view)


async def test_closing_is_told_where_asked_for(
    slack: LocalSlack, client: AsyncWebClient, app: AsyncApp, running: Any
) -> None:
    """With notify_on_close the app hears that a modal was closed."""
    closed = asyncio.Event()

    @app.view_closed("editor")
    async def heard(ack: Any) -> None:
        await ack()
        closed.set()

    async with running(app):
        view = await opened(slack, client, callback_id="editor", notify_on_close=True)
        assert (await slack.person("alice").close(view)).acked
    assert closed.is_set()
