"""The probable verb of a line without one: by a synonym, a typing error, or politeness before the verb.

Nothing is done for such a line; the answer is the probable line. A word for looking never leads to
a verb that acts: between equally near verbs, the one that only looks is chosen.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.ports import Right, Verb, ids_anywhere

READ_ONLY_RIGHTS: Final = frozenset({Right.help, Right.look, Right.log, Right.audit})
"""The rights of verbs that change nothing."""

STOP: Final = "stop"
_READ: Final = 12
"""The number of words of a line that are looked at: the verb stands at its beginning."""

_LONGEST: Final = 20
"""Letters of the longest word that can be a slip of the finger."""

_WORD: Final = re.compile(r"\S+")
_AROUND: Final = ".,:;!…-–—/\\*_~`'\"()[]<>“”‘’"  # noqa: RUF001 - dashes and quotes of phones, too
_GLUED: Final = re.compile(r"(?P<word>[^\W\d_]+)(?=[#-]?\d)")
_SHORTEST_BEGINNING: Final = 3
_SHORTEST_SYNONYM: Final = 4
_TWO_SLIPS_FROM: Final = 6

_POLITE: Final = frozenset({
    "please", "pls", "plz", "kindly", "bitte", "can", "could", "would", "will", "you", "we", "i", "i'd", "want",
    "wanna", "need", "like", "to", "just", "now", "hey", "ok", "okay", "then", "let's", "lets", "let", "us", "me", "go",
    "ahead", "and", "force", "do", "should", "must", "session", "the", "bot", "quick", "quickly", "asap",
})  # fmt: skip
_NOT: Final = frozenset({"not", "don't", "dont", "don\u2019t", "never", "no", "without", "didn't", "nicht", "kein"})


@dataclass(frozen=True)
class Meaning:
    """The probable verb, and the rest of the line, as typed."""

    verb: Verb
    rest: str


def find_meaning(verbs: Sequence[Verb], line: str) -> Meaning | None:
    """Return the probable one of these verbs for a line; None where none is near."""
    words = list(_words(line))
    spoken = [word for word, _ in words]
    if not words or _NOT.intersection(spoken):
        return None
    place = next((place for place, word in enumerate(spoken) if word not in _POLITE), None)
    named = next(
        (found for at in (place, 0) if at is not None and (found := _named(verbs, spoken, at)) is not None), None
    )
    said = None if named is None else Meaning(named[0], line[words[named[1] - 1][1] :].strip())
    if said is not None and (said.verb.name == STOP or said.verb.right in READ_ONLY_RIGHTS):
        return said
    near = [] if place is None else words[place : place + 2]
    return _stop_among(verbs, spoken, line) or said or _glued(verbs, line.strip()) or _near_to(verbs, near, line)


def _stop_among(verbs: Sequence[Verb], spoken: Sequence[str], line: str) -> Meaning | None:
    """Return a stop from further on in a sentence with ids."""
    stop = next((each for each in verbs if each.name == STOP), None)
    refs = ids_anywhere(line) if {STOP, *SYNONYMS[STOP]}.intersection(spoken) else ()
    return Meaning(stop, " ".join(map(str, refs))) if stop is not None and refs else None


def _glued(verbs: Sequence[Verb], line: str) -> Meaning | None:
    """Return a verb written together with its id: `stop7`."""
    glued = _GLUED.match(line)
    found = None if glued is None else _named(verbs, [glued["word"].casefold()], 0)
    return None if glued is None or found is None else Meaning(found[0], line[glued.end() :].lstrip("#-"))


def _near_to(verbs: Sequence[Verb], spoken: Sequence[tuple[str, int]], line: str) -> Meaning | None:
    """Return the verb near these one or two words; `kell me` asks to be told something, and kills nothing."""
    if not spoken:  # nothing but politeness
        return None
    pair = " ".join(word for word, _ in spoken)
    near = _near_pair(verbs, pair) if " " in pair and len(pair) <= _LONGEST else None
    if near is not None:
        return Meaning(near, line[spoken[1][1] :].strip())
    word, end = spoken[0]
    near = _near(verbs, word)
    return None if near is None else Meaning(near, line[end:].strip())


def _near_pair(verbs: Sequence[Verb], pair: str) -> Verb | None:
    """Return the verb that only looks and is asked for by two words, one typing error from these."""
    looking = (verb for verb in verbs if verb.right in READ_ONLY_RIGHTS)
    pairs = ((verb, each) for verb in looking for each in SYNONYMS.get(verb.name, ()) if " " in each)
    return next((verb for verb, each in pairs if _distance(pair, each) <= 1), None)


def takes_id(verb: Verb) -> bool:
    """Return whether a verb is about a session, whose id may be left out in its thread."""
    return "<id>" in verb.usage or "[id]" in verb.usage


def _words(line: str) -> Iterable[tuple[str, int]]:
    """Yield the first words without surrounding punctuation, each with the position of its end."""
    for found, _ in zip(_WORD.finditer(line), range(_READ), strict=False):
        word = found[0].casefold()
        yield word.strip(_AROUND) or word, found.end()


def _named(verbs: Sequence[Verb], spoken: Sequence[str], at: int) -> tuple[Verb, int] | None:
    """Return the verb whose name or synonym stands here, and the number of words read."""
    for end in (at + 2, at + 1):
        said = " ".join(spoken[at:end])
        found = next((each for each in verbs if said == each.name or said in SYNONYMS.get(each.name, ())), None)
        if found is not None and len(spoken) >= end:
            return found, end
    return None


def _near(verbs: Sequence[Verb], word: str) -> Verb | None:
    """Return the verb that a word abbreviates, or is one or two typing errors from."""
    if len(word) > _LONGEST:
        return None
    looking_first = sorted(verbs, key=lambda verb: verb.right not in READ_ONLY_RIGHTS)
    if len(word) >= _SHORTEST_BEGINNING:
        begun = next((each for each in looking_first if each.name.startswith(word)), None)
        if begun is not None:
            return begun
    most = 2 if len(word) >= _TWO_SLIPS_FROM else 1
    near = [(distance, sorted(word) != sorted(each), verb) for verb in looking_first for each in _known_by(verb)
            if (distance := _distance(word, each)) <= most]  # fmt: skip
    return min(near, key=lambda found: found[:2])[2] if near else None  # letters in the wrong order before wrong ones


def _known_by(verb: Verb) -> list[str]:
    """Return the words whose typing errors are understood; few lead to verbs that act, all of them to a stop."""
    generous = verb.right in READ_ONLY_RIGHTS or verb.name == STOP
    return [verb.name, *(each for each in SYNONYMS.get(verb.name, ()) if generous and len(each) >= _SHORTEST_SYNONYM)]


def _distance(a: str, b: str) -> int:
    """Return the number of typing errors between two words: a letter wrong, missing, too many, or two swapped."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        following = [i]
        for j, right in enumerate(b, 1):
            slip = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                slip = min(slip, before[j - 2] + 1)
            following.append(slip)
        before, row = row, following
    return row[-1]


