"""A response to one person, with its buttons and its list."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.ports._grammar import Intent
from storage.records import Session


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A button under a response: pressing it runs `intent` for the person, once.

    `again` passes the double-press window; `confirmed` means that the person has seen its effect;
    `question` is asked in a dialog first. With `editor`, the button opens the editor for that session instead,
    filled with `draft`. After `good_for` it only runs `redraw`, which shows its present effect. `value` is that of its
    button, once it is kept for the person: it says nothing of what the button does.
    """

    label: str
    intent: Intent
    again: bool = False
    confirmed: bool = False
    danger: bool = False
    question: str | None = None
    editor: int | None = None
    draft: str | None = None
    good_for: timedelta | None = None
    redraw: Intent | None = None
    value: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Response:
    """A text that only its person sees, with buttons under it and a list in it."""

    text: str
    offers: tuple[Offer, ...] = ()
    rows: tuple["Row", ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line about one session in a list, with a Stop button where it can be stopped; `about` is that session."""

    text: str
    stoppable: Session | None = None
    about: Session | None = None


Respond = Callable[[Response], Awaitable[None]]
"""Sends a response to the person who asked; never raises: one that cannot be delivered is logged."""
