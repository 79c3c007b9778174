"""Records → Block Kit. Pure: what is shown depends on what is given, and on nothing else.

The top-level `text` carries the whole meaning (facts: notifications and screen readers read it, not the
blocks), a state is always a word, and everything is cut to Slack's limits here: one character over and Slack
refuses the whole message.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.json_text import mask
from bot.mrkdwn import code, cut, escape, person, plain, unformatted
from bot.redaction import scrub
from bot.verbs.board import Offer, Row, Telling
from bot.verbs.names import has_started, in_words
from bot.verbs.times import clock_time, lasting, local
from storage.records import Session, State

Payload = dict[str, Any]

STOP_ACTION: Final = "stop"
OFFER_ACTION: Final = "offer"

SECTION_LIMIT: Final = 3_000
TEXT_LIMIT: Final = 4_000
BLOCKS_LIMIT: Final = 50
TOGETHER_LIMIT: Final = 12_000
"""How long all texts of a message may be together: users report `msg_blocks_too_long` from about 13,200 on."""

LABEL_LIMIT: Final = 75
CONFIRM_TITLE_LIMIT: Final = 100
CONFIRM_TEXT_LIMIT: Final = 300
CONFIRM_LABEL_LIMIT: Final = 30
DATA_SHOWN: Final = 300
RULE_SHOWN: Final = 150
EVENT_SHOWN: Final = 1_200


def card(session: Session) -> Payload:
    """Paint a session's card: `text` and `blocks` for chat.postMessage and chat.update."""
    title = f"*{session.name} {escape(session.rule, RULE_SHOWN)}* – *{in_words(session)}*"
    facts = [_started(session), *_data(session), *_stop(session), *_end(session)]
    last = f"Last: {cut(session.last_event, EVENT_SHOWN)}"
    blocks: list[Payload] = [_section("\n".join([title, *facts])), _context(last)]
    if can_stop(session):
        blocks.append({"type": "actions", "elements": [stop_button(session)]})
    return {"text": _text("\n".join([title, *facts, last])), "blocks": blocks}


def reply(body: Mapping[str, Any]) -> Payload:
    """Paint a reply in a thread from its stored form."""
    text = str(body["text"])
    return {"text": _text(text), "blocks": _fitting([_section(part) for part in parts(text)])}


def telling(said: Telling, button_value: Callable[[Offer], str]) -> Payload:
    """Paint what one person is told; `button_value` gives the opaque value under which an offer is kept."""
    blocks = _fitting([*(_section(part) for part in parts(said.text)), *(_row(row) for row in said.rows)])
    if said.offers:
        buttons = [_offer_button(offer, button_value(offer)) for offer in said.offers]
        blocks.append({"type": "actions", "elements": buttons})
    whole = "\n".join([said.text, *(row.text for row in said.rows)])
    return {"text": _text(whole), "blocks": blocks}


def can_stop(session: Session) -> bool:
    """Whether a stop can do something: it can be sent now, or kept until the URL arrives."""
    if session.state.is_over or (session.end_seen_at is not None and session.unconfirmed_at is None):
        return False
    if session.state is State.starting:
        return session.stop_asked_at is None
    return session.has_url and (session.stop_asked_at is None or session.unconfirmed_at is not None)


def stop_button(session: Session) -> Payload:
    """Make the Stop button with its dialog. Its value says which session, and which card this is."""
    since = clock_time(session.started_at or session.created_at)
    rule = unformatted(session.rule, RULE_SHOWN)
    question = f"Rule {rule}, started {since}. The scenario is asked to end, and its calls with it."
    return {
        "type": "button",
        "action_id": f"{STOP_ACTION}:{session.id}",
        "text": _plain_text("Stop", LABEL_LIMIT),
        "style": "danger",
        "value": f"{session.id}.{session.version}",
        "confirm": _confirm(f"Stop session {session.name}?", question, "Stop session", "Keep running"),
    }