_SAID: Final = {
    "start": (
        "run, launch, call, dial, begin, new, create, trigger, exec, execute, make, go, fire, invoke, spawn, "
        "phone, ring"
    ),
    "send": "post, push, pass, say, tell, message, msg, write, text, data, event, inject, put, publish",
    "stop": (
        "abort, halt, kill, terminate, hangup, hang up, hang, cancel, end, quit, exit, finish, drop, "
        "disconnect, interrupt, shutdown, shut down, shut, break, cut, destroy, delete, rm, remove, turn off, "
        "switch off, call off, tear down, die, beende, beenden, stopp, stoppe, stoppen, abbrechen, anhalten, parar, "
        "para, alto, detener, detén, terminar, cancelar, arrete, arrête, arrêter, arrêtez, annuler, ferma, fermare, "
        "termina, annulla, zatrzymaj, durdur, lopeta, стоп, стой, остановить, останови, остановите, завершить, "
        "зупинити, 停止, 停, 终止, 結束, 结束, 終了, 止めて, 止める, 停止して, ストップ, 중지, 정지, 멈춰, توقف, أوقف"
    ),
    "again": "restart, retry, rerun, redo, repeat, relaunch, redial, run again, start again, try again, start over",
    "close": "resolve, dismiss, forget, archive, abandon",
    "list": (
        "ls, ps, sessions, jobs, top, overview, dashboard, active, open, all, running, calls, which, count, queue"
    ),
    "find": "search, lookup, look up, look for, locate, grep, whose",
    "status": (
        "show, info, get, describe, view, inspect, details, detail, state, stat, stats, check, look, see, "
        "display, read, watch, what, how, about, tell me, tell us, give me, show me, is, why, when, who"
    ),
    "refresh": "update, sync, repaint, reload",
    "rules": "scenarios, scenario, rule, catalogue, catalog, apps, applications",
    "log": "logs, tail, output, trace, logfile",
    "audit": "history, events, trail",
    "adopt": "attach, import, claim, take over",
    "help": "?, h, man, usage, commands, hi, hello, howto, manual, options",
    "version": "v, ver, release, build",
}

SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {verb: tuple(words.split(", ")) for verb, words in _SAID.items()}
"""By the verb's name; each word stands for one verb only."""
