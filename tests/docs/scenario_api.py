"""The page on the scenarios' API: what the sandbox plays of it, found out by calling every name of the typings."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from bot.sandbox.voximplant.engine import Source
from bot.sandbox.voximplant.engine._effects import Note
from bot.sandbox.voximplant.engine._script import Script
from bot.sandbox.voximplant.engine._typings import members_of, typings
from tests.docs.tables import code, table

# Media does not flow; listening works on everything that has events. Neither says anything of what is played.
_PLUMBING: Final = {
    "addEventListener", "clearMediaBuffer", "id", "removeEventListener", "sendMediaTo", "stopMediaTo", "webSocketId",
}  # fmt: skip
_MADE_BY: Final = {
    "Call": 'VoxEngine.callPSTN("+15550100")',
    "CCAI.Participant": "new CCAI.Conversation().addParticipant({})",
    "ConferenceRecorder": "VoxEngine.createRecorder({ video: true })",
    "Endpoint": "VoxEngine.createConference().add({})",
    "IVRState": 'new IVRState("menu", {})',
}
_CALLS_ENDING: Final = "VoximplantAPI."  # a client of another API: all of it is a stand-in


def scenario_api() -> tuple[str, list[str]]:
    """Return the introduction of the page, and its parts."""
    intro = (
        "What a scenario finds in the sandbox: the names of the platform's typings, version "
        f"{typings()['version']}, and those that typings since {typings()['first'][:4]} had. Their values are the"
        " platform's. What is *played* does something; a *stand-in* does nothing, returns what its type promises, and"
        " is told in the session's log with the scenario's line. A name that the typings do not have is undefined, and"
        " told too; calling it throws, as on the platform."
    )
    parts = [
        "## Played by rules of the sandbox\n\n" + table(("what", "how"), _RULES),
        "## Functions\n\n" + table(("of", "played", "stand-ins"), _rows(_functions())),
        "## Objects\n\nListening (`addEventListener`) works on every object that has events; those that no outside can"
        " send stay away. Media does not flow: `sendMediaTo` and its like are taken and do nothing.\n\n"
        + table(("of", "played", "stand-ins"), _rows(_objects())),
        "`VoximplantAPI.Client` is a stand-in with all its methods: each returns a promise of an empty answer.",
    ]
    return intro, parts


_RULES: Final = (
    ("calls, in and out", "Timed by the settings of the rule: ringing, answer, busy, failure, end."),
    (
        "`say`, `startPlayback`, players",
        "They finish: a text after a second for each 15 characters, a file after 10 s, a loop never.",
    ),
    ("recordings, recorders", "They start and stop, with a URL that leads nowhere."),
    ("conferences", "They start and stop, and list who is in them."),
    ("speech recognition, tones", "Nothing is heard by itself."),
    ("answering machines", "A person is heard, after a second."),
    ("queues", "A request is queued and waits; no operator comes."),
    ("`Net`", "Canned answers, and loopback; any other address is a fault with the documented code."),
    ("WebSockets", "They open after a second and stay silent; nothing is sent."),
    (
        "voice models, bots, avatars",
        "A client comes by promise where the typings have one, says after a second that it is ready, and stays silent.",
    ),
    ("`ApplicationStorage`", "The application's pairs, which the Management API shows too."),
    ("secrets", "Those of the account; any other is made up."),
    ("`Intl`", "Enough for the local time of a zone, written in English."),
    ("`getLocalTime`", "The zones that the scenario's text names, with their present offset."),
)


def _rows(found: Iterator[tuple[str, list[str], list[str]]]) -> Iterator[tuple[str, ...]]:
    for owner, played, stands_in in found:
        yield code(owner) if owner else "the global scope", _names(played), _names(stands_in)


def _names(names: list[str]) -> str:
    return ", ".join(map(code, names)) or "–"


def _functions() -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield each namespace with its functions, those that are played and those that stand in."""
    owners = sorted({path.rpartition(".")[0] for path in typings()["functions"]})
    for owner in owners:
        paths = [path for path in sorted(typings()["functions"]) if path.rpartition(".")[0] == owner]
        names = [path.rpartition(".")[2] for path in paths]
        yield owner, *_split(names, noted("", paths))


def _objects() -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield each class that a scenario can get an object of, with its methods likewise."""
    for name in sorted(typings()["classes"]):
        maker = made_by(name)
        if name.startswith(_CALLS_ENDING) or maker is None or name in typings()["former"]:
            continue
        methods = [key for key in members_of(name) if key not in _PLUMBING]
        yield name, *_split(methods, noted(f"const made = await {maker};", [f"made.{key}" for key in methods], name))


def made_by(name: str) -> str | None:
    """Return JavaScript that makes an object of a class, or a promise of one; None when a scenario gets none."""
    makers = {kind.removeprefix("promise "): path for path, kind in typings()["functions"].items()}
    return _MADE_BY.get(name) or (f"{makers[name]}({{}})" if name in makers else None)


def _split(names: list[str], stands_in: set[str]) -> tuple[list[str], list[str]]:
    called = [name for name in names if name not in _PLUMBING]
    return [name for name in called if name not in stands_in], [name for name in called if name in stands_in]


def noted(before: str, calls: list[str], owner: str | None = None) -> set[str]:
    """Return the names, without their owner, of those calls that the sandbox notes as not simulated."""
    text = "\n".join(f"try {{ {call}({{}}, () => {{}}, {{}}); }} catch (error) {{}}" for call in calls)
    script = Script([Source("probe", f"(async () => {{ {before}\n{text}\n}})();")], lambda: datetime.now(UTC))
    effects = [*script.turn({"kind": "open", "sessionId": 1, "customData": "", "now": 0}), *script.load(0)]
    notes = {effect.name for effect in effects if isinstance(effect, Note)}
    owners = {owner} if owner is not None else {call.rpartition(".")[0] for call in calls}
    return {name.rpartition(".")[2] for name in notes if name.rpartition(".")[0] in owners}
