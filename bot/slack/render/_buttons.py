"""The buttons on a card, under a reply and beside a session's line, chosen by its state alone. Pure.

A value is the session's number and the version of the pressed card: the effect of a click is decided
when it comes.
"""

from collections.abc import Sequence
from typing import Any, Final

from bot.ports import data_excerpt, origin_words, rule_name
from bot.slack.render._mrkdwn import NameOf, fit_mrkdwn, nobody, render_mrkdwn
from bot.text import clock_time, cut, plain
from storage.records import Origin, Session, State
from storage.stop import StopState

BlockKit = dict[str, Any]

STOP_ACTION: Final = "stop"
SEND_ACTION: Final = "send"
REFRESH_ACTION: Final = "refresh"
CLOSE_ACTION: Final = "close"
STOP_THESE_ACTION: Final = "stop_these"
AGAIN_ACTION: Final = "again"

LABEL_LIMIT: Final = 75
VALUE_LIMIT: Final = 2_000
CONFIRM_TITLE_LIMIT: Final = 100
QUESTION_LIMIT: Final = 300
CONFIRM_LABEL_LIMIT: Final = 30
RULE_SHOWN: Final = 40
DATA_SHOWN: Final = 40


def of_card(session: Session, name_of: NameOf = nobody) -> list[BlockKit]:
    """Return the buttons of a session's card, the most urgent first."""
    shown = of_reply(session, name_of=name_of)
    if session.is_closable:
        shown.append(_close_button(session, name_of))
    if session.state.is_final and session.rule_id and session.origin is Origin.slack:  # an adopted one may have no rule
        shown.append(_again_button(session))
    elif not session.state.is_final:
        shown.append(_button(REFRESH_ACTION, "Refresh", session))
    return shown


def of_reply(session: Session, *, elsewhere: bool = False, name_of: NameOf = nobody) -> list[BlockKit]:
    """Return the buttons of an alarm: those for its running session, as on its card.

    `elsewhere` is a direct message: from there a session can be stopped, and nothing be sent to it.
    """
    shown = []
    if session.is_stop_offered:
        shown.append(stop_button(session, name_of))
    if can_send(session) and not elsewhere:
        shown.append(_button(SEND_ACTION, "Send…", session))
    return shown


def can_send(session: Session) -> bool:
    """Return whether something can be sent to it now."""
    return session.has_url and not session.seems_over and session.state is not State.starting


def stop_button(session: Session, name_of: NameOf = nobody) -> BlockKit:
    """Return the Stop button with its dialog, which names rule, origin and time of the start."""
    label = "Stop" if session.stop_state is StopState.not_asked else "Stop again"
    question = f"{_described(session)} The scenario is asked to end, and its calls with it."
    asked = confirm(f"Stop session {session.name}?", question, "Stop session", "Keep running", name_of)
    return _button(STOP_ACTION, label, session) | {"style": "danger", "confirm": asked}


def stop_these_button(ids: Sequence[int]) -> BlockKit:
    """Return the button that stops exactly these again, as many of them as its value holds."""
    value = cut_words(" ".join(map(str, ids)), VALUE_LIMIT)
    count = len(value.split())
    which = f"#{value}" if count == 1 else f"these {count}"
    question = f"Asked to end once more: {', '.join(f'#{each}' for each in value.split())}."
    asked = confirm(f"Stop {which} again?", question, "Stop again", "Not now")
    return {
        "type": "button",
        "action_id": f"{STOP_THESE_ACTION}:{count}",
        "text": plain_text(f"Stop {which} again", LABEL_LIMIT),
        "value": value,
        "style": "danger",
        "confirm": asked,
    }


def cut_words(words: str, limit: int) -> str:
    """Return a row of words cut at the end of the last whole one."""
    return words if len(words) <= limit else words[: limit + 1].rpartition(" ")[0]


def confirm(title: str, text: str, yes: str, no: str, name_of: NameOf = nobody) -> BlockKit:
    """Make a dialog that asks before a button acts; `text` is neutral."""
    return {
        "title": plain_text(title, CONFIRM_TITLE_LIMIT),
        "text": {"type": "mrkdwn", "text": render_mrkdwn(text, QUESTION_LIMIT, name_of=name_of) or " "},
        "confirm": plain_text(yes, CONFIRM_LABEL_LIMIT),
        "deny": plain_text(no, CONFIRM_LABEL_LIMIT),
        "style": "danger",
    }


def plain_text(text: str, limit: int) -> BlockKit:
    """Return a text without formatting, cut to its limit."""
    return {"type": "plain_text", "text": cut(plain(text), limit) or " ", "emoji": False}


def _close_button(session: Session, name_of: NameOf) -> BlockKit:
    question = (
        f"{_described(session)} Nothing is sent: it may still run and bill. "
        "Its end is still watched for, and a stop can still be asked for."
    )
    asked = confirm(
        f"Close the record of session {session.name}?", question, "Close the record", "Keep it open", name_of
    )
    return _button(CLOSE_ACTION, "Close the record", session) | {"confirm": asked}


def _again_button(session: Session) -> BlockKit:
    start = _data(session)
    given = f"the same data, {start}" if start is not None else "no data"
    question = f"A new session of rule {_rule(session)} is started, with {given}."
    asked = confirm(f"Start {session.name} again?", question, "Start again", "Not now")
    del asked["style"]
    return _button(AGAIN_ACTION, "Start again", session) | {"confirm": asked}


def _described(session: Session) -> str:
    since = clock_time(session.started_at or session.created_at)
    began = "began" if session.origin is Origin.elsewhere else "started"
    return f"Rule {_rule(session)}{_with(session)}, {origin_words(session)}, {began} {since}."


def _with(session: Session) -> str:
    """Return the data that distinguishes a session from others of its rule."""
    return "" if (start := _data(session)) is None else f", data {start}"


def _rule(session: Session) -> str:
    return fit_mrkdwn(rule_name(session, RULE_SHOWN), 2 * RULE_SHOWN)


def _data(session: Session) -> str | None:
    return None if (start := data_excerpt(session, DATA_SHOWN)) is None else fit_mrkdwn(start, DATA_SHOWN)


def _button(action: str, label: str, session: Session) -> BlockKit:
    return {
        "type": "button",
        "action_id": f"{action}:{session.id}",
        "text": plain_text(label, LABEL_LIMIT),
        "value": f"{session.id}.{session.version}",
    }
