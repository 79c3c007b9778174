"""A look at a source without running it: where it listens, what ends it by itself, and its language."""

from dataclasses import dataclass

from bot.cli.scenario.check.source._code import Code, Spot
from bot.cli.scenario.check.source._dialect import Dialect, dialect
from bot.cli.scenario.check.source._safety import SafetyTimer, safety_timers
from bot.cli.scenario.check.source._tokens import tokens


@dataclass(frozen=True, kw_only=True)
class Look:
    """The findings in one source.

    `listens` has the registrations of a handler for `AppEvents.HttpRequest`. `not_javascript` is the first place of
    what the `dialect` adds to JavaScript. `reads_data` says whether it names the custom data, `reads_storage` whether
    it gets anything from the application's storage. `mistakes_data_for_content` is true where it listens and reads
    the member `data` of something, but `content`, which is the body of a request, of nothing.
    """

    dialect: Dialect
    not_javascript: Spot | None
    listens: tuple[Spot, ...]
    reads_data: bool
    reads_storage: bool
    mistakes_data_for_content: bool
    safety_timers: tuple[SafetyTimer, ...]


def look(name: str, text: str) -> Look:
    """Return the findings in the source of this name."""
    code = Code(name, tokens(text))
    language, evidence = dialect(name, code.tokens)
    listens = [index for index in code.events("HttpRequest") if code.registration(index) is not None]
    return Look(
        dialect=language,
        not_javascript=None if evidence is None else Spot(name, evidence.line),
        listens=tuple(map(code.spot, listens)),
        reads_data=_names(code, "customData"),
        reads_storage=_reads_storage(code),
        mistakes_data_for_content=bool(listens) and _has_member(code, "data") and not _names(code, "content"),
        safety_timers=tuple(safety_timers(code)),
    )


def _names(code: Code, name: str) -> bool:
    return any(each.is_name(name) for each in code.tokens)


def _has_member(code: Code, name: str) -> bool:
    following = zip(code.tokens, code.tokens[1:], strict=False)
    return any(dot.is_sign(".", "?.") and member.is_name(name) for dot, member in following)


def _reads_storage(code: Code) -> bool:
    following = zip(code.tokens, code.tokens[2:], strict=False)
    return any(each.is_name("ApplicationStorage") and member.is_name("get", "keys") for each, member in following)