def parts(text: str) -> Sequence[str]:
    """Split a text at line ends into pieces that fit a section; a fence that is cut is closed and reopened."""
    pieces: list[str] = []
    piece = ""
    fenced = False
    room = SECTION_LIMIT - len("```\n\n```")
    for whole_line in text.split("\n"):
        for line in _slices(whole_line, room):
            if piece and len(piece) + 1 + len(line) > room:
                pieces.append(f"{piece}\n```" if fenced else piece)
                piece = f"```\n{line}" if fenced else line
            else:
                piece = f"{piece}\n{line}" if piece else line
            fenced ^= line.count("```") % 2 == 1
    if piece:
        pieces.append(piece)
    return pieces


def _fitting(blocks: Sequence[Payload]) -> list[Payload]:
    """Keep as many blocks as one message takes, with room for buttons; say when some are left out."""
    kept: list[Payload] = []
    room = TOGETHER_LIMIT
    for block in blocks:
        room -= _length(block)
        if room < 0 or len(kept) == BLOCKS_LIMIT - 2:
            kept.append(_context(f"… {len(blocks) - len(kept)} more parts do not fit into one message."))
            break
        kept.append(block)
    return kept


def _length(part: Any) -> int:
    """Count the characters of all texts in a part of a message."""
    if isinstance(part, str):
        return len(part)
    if isinstance(part, Mapping):
        return sum(_length(value) for key, value in part.items() if key not in {"type", "value", "action_id"})
    return sum(_length(each) for each in part) if isinstance(part, Sequence) else 0


def _slices(line: str, room: int) -> Sequence[str]:
    return [line[start : start + room] for start in range(0, len(line), room)] or [""]


def _started(session: Session) -> str:
    when = local(session.started_at or session.created_at)
    verb = "Started" if has_started(session) else "Asked for"
    number = f" · h{session.history_id}" if session.history_id is not None else ""
    return f"{verb} by {person(session.starter)}, {when}{number}"


def _data(session: Session) -> list[str]:
    if session.custom_data is None:
        return []
    return [f"Data: {code(scrub(mask(session.custom_data)), DATA_SHOWN)}"]


def _stop(session: Session) -> list[str]:
    if session.stop_by is None or session.stop_asked_at is None:
        return []
    why = f": {escape(session.stop_reason, DATA_SHOWN)}" if session.stop_reason else ""
    return [f"Stop asked for by {person(session.stop_by)}, {local(session.stop_asked_at)}{why}"]


def _end(session: Session) -> list[str]:
    if session.finish_reason is None:
        return []
    words = [f"Finish reason: {escape(session.finish_reason, RULE_SHOWN)}"]
    if session.duration is not None:
        words.append(f"duration {lasting(session.duration)}")
    if session.cost is not None:
        words.append(f"cost {session.cost.normalize():f} {session.currency or ''}".rstrip())
    return [" · ".join(words)]


def _row(row: Row) -> Payload:
    block = _section(cut(row.text, SECTION_LIMIT))
    if row.stoppable is not None and can_stop(row.stoppable):
        block["accessory"] = stop_button(row.stoppable)
    return block


def _offer_button(offer: Offer, value: str) -> Payload:
    button: Payload = {
        "type": "button",
        "action_id": OFFER_ACTION,
        "text": _plain_text(offer.label, LABEL_LIMIT),
        "value": value,
    }
    if offer.danger:
        button["style"] = "danger"
    if offer.question is not None:
        button["confirm"] = _confirm(offer.label, offer.question, "Yes", "No")
    return button


def _confirm(title: str, text: str, yes: str, no: str) -> Payload:
    return {
        "title": _plain_text(title, CONFIRM_TITLE_LIMIT),
        "text": _plain_text(text, CONFIRM_TEXT_LIMIT),
        "confirm": _plain_text(yes, CONFIRM_LABEL_LIMIT),
        "deny": _plain_text(no, CONFIRM_LABEL_LIMIT),
        "style": "danger",
    }


def _section(text: str) -> Payload:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text or " "}}


def _context(text: str) -> Payload:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _plain_text(text: str, limit: int) -> Payload:
    return {"type": "plain_text", "text": cut(text, limit) or " ", "emoji": False}


def _text(text: str) -> str:
    return cut(plain(text), TEXT_LIMIT)
