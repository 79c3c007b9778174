"""The pages of docs/reference, made from the code: `make reference` writes them, and a test compares them.

commands.md    the table of verbs
terminal.md    the command line's own help
settings.md    the environment variables, and the keys of session-bot.toml
states.md      what a card says, and which state may follow which
exit-codes.md  the codes, and what each command says of them
errors.md      both trees of errors, with the sentence for the person
metrics.md     the registry that /metrics serves
scenario-api.md  the names that a scenario finds in the sandbox, called one by one
"""

import ast
import dataclasses
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

import typer.main
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from bot.cli import app
from bot.cli._exit_codes import ExitCode
from bot.config._config_file import DirectoryConfig, Limits, RuleConfig
from bot.config._grants import Grant
from bot.config._settings import Settings
from bot.life.app._replica_metrics import ReplicaMetrics
from bot.ports._errors import Answerable
from bot.ports._policy import Right
from bot.ports._session_words import state_sign, state_words
from bot.process.metrics import Metrics
from bot.text import text_pieces
from bot.verbs import VERBS
from bot.verbs._did_you_mean import SYNONYMS
from bot.voximplant.errors import PlatformError
from storage import stop
from storage.command import CommandState
from storage.records import NEXT, Session, State, StopRefusal
from storage.stop import Arrived, StopState
from tests.docs import architecture
from tests.docs.pages import ROOT
from tests.docs.scenario_api import scenario_api
from tests.docs.tables import code, drawing, fenced, table
from tests.factories import a_stop

FOLDER: Final = ROOT / "docs" / "reference"
MADE: Final = "<!-- Made from the code by `make reference`. Change the code, not this page. -->"


NOW: Final = datetime(2026, 1, 31, 2, 14, tzinfo=UTC)


def commands() -> str:
    """Return the page of the commands in Slack."""
    overview = table(("command", "what it does"), ((code(f"/session {verb.usage}"), verb.summary) for verb in VERBS))
    parts = [overview]
    for verb in VERBS:
        free = verb.right is Right.help
        about = [
            f"Its right is `{verb.right}`: see [the policy](../how-to/policy.md)." if not free else "Everybody may."
        ]
        if (press := verb.double_press) is not None:
            who = "by anybody" if press.by_anyone else "by one person"
            within = f"{press.within.total_seconds():g} s"
            about.append(f"The same words typed twice {who} in a channel within {within} are one command.")
        if verb.urgent:
            about.append("It is carried out even when it cannot be recorded first, and is never too old.")
        says = f"{verb.summary} {markdown(verb.details)}"
        parts.append(f"## {verb.name}\n\n    /session {verb.usage}\n\n{says}\n\n{' '.join(about)}")
    words = ((code(verb.name), ", ".join(SYNONYMS[verb.name])) for verb in VERBS if verb.name in SYNONYMS)
    parts.append(
        "## Words that are understood\n\nA line that begins with one of these does nothing; it is answered with the"
        " command that was probably meant.\n\n" + table(("command", "words"), words)
    )
    return page("Commands in Slack", "What is typed after `/session`, or after a mention of the bot.", parts)


def markdown(text: str) -> str:
    """Return neutral text as Markdown, in which only code stands out."""
    return "".join(each if isinstance(each, str) else code(each.letters) for each in text_pieces(text))


def terminal() -> str:
    """Return the page of the command line."""
    run = CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1"}).invoke
    shown = {
        name: run(app, [*name.split(), "--help"], prog_name="session-bot").output.strip()
        for name, _ in _of_the_command_line()
    }
    parts = [f"## session-bot {name}\n\n{fenced('text', text)}" for name, text in shown.items()]
    intro = (
        "Each command with its options, as `--help` shows it. How the verbs are used without Slack stands in"
        " [Work without Slack](../how-to/without-slack.md)."
    )
    return page("The command line", intro, parts)


TABLES: Final[Mapping[str, type[BaseModel]]] = {
    "[rules.ALIAS]": RuleConfig,
    "[directory]": DirectoryConfig,
    "[limits]": Limits,
    "[[policy.grant]]": Grant,
}
"""The tables of session-bot.toml by their headers."""


