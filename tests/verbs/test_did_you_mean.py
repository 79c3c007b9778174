"""Which line was probably meant by one that begins with no verb."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.ports import line_of
from bot.slack.render import render_mrkdwn
from bot.verbs import BY_NAME, VERBS
from bot.verbs._did_you_mean import READ_ONLY_RIGHTS, SYNONYMS, find_meaning
from bot.verbs._help import unknown_verb

LOOKING = [
    word for verb in VERBS if verb.right in READ_ONLY_RIGHTS for word in (verb.name, *SYNONYMS.get(verb.name, ()))
]
STOPPING = SYNONYMS["stop"]


def suggested(line: str, thread: int | None = None) -> tuple[str, list[tuple[str, str]]]:
    """Return the line that is suggested, empty for none, and the buttons: label and the line of what they do."""
    told = unknown_verb(VERBS, line, command="/session", offers=lambda _: True, thread=thread)
    _, found, behind = render_mrkdwn(told.text).partition("Did you mean `/session ")
    line_meant = behind.partition("`")[0].replace("&lt;", "<").replace("&gt;", ">") if found else ""
    return line_meant, [(each.label, line_of(VERBS, each.intent)) for each in told.offers]


def as_typed(button: tuple[str, str] | None) -> list[tuple[str, str]]:
    """Return a button with the line of the intent that its words have."""
    if button is None:
        return []
    verb, _, rest = button[1].partition(" ")
    return [(button[0], line_of(VERBS, BY_NAME[verb].read(rest)))]


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("show 13", "status 13"), ("info #13", "status #13"), ("describe 13", "status 13"), ("stat 13", "status 13"),
        ("show", "status"), ("show me the state", "status"), ("ls", "list"), ("ps", "list"), ("sessions", "list"),
        ("run support", "start support"), ("launch support {}", "start support {}"), ("dial support", "start support"),
        ("restart 13", "again 13"), ("retry 13", "again 13"), ("redo", "again <id>"), ("run again 13", "again 13"),
        ('post 13 {"a": 1}', 'send 13 {"a": 1}'), ("say 13 [1]", "send 13 [1]"), ('tell {"a": 1}', "send <id>"),
        ("?", "help"), ("tail 13", "log 13"), ("strat support", "start support"), ("sned 13 []", "send 13 []"),
        ("satus 13", "status 13"), ("lsit", "list"), ("shwo 13", "status 13"), ("shop 13", "status 13"),
        ("stop? 13", "stop 13"), ("aborting", ""), ("frobnicate 13", ""), ("13", ""), ("lunch", ""),
        ("what is 13 doing", "status #13"), ("could you tell me what 13 does", "status #13"),
        ("is 13 stuck?", "status #13"),
        ("please", ""), ("can you", ""), ("hey bot", ""), ("-h", "help"), ("-v", "version"),
        ("do not stop 13", ""), ("don't kill 13", ""), ("never stop 13", ""), ("x" * 5000, ""),
    ],
)  # fmt: skip
def test_a_line_without_a_verb_has_the_meaning_that_people_gave_it(line: str, meaning: str) -> None:
    """Synonyms come before slips of the finger, and where nothing is near nothing is suggested."""
    assert suggested(line)[0] == meaning


@pytest.mark.parametrize(
    ("line", "meaning", "button"),
    [
        *[(f"{word} 13", "stop 13", ("Stop #13", "stop 13")) for word in STOPPING],
        ("kill 13 it hangs", "stop 13 it hangs", ("Stop #13", "stop 13 it hangs")),
        ("abort 13 and 14", "stop 13 and 14", ("Stop #13 and #14", "stop 13 and 14")),
        ("please stop 2", "stop 2", ("Stop #2", "stop 2")),
        ("Please, could you stop #2?", "stop #2", ("Stop #2", "stop #2")),
        ("can someone kill session 13", "stop #13", ("Stop #13", "stop #13")),
        ("the call on 13 must end", "stop #13", ("Stop #13", "stop #13")),
        ("stop13", "stop 13", ("Stop #13", "stop 13")),
        ("stop#13", "stop 13", ("Stop #13", "stop 13")),
        ("stopp 13", "stop 13", ("Stop #13", "stop 13")),
        ("abrot 13", "stop 13", ("Stop #13", "stop 13")),
        ("*stop 13", "stop 13", ("Stop #13", "stop 13")),
        ("kill -9 13", "stop #13", ("Stop #13", "stop #13")),
        ("kill all", "stop all", ("Stop all…", "stop all")),
        ("hang up everything", "stop everything", ("Stop all…", "stop everything")),
        ("halt", "stop", None),
        ("kill support", "stop support", None),
        ("show 13", "status 13", ("Show #13", "status #13")),
        ("restart 13", "again 13", None),
        ("run 13", "start 13", None),
    ],
)
def test_a_word_that_means_stop_gets_the_button_that_stops(
    line: str, meaning: str, button: tuple[str, str] | None
) -> None:
    """With ids, a word that means stop offers to stop exactly these; nothing else that acts has a button."""
    assert suggested(line) == (meaning, as_typed(button))


@pytest.mark.parametrize(
    ("line", "meaning", "button"),
    [
        ("halt", "stop", ("Stop #7", "stop #7")),
        ("please stop", "stop", ("Stop #7", "stop #7")),
        ("kill 9", "stop 9", ("Stop #9", "stop 9")),
        ("show", "status", ("Show #7", "status #7")),
        ("restart", "again", None),
        ("what is going on", "status", ("Show #7", "status #7")),
        ("restart it please", "again", None),
        ('post {"a": 1}', 'send {"a": 1}', None),
    ],
)
def test_in_a_thread_its_session_is_meant(line: str, meaning: str, button: tuple[str, str] | None) -> None:
    """No id is needed in a thread, neither in what is typed nor in what is suggested."""
    assert suggested(line, thread=7) == (meaning, as_typed(button))


@example(word="tell me", at=0, letter="k", way=1)
@given(
    word=st.sampled_from([each for each in LOOKING if len(each) >= 4]),
    at=st.integers(0, 12),
    letter=st.sampled_from("aehiknoprstwy"),
    way=st.integers(0, 3),
)
def test_a_word_that_looks_never_leads_to_a_verb_that_acts(word: str, at: int, letter: str, way: int) -> None:
    """A looking word, and each slip of it that is no word for an act or its letters, is answered with what looks."""
    at %= len(word)
    slip = [word, word[:at] + letter + word[at + 1 :], word[:at] + word[at + 1 :], word[:at] + letter + word[at:]][way]
    acting = {
        each
        for verb in VERBS
        if verb.right not in READ_ONLY_RIGHTS
        for each in (verb.name, *SYNONYMS.get(verb.name, ()))
    }
    if (
        slip in acting
        or slip.split()[0] in acting
        or any(sorted(slip) == sorted(each) or each.startswith(slip) for each in acting)
    ):
        return
    found = find_meaning(VERBS, f"{slip} 13")
    assert found is None or found.verb.right in READ_ONLY_RIGHTS, (slip, found.verb.name)


def test_no_word_is_said_of_two_verbs() -> None:
    """Each synonym belongs to one verb, and is no verb itself."""
    words = [word for verb in VERBS for word in (verb.name, *SYNONYMS.get(verb.name, ()))]
    assert sorted(words) == sorted(set(words))
    assert set(SYNONYMS) <= set(BY_NAME)
