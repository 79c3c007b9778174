"""How a mention is read: what acts, what asks, what is refused."""

from dataclasses import replace

import pytest

from bot.ports import SessionRef, line_of
from bot.slack.inbound._mentions import Line, Owner, read
from bot.verbs import VERBS, Close, Stop, TheseSessions

BOT = "UBOT"
OWN = Stop(TheseSessions.own(7))


def meant(found: Line) -> Line:
    """Write an intent as a line."""
    return found if isinstance(found.asked, str) else replace(found, asked=line_of(VERBS, found.asked))


def line(text: str, session: int | None = 7) -> Line:
    """Read a mention in the thread of #7, which is h4202753936, or outside any."""
    return read(text, BOT, None if session is None else Owner(session, 4202753936), "/session")


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("stop", "stop 7"),
        ("  Stop ", "stop 7"),
        ("stop:", "stop 7"),
        ("stop: wrong number", 'stop 7 "wrong number"'),
        ("stop : 5 calls hang", 'stop 7 "5 calls hang"'),
        ("STOP because nobody answers", 'stop 7 "nobody answers"'),
        ('stop: he said "no" twice', 'stop 7 "he said "no" twice"'),
        ("stop 7", "stop 7"),
        ("stop #7: wrong number", 'stop 7 "wrong number"'),
        ("stop 7.", "stop 7"),
        ("stop (7)", "stop 7"),
        ("stop \uff17: x", 'stop 7 "x"'),
        ("stop session 7", "stop 7"),
        ("stop h4202753936 because x", 'stop 7 "x"'),
        ("stop 4202753936", "stop 7"),
        ("stop s7 because of me", 'stop 7 "of me"'),
        ("close", "close 7"),
        ("close: we know why", "close 7 we know why"),
        ("again", "again 7"),
        ("log", "log 7"),
        ("audit since=24h", "audit 7 since=24h"),
        ("stop all", "stop all"),
        ("stop all older=30m rule=x", "stop all older=30m rule=x"),
        ('send {"a": 1}', 'send 7 {"a": 1}'),
        ('send 8 {"a": 1}', 'send 8 {"a": 1}'),
        ("send", "send 7"),
        ("status", "status 7"),
        ("Status #8", "Status #8"),
        ("list", "list"),
        ("start obedient 7", "start obedient 7"),
        ("", ""),
        ("frobnicate", "frobnicate"),
        ('"never closed', '"never closed'),
    ],
)
def test_in_a_thread_a_command_needs_no_id(said: str, command: str) -> None:
    """The thread's session is meant by every verb that takes an id, unless another one is named."""
    assert meant(line(f"<@{BOT}> {said}")) == Line(command)


@pytest.mark.parametrize(
    "said",
    [
        "stop is not working, can anyone check?",
        "stop it",
        "stop!",
        "stop, please",
        "stop all of this",
        "stop all stuck ones",
        "stop because",
        "stop\nplease",
        "stop 7 is broken",
    ],
)
def test_other_text_after_stop_gets_a_button(said: str) -> None:
    """What only begins with the word stops nothing: the person is asked, with a button for the thread's session."""
    read_ = line(f"<@{BOT}> {said}")
    assert read_.refused is not None
    assert "Nothing was stopped" in read_.refused.text
    (offer,) = read_.refused.offers
    assert (offer.label, offer.intent, offer.confirmed) == ("Stop #7", OWN, True)


@pytest.mark.parametrize(
    ("said", "label", "text"),
    [
        ("stop 8", "Stop #8", "stop 8"),
        ("stop 2 calls hang", "Stop #2", "stop 2"),
        ("stop 7 8", "Stop #7 and #8", "stop 7 8"),
        ("stop 7 and 8", "Stop #7 and #8", "stop 7 8"),
        ("stop h7", "Stop h7", "stop h7"),
        ("stop #8: it hangs", "Stop #8", "stop 8"),
    ],
)
def test_another_id_in_a_thread_is_asked_about(said: str, label: str, text: str) -> None:
    """In the thread of one session a stop of another one, or of both, stops nothing and has a button for each."""
    refused = line(f"<@{BOT}> {said}").refused
    assert refused is not None
    assert "Nothing was stopped" in refused.text
    named, own = refused.offers
    assert (named.label, line_of(VERBS, named.intent), named.confirmed) == (label, text, False)
    assert (own.label, own.intent, own.confirmed) == ("Stop #7", OWN, True)