def settings() -> str:
    """Return the page of the settings."""
    fields = [field for field in Settings.model_fields.values() if field.validation_alias]
    rows = ((code(str(field.validation_alias)), field.description or "", default_of(field)) for field in fields)
    intro = (
        "Variables of the environment. An empty one counts as not set; one that begins with `SESSION_BOT_` and is not"
        " among these is refused, so that no misspelt limit goes unnoticed."
    )
    authorities = (
        "`SSL_CERT_FILE` and `SSL_CERT_DIR`, where they are set, name the authorities whose certificates are believed;"
        " what leads nowhere, or holds no certificate, keeps the bot from starting."
    )
    file = (
        "## session-bot.toml\n\nThe file lies in the working directory, or where `SESSION_BOT_CONFIG` says. An example"
        " with every key is in [Describe your rules](../how-to/rules.md)."
    )
    parts = [table(("variable", "meaning", "default"), rows), authorities, file]
    for title, kind in TABLES.items():
        parts.append(f"### {title}\n\n{table(('key', 'meaning', 'default'), _keys(kind))}")
    rights = ", ".join(code(right) for right in Right if right is not Right.help)
    parts.append(f"What a grant's `verbs` may name: {rights}. See [Decide who may do what](../how-to/policy.md).")
    return page("Settings", intro, parts)


def states() -> str:
    """Return the page of the states."""
    rows = ((f"{state_sign(session)} {words}", meaning) for session, words, meaning in _cards())
    names = {state: state_words(blank(state=state)) for state in State}
    follows = (
        (f"*{state}*", names[state], ", ".join(f"*{each}*" for each in State if each in NEXT[state]) or "nothing: over")
        for state in State
    )
    told = members(CommandState)
    parts = [
        f"## What the card says\n\n{table(('the card says', 'it means'), rows)}",
        "## Which state follows which\n\n"
        + table(("state", "the card says", "may become"), follows)
        + "\n\nA state changes only where the database still has the state that was read: two people who stop a session"
        " at once make one stop.",
        drawing(NEXT, first=State.starting),
        "## How far a stop has come\n\nThere is one place for a stop in a session. It has these states, beside the"
        " session's own.\n\n" + table(("stop", "it means", "what follows"), _stops()),
        drawing(stop.NEXT, first=StopState.not_asked),
        "## Why a stop is refused\n\nBeside the policy these are the only reasons. One reading of the history that says"
        " *ended* is none: it may be wrong.\n\n"
        + table(("refusal", "it means"), ((f"*{each}*", meaning) for each, meaning in members(StopRefusal).items())),
        "## How far a command has come\n\nThese words stand in the audit, and count the commands in the metrics.\n\n"
        + table(("state", "it means"), ((f"*{state}*", told[state]) for state in CommandState)),
    ]
    return page(
        "States",
        "What is known of a session, of its stop and of a command, in the card's words and in the audit's.",
        parts,
    )


def exit_codes() -> str:
    """Return the page of the exit codes."""
    commands_of: dict[str, list[str]] = {}
    for name, command in _of_the_command_line():
        commands_of.setdefault(_codes(command), []).append(code(f"session-bot {name}"))
    says = ((", ".join(names), codes) for codes, names in commands_of.items())
    parts = [
        table(("exit code", "it means"), members(ExitCode).items()),
        "Of several sessions the worst counts.",
        f"## What each command says\n\n{table(('command', 'its codes'), says)}",
    ]
    return page("Exit codes", "How a command at the terminal went, for scripts.", parts)


def errors() -> str:
    """Return the page of the errors."""
    answers = ((code(kind.__name__), _doc(kind), f"*{kind.state}*") for kind in tree(Answerable))
    sentences = ((code(kind.__name__), _doc(kind), kind.text) for kind in tree(PlatformError))
    parts = [
        "## What the bot itself refuses\n\nThe sentence is written where it is refused. The state is the command's, in"
        " the audit.\n\n" + table(("class", "when", "state"), answers),
        "## What goes wrong with the platform\n\nThe sentence is the one that the person reads; `{…}` is filled in."
        " Each class stands under one of four outcomes: surely not sent, refused, not known, gone.\n\n"
        + table(("class", "when", "the person reads"), sentences),
    ]
    return page(
        "Errors",
        "What to do about those that need somebody: [Find out what is wrong](../how-to/troubleshoot.md).",
        parts,
    )


def metrics() -> str:
    """Return the page of the metrics."""
    made = Metrics().registry
    ReplicaMetrics(made)
    labels = {
        name: getattr(each, "_labelnames", ()) for each, names in made._collector_to_names.items() for name in names
    }
    families = [family for family in made.collect() if family.name.startswith("session_bot_")]
    rows = (
        (
            code(family.name + ("_total" if family.type == "counter" else "")),
            family.type,
            ", ".join(map(code, labels[family.name])) or "–",
            family.documentation,
        )
        for family in families
    )
    intro = "What `/metrics` serves on the operations port. Labels never name a person or a session."
    below = (
        "Beside them stand `process_…`, the usual figures of the process: memory, descriptors, processor time, start."
    )
    return page("Metrics", intro, [table(("metric", "kind", "labels", "meaning"), rows), below])


def scenarios() -> str:
    """Return the page of the scenarios' API in the sandbox."""
    intro, parts = scenario_api()
    return page("The scenarios' API in the sandbox", intro, parts)


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "commands.md": commands,
    "terminal.md": terminal,
    "settings.md": settings,
    "states.md": states,
    "exit-codes.md": exit_codes,
    "errors.md": errors,
    "metrics.md": metrics,
    "scenario-api.md": scenarios,
}


