"""Cards, replies and responses → Block Kit. Pure: the result depends on the arguments only.

The top-level `text` carries the whole meaning (facts: notifications and screen readers read it, not the
blocks), a state is always a word, and everything is cut to Slack's limits here: one character over and Slack
refuses the whole message.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.ports import (
    Offer,
    Response,
    Row,
    data_excerpt,
    live_calls_words,
    origin_words,
    session_name,
    state_sign,
    state_words,
)
from bot.slack.render._buttons import (
    LABEL_LIMIT,
    BlockKit,
    confirm,
    of_card,
    of_reply,
    plain_text,
    stop_button,
    stop_these_button,
)
from bot.slack.render._mrkdwn import NameOf, fit_mrkdwn, nobody, render_fallback, render_mrkdwn
from bot.stops import history_words, session_standing
from bot.text import duration_words, first_line, moment, person, strong
from storage.records import HistorySays, Origin, Session, State
from storage.stop import StopState

OFFER_ACTION: Final = "offer"
EDIT_ACTION: Final = "edit"

SECTION_LIMIT: Final = 3_000
TEXT_LIMIT: Final = 4_000
BLOCKS_LIMIT: Final = 50
TOGETHER_LIMIT: Final = 12_000
"""The number of characters of all texts of a message: users report `msg_blocks_too_long` from about 13,200 on."""

DATA_SHOWN: Final = 300
RULE_SHOWN: Final = 150
EVENT_SHOWN: Final = 1_200

_FENCE: Final = "```"
_WHOLE: Final = re.compile(r"<[^<>]*>|&(?:amp|lt|gt);|[^<&]|[<&]")


def render_card(session: Session, name_of: NameOf = nobody, note: str | None = None) -> BlockKit:
    """Return a session's card: `text` and `blocks` for chat.postMessage and chat.update; `note` is a line of it."""
    title = f"{state_sign(session)} {strong(session_name(session))} – {strong(state_words(session))}"
    noted = [] if note is None else [note]
    facts = [
        _started(session),
        *_data(session),
        *_lasts(session),
        *_heard(session),
        *noted,
        *_stop(session),
        *_end(session),
    ]
    last = f"Last: {fit_mrkdwn(session.last_event, EVENT_SHOWN)}{_as_of(session)}"
    whole = render_mrkdwn("\n".join([title, *facts]), SECTION_LIMIT, name_of=name_of)
    blocks: list[BlockKit] = [_section(whole), _context(render_mrkdwn(last, SECTION_LIMIT, name_of=name_of))]
    if buttons := of_card(session, name_of):
        blocks.append({"type": "actions", "elements": buttons})
    return {"text": _text("\n".join([title, *facts, last]), name_of), "blocks": blocks}


def render_reply(
    body: Mapping[str, Any], session: Session | None = None, *, elsewhere: bool = False, name_of: NameOf = nobody
) -> BlockKit:
    """Return a reply in a thread, or `elsewhere`, from its stored form.

    With a `session` it is an alarm about it: the fact stands in its first line, the buttons under that,
    before the details; for a session that is over the first line has that.
    """
    text = str(body["text"])
    if session is not None and session.state.is_final:
        text = f"{strong('Over')}: {session_standing(session)}\nSaid before: {text}"
    buttons = [] if session is None else of_reply(session, elsewhere=elsewhere, name_of=name_of)
    return _alarm(text, buttons, name_of)


def _alarm(text: str, buttons: Sequence[BlockKit], name_of: NameOf) -> BlockKit:
    """Return a text with its buttons, if there are any, under its first line, which holds the fact."""
    if not buttons:
        blocks = [_section(part) for part in parts(render_mrkdwn(text, name_of=name_of))]
    else:
        (first, *others), details = (parts(render_mrkdwn(each, name_of=name_of)) for each in first_line(text))
        actions = {"type": "actions", "elements": list(buttons)}
        blocks = [_section(first), actions, *(_section(each) for each in [*others, *details])]
    return {"text": _text(text, name_of), "blocks": _fitting(blocks)}


