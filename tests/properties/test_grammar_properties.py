from hypothesis import given
from hypothesis import strategies as st

from bot.ports._duration_option import VerbatimOption
from bot.ports._errors import UsageProblem
from bot.ports._grammar import Rest, Word, read
from bot.ports._ids import SessionId, SessionIds, SessionRef, session_ref
from bot.ports._verb import Verb
from bot.slack.render import render_mrkdwn
from bot.verbs import VERBS
from bot.verbs._help import unknown_verb

REFS = st.builds(SessionRef, st.integers(0, 10**18 - 1), of_platform=st.booleans())
WORDS = st.from_regex(r"[a-z]{1,10}", fullmatch=True)
BETWEEN = st.sampled_from([" ", "  ", ",", ", ", "\t", "\xa0"])


def problem_of(verb: Verb, text: str) -> str:
    """Read the text, and give the sentence of what does not fit; empty when all does."""
    try:
        verb.read(text)
    except UsageProblem as problem:
        return problem.sentence
    return ""


@given(verb=st.sampled_from(VERBS), text=st.text())
def test_any_text_is_read_or_answered(verb: Verb, text: str) -> None:
    """Whatever is typed behind a verb is either understood or a usage problem with one line; nothing else is raised."""
    problem = problem_of(verb, text)
    assert "\n" not in problem
    assert len(problem) < 300


@given(ref=REFS)
def test_an_id_is_read_as_it_is_written(ref: SessionRef) -> None:
    """What the bot writes as an id can be typed back."""
    assert session_ref(str(ref)) == ref


@given(ids=st.lists(REFS, min_size=1, max_size=8, unique=True), between=BETWEEN, reason=st.none() | WORDS)
def test_ids_and_reason_come_back(ids: list[SessionRef], between: str, reason: str | None) -> None:
    """Any list of ids, by commas or any space, and the reason after it, are told apart."""
    text = between.join(map(str, ids)) + (f" {reason}" if reason else "")
    assert read((SessionIds(), Rest("reason")), text) == {"ids": tuple(ids), "reason": reason}


@given(rule=WORDS, data=st.text(min_size=1).filter(lambda text: text[0].isprintable() and text[0] != " "))
def test_data_is_untouched_from_its_first_sign_on(rule: str, data: str) -> None:
    """Custom data is the end of the line as it was typed; only spaces before it are not part of it."""
    assert read((Word("rule"), Rest("data")), f"{rule} {data}") == {"rule": rule, "data": data}


@given(text=st.text().filter(lambda text: not text.startswith("\u2068")), dash=st.sampled_from(["--", "—", "–"]))
def test_a_text_behind_its_option_is_untouched(text: str, dash: str) -> None:
    """A text to send is the end of the line to the letter: spaces, quotes, line breaks and signs of any kind."""
    found = read((SessionId(), VerbatimOption("text"), Rest("json")), f"7 {dash}text {text}")
    assert found == {"id": SessionRef(7), "text": text, "json": None}


@given(word=st.text(min_size=1), rest=st.text())
def test_an_unknown_verb_is_answered_in_its_first_line(word: str, rest: str) -> None:
    """Whatever was typed for a verb, it is quoted in the first line alone, which has a bounded length."""
    told = unknown_verb(VERBS, f"{word} {rest}", command="/session", offers=lambda _: True).text
    first, *more = render_mrkdwn(told).split("\n")
    assert first.startswith("There is no `")
    assert len(first) < 400
    assert more == (["All commands: `/session help`"] if "Did you mean" in first else [])