def page(title: str, intro: str, parts: Iterable[str]) -> str:
    """Return a page of these parts."""
    return "\n\n".join([f"# {title}", MADE, intro, *parts]) + "\n"


def tree(root: type[Any]) -> Iterator[type[Any]]:
    """Yield the classes of the bot that stand under one, as its module draws them; after these come other modules'."""
    children = [each for each in root.__subclasses__() if each.__module__.startswith("bot.")]
    own = [each for each in children if each.__module__ == root.__module__]
    for child in [*own, *sorted(set(children) - set(own), key=lambda each: str(each.__name__))]:
        yield child
        yield from tree(child)


def members(kind: type[Enum]) -> dict[str, str]:
    """Return the docstring under each member of an enum, by the member's value."""
    (made,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(made, ast.ClassDef)
    told = {}
    for member, below in itertools.pairwise(made.body):
        match member, below:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                told[str(kind[name].value)] = " ".join(text.split())
    return told


def default_of(field: FieldInfo) -> str:
    """Return a default as the tables show it; a dash where there is none."""
    default = field.default
    if field.is_required() or default in (None, "", (), frozenset()) or field.default_factory is not None:
        return "–"
    if isinstance(default, tuple):
        default = ",".join(default)
    if isinstance(default, bytes | bool):
        default = default.decode() if isinstance(default, bytes) else str(default).lower()
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def blank(**known: Any) -> Session:
    """Return a session of which nothing but this is known."""
    empty = Session(**dict.fromkeys(field.name for field in dataclasses.fields(Session)))  # type: ignore[arg-type]
    return dataclasses.replace(empty, **known)


def _cards() -> Iterator[tuple[Session, str, str]]:
    """Yield a session for each thing that a card can say, how it says so, and what that means."""
    running = State.running
    asked = blank(state=running, stop=a_stop(NOW))
    doubted = blank(state=State.stopping, stop=a_stop(NOW, arrived=Arrived.yes, given_up_at=NOW))
    said: list[tuple[Session, str]] = [
        (blank(state=State(state)), meaning) for state, meaning in members(State).items()
    ]
    said.insert(2, (asked, "Somebody asked for a stop, which has not been delivered yet."))
    unconfirmed = (
        "The end was not confirmed in time, or the stop could not be sent. The session may still run, and bill."
    )
    taken = blank(state=State.stopping, stop=a_stop(NOW, arrived=Arrived.yes, taken_at=NOW))
    said.insert(4, (taken, "Its scenario says that it took the stop up; the end is not confirmed yet."))
    said.insert(5, (doubted, unconfirmed))
    for session, meaning in said:
        yield session, state_words(session), meaning
    silence = "It announced itself, and was not heard of for its rule's `silent`, or for five minutes."
    beside_running = (
        ("silent_at", silence),
        ("expect_told_at", "It outlasts its rule's `expect`."),
        ("over_max_at", "It outlasts its rule's `max`, or its own; the bot asks it to stop."),
    )
    for field, meaning in beside_running:
        session = blank(state=running, **{field: NOW})
        yield session, state_words(session).replace(str(running), "…"), meaning


def _stops() -> Iterator[tuple[str, ...]]:
    """Yield each state of a stop, its meaning, and its consequences in words."""
    for state, meaning in members(StopState).items():
        means = StopState(state)
        follows = {
            "another stop may be asked for": means.may_ask_again,
            "more will be known of it by itself": means.is_waited_for,
            "it needs a person": means.needs_a_person,
        }
        yield f"*{state}*", meaning, "; ".join(words for words, is_so in follows.items() if is_so) or "–"


def _keys(kind: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    for name, field in kind.model_fields.items():
        if name != "alias":  # it stands in the header of its table
            needed = " Needed." if field.is_required() else ""
            yield code(name), f"{field.description}{needed}", default_of(field)


def _of_the_command_line() -> list[tuple[str, Any]]:
    """Return every command by its words; those of a group come after it."""
    found = []
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        group: dict[str, Any] = getattr(command, "commands", {})
        found += [(name, command)] if not group else [(f"{name} {each}", inner) for each, inner in group.items()]
    return found


def _codes(command: Any) -> str:
    """Return what a command's help says of its exit codes."""
    return "Exit code " + " ".join(command.help.split()).partition("Exit code ")[2]


def _doc(kind: type) -> str:
    return " ".join((inspect.getdoc(kind) or "").split())


def main() -> None:
    """Write every page, and the parts of the page on the architecture that are made."""
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
    page = ROOT / architecture.PAGE
    page.write_text(architecture.filled(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