def render_bulk_alarm(text: str, again: Sequence[int], name_of: NameOf = nobody) -> BlockKit:
    """Return the alarm of a bulk stop, with the button that stops `again` these."""
    return _alarm(text, [stop_these_button(again)], name_of)


def render_response(response: Response) -> BlockKit:
    """Render a response, whose offers are kept under the values of their buttons."""
    said = [_section(part) for part in parts(render_mrkdwn(response.text))]
    blocks = _fitting([*said, *(_row(row) for row in response.rows)])
    if response.offers:
        buttons = [_offer_button(offer, place) for place, offer in enumerate(response.offers)]
        blocks.append({"type": "actions", "elements": buttons})
    whole = "\n".join([response.text, *(row.text for row in response.rows)])
    return {"text": _text(whole), "blocks": blocks}


def parts(text: str) -> Sequence[str]:
    """Split mrkdwn at line ends into pieces that fit a section; a fence that is cut is closed and reopened.

    The line that opens or closes a fence stays with what is in it: no piece holds an empty fence.
    """
    pieces: list[str] = []
    piece = ""
    fenced = False
    room = SECTION_LIMIT - len("```\n\n```")
    for whole_line in text.split("\n"):
        for line in _slices(whole_line, room):
            if piece and len(piece) + 1 + len(line) > room and not (fenced and line == _FENCE):
                pieces.extend(_closed(piece) if fenced else [piece])
                piece = f"{_FENCE}\n{line}" if fenced else line
            else:
                piece = f"{piece}\n{line}" if piece else line
            fenced ^= line.count(_FENCE) % 2 == 1
    if piece:
        pieces.append(piece)
    return pieces


def _closed(piece: str) -> Sequence[str]:
    """Return a piece that ends in a fence: the fence is closed, or left to the next piece if it has only begun."""
    before, _, last = piece.rpartition("\n")
    if last != _FENCE:
        return [f"{piece}\n{_FENCE}"]
    return [before] if before else []


def _fitting(blocks: Sequence[BlockKit]) -> list[BlockKit]:
    """Return as many blocks as one message takes, with room for buttons, and a note on the others."""
    kept: list[BlockKit] = []
    room = TOGETHER_LIMIT
    for block in blocks:
        room -= _length(block)
        if room < 0 or len(kept) == BLOCKS_LIMIT - 2:
            kept.append(_context(f"… {len(blocks) - len(kept)} more parts do not fit into one message."))
            break
        kept.append(block)
    return kept


def _length(part: Any) -> int:
    """Return the number of characters of all texts in a part of a message."""
    if isinstance(part, str):
        return len(part)
    if isinstance(part, Mapping):
        return sum(_length(value) for key, value in part.items() if key not in {"type", "value", "action_id"})
    return sum(_length(each) for each in part) if isinstance(part, Sequence) else 0


def _slices(line: str, room: int) -> Sequence[str]:
    """Cut a line into pieces, none within a mention, a link or an entity."""
    slices: list[str] = []
    start = 0
    for found in _WHOLE.finditer(line):
        if found.end() - start > room:
            slices.append(line[start : found.start()])
            start = found.start()
    return [*slices, line[start:]]


def _as_of(session: Session) -> str:
    """Return the moment of the card: that of the session's last event, or of the last reading."""
    if session.seems_over or session.state is State.starting:
        return ""
    known = max(session.changed_at, session.history_at or session.changed_at)
    is_silent = session.history_says is HistorySays.silent and not session.stop_state.needs_a_person
    silent = "; the history could not be asked since" if is_silent else ""
    return f" · As of {moment(known, seconds=True)}{silent}"


def _started(session: Session) -> str:
    when = moment(session.started_at or session.created_at)
    number = f" · h{session.history_id}" if session.history_id is not None else _without_number(session)
    if session.adopted:
        began = f"; started {when}" if session.started_at is not None else ""
        return f"Adopted by {person(session.starter)}, {moment(session.created_at)}{began}{number}"
    origin = origin_words(session)
    began = "began " if session.origin is Origin.elsewhere else ""
    return f"{origin[0].upper()}{origin[1:]}, {began}{when}{number}"