@pytest.mark.parametrize("said", ["close to a second now", "close 8", "close 7 enough"])
def test_other_text_after_close_gets_a_button(said: str) -> None:
    """What only begins with the word closes nothing either."""
    refused = line(f"<@{BOT}> {said}").refused
    assert refused is not None
    assert "Nothing was closed" in refused.text
    assert [(each.label, each.intent) for each in refused.offers] == [
        ("Close the record of #7", Close(SessionRef(7), None))
    ]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (f"<@{BOT}> *stop*", "stop 7"),
        (f"<@{BOT}> **stop**", "stop 7"),
        (f"<@{BOT}> *stop 7*", "stop 7"),
        (f"<@{BOT}> stop *7*", "stop 7"),
        (f"<@{BOT}> *_stop_ 7*", "stop 7"),
        (f"<@{BOT}> *stop:* wrong *number*", 'stop 7 "wrong *number*"'),
        (f"<@{BOT}> *stop* because it is *bad*", 'stop 7 "it is *bad*"'),
        (f"<@{BOT}> *stop: _5_ calls hang*", 'stop 7 "_5_ calls hang"'),
        (f"*<@{BOT}> stop*", "stop 7"),
        (f"*<@{BOT}>* stop", "stop 7"),
        (f"_*<@{BOT}>*_ *stop*", "stop 7"),
        (f"*<@{BOT}>*", ""),
        (f"<@{BOT}> _status_", "status 7"),
        (f"<@{BOT}> `status`", "status 7"),
        (f"<@{BOT}> *status* *8*", "status *8*"),
        (f"<@{BOT}> _*stop all*_ older=30m", "stop all older=30m"),
        (f'<@{BOT}> *send* {{"a": "*1* _b_"}}', 'send 7 {"a": "*1* _b_"}'),
        (f'<@{BOT}> *send {{"a": "*1* _b_"}}*', 'send 7 {"a": "*1* _b_"}'),
        (f'<@{BOT}> *send `8`* {{"a": "*1* b*"}}', 'send `8` {"a": "*1* b*"}'),
        (f"<@{BOT}> *start echo 2 * 3*", "start echo 2 * 3"),
        (f"<@{BOT}> start echo *x* _8_", "start echo *x* _8_"),
        (f"<@{BOT}> *start* 7 *8*", "start 7 *8*"),
    ],
)
def test_emphasis_changes_no_command(text: str, command: str) -> None:
    """Marks around a verb, ids, the mention or all of it are looked through; those in JSON and reasons stay."""
    assert meant(line(text)) == Line(command)


@pytest.mark.parametrize("said", ["~stop~", "*stop", "* stop", '*send {"a": "b* c"}', "`stop now"])
def test_what_is_struck_through_or_half_emphasised_is_no_command(said: str) -> None:
    """A line taken back does not act, and a mark without its other half is not looked for in JSON."""
    assert line(f"<@{BOT}> {said}") == Line(said)


def test_an_emphasised_talk_is_still_talk() -> None:
    """Emphasis neither makes a sentence a command, nor a mention within one."""
    assert line(f"<@{BOT}> *stop* is not working").refused is not None
    assert line(f"*please* <@{BOT}> stop").refused is not None
    assert line(f"~<@{BOT}> stop~").refused is not None


def test_a_mention_may_carry_a_name() -> None:
    """Slack writes a mention with or without the name; both are the bot."""
    assert line(f"<@{BOT}|session-bot> stop") == Line(OWN)


@pytest.mark.parametrize("said", ["stopping takes long", "status", "help"])
def test_only_the_word_itself_is_about_stopping(said: str) -> None:
    """A word that merely begins like it is another word."""
    assert line(f"<@{BOT}> {said}").refused is None


@pytest.mark.parametrize("text", [f"please <@{BOT}> stop", "stop it", f"<@U1> <@{BOT}> stop", f"stop <@{BOT}>"])
def test_talk_about_the_bot_does_nothing(text: str) -> None:
    """A command begins with the mention; in a session's thread the answer still brings the Stop button."""
    in_thread, outside = line(text).refused, line(text, None).refused
    assert in_thread is not None
    assert outside is not None
    assert "Nothing was done" in outside.text
    assert [offer.label for offer in in_thread.offers] == ["Stop #7"]
    assert not outside.offers


@pytest.mark.parametrize("said", ["stop 7 wrong number", "stop", "send 7 [1]", "list by=<@U1>"])
def test_outside_a_thread_it_is_a_typed_command(said: str) -> None:
    """Without a session's thread nothing is added or taken away."""
    assert line(f"<@{BOT}> {said}", None) == Line(said)


@pytest.mark.parametrize(
    "text",
    [
        f"<@{BOT}> adopt {{}}",
        f"<@{BOT}> Adopt",
        f"<@{BOT}> ~*adopt {{}}*~",
        f"*<@{BOT}> adopt {{}}*",
        f"hey <@{BOT}> adopt {{}} 12 support",
    ],
)
def test_a_url_in_a_message_is_not_adopted(text: str) -> None:
    """The URL is a key that everybody can read there: it is kept nowhere, and the message should go."""
    secret = "https://www1.voximplant.com/request/abc/def"
    found = line(text.format(secret))
    assert found.asked == "adopt"
    assert found.refused is not None
    assert "Delete your message" in found.refused.text
    assert "request" not in found.refused.text