def _without_number(session: Session) -> str:
    if not session.has_url or session.state.is_final:
        return ""
    unseen = session.adopted and session.application_id is None
    return " · no number at the platform" + (": its end cannot be seen" if unseen else " yet")


def _data(session: Session) -> list[str]:
    shown = data_excerpt(session, DATA_SHOWN)
    return [] if shown is None else [f"Data: {fit_mrkdwn(shown, DATA_SHOWN)}"]


def _lasts(session: Session) -> list[str]:
    """Return the session's limits, and the excess over them."""
    if session.over_max_at is not None and session.max is not None:
        return [strong(f"Over its limit of {duration_words(session.max)}")]
    limit = [] if session.max is None else [f"Limit: {duration_words(session.max)}"]
    if session.max_doubted_at is not None and not session.seems_over:
        limit.append(f"{strong('Perhaps over its limit')}: the clocks do not agree")
    if session.expect_told_at is not None and not session.seems_over:
        limit.append(strong("Lasts longer than expected"))
    return [" · ".join(limit)] if limit else []


def _heard(session: Session) -> list[str]:
    """Return when the session was heard of, as a moment: its card is not painted anew for each sign of life."""
    if session.heard_at is None or session.seems_over:
        return []
    if session.silent_at is not None:
        words = strong(f"Not heard of since {moment(session.heard_at)}") + live_calls_words(session)
    else:
        words = f"Heard of {moment(session.heard_at, seconds=True)}{live_calls_words(session)}"
    ending = (
        "" if session.ending_at is None else f" · Said that it is ending, {moment(session.ending_at, seconds=True)}"
    )
    return [f"{words}{ending}"]


def _stop(session: Session) -> list[str]:
    """Return the person of a stop, and its problems: later events do not hide those."""
    stop = session.stop
    if stop is None:
        return []
    why = f": {fit_mrkdwn(stop.reason, DATA_SHOWN)}" if stop.reason else ""
    taken = "" if stop.taken_at is None else f" · Taken up {moment(stop.taken_at, seconds=True)}"
    if stop.untaken_at is not None and stop.taken_at is None and not session.seems_over:
        taken = f" · {strong('Not taken up by its scenario')}"
    asked = f"Stop asked for by {person(stop.by)}, {moment(stop.asked_at)}{why}{taken}"
    if stop.given_up_at is None or session.seems_over:
        return [asked]
    if session.stop_state is StopState.not_sent:
        return [asked, f"{strong('Stop not sent')}, {moment(stop.given_up_at)}: it may still run, and bill"]
    return [
        asked,
        f"{strong('Stop not confirmed')}, {moment(stop.given_up_at)}: it may still run. {history_words(session)}",
    ]


def _end(session: Session) -> list[str]:
    if session.finish_reason is None:
        return []
    words = [f"Finish reason: {fit_mrkdwn(session.finish_reason, RULE_SHOWN)}"]
    if session.duration is not None:
        words.append(f"duration {duration_words(session.duration)}")
    if session.cost is not None:
        words.append(f"cost {session.cost.normalize():f} {session.currency or ''}".rstrip())
    return [" · ".join(words)]


def _row(row: Row) -> BlockKit:
    block = _section(render_mrkdwn(row.text, SECTION_LIMIT))
    if row.stoppable is not None and row.stoppable.is_stop_offered:
        block["accessory"] = stop_button(row.stoppable)
    return block


def _offer_button(offer: Offer, place: int) -> BlockKit:
    action = f"{OFFER_ACTION}:{place}" if place else OFFER_ACTION  # no two in a row may have the same
    button: BlockKit = {
        "type": "button",
        "action_id": action if offer.editor is None else f"{EDIT_ACTION}:{offer.editor}",
        "text": plain_text(offer.label, LABEL_LIMIT),
        "value": offer.value,
    }
    if offer.danger:
        button["style"] = "danger"
    if offer.question is not None:
        button["confirm"] = confirm(offer.label, offer.question, "Yes", "No")
    return button


def _section(text: str) -> BlockKit:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text or " "}}


def _context(text: str) -> BlockKit:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _text(text: str, name_of: NameOf = nobody) -> str:
    return render_fallback(text, TEXT_LIMIT, name_of=name_of)
