"""Command lines as people type them: options in either style, and suggestions for a mistyped command."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class BothStyles(TyperCommand):
    """A command whose options can be written either way, each at most once: none silently overrides another.

    An option that takes several values can stand there for each.
    """

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Read the command line; a problem with it ends in a line on standard error and exit code 2."""
        names = {name: option for option in self.params for name in option.opts if name.startswith("--")}
        valued = {name for name, option in names.items() if not getattr(option, "is_flag", True)}
        args = list(_dashed(args, valued))
        given = [word.partition("=")[0] for word in args[: args.index("--") if "--" in args else None]]
        for name in valued:
            if given.count(name) > 1 and not getattr(names[name], "multiple", False):
                ctx.fail(f"{name} stands there twice.")
        return super().parse_args(ctx, args)


class Program(TyperGroup):
    """The program, or a group of its commands: for an unknown one it suggests the one that was probably meant."""

    suggest_commands = False  # by its letters alone, `kill` is nothing

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        """Return the command; an unknown one ends in a line on standard error and exit code 2."""
        word = args[0] if args else ""
        if self.get_command(ctx, word) is None and not word.startswith("-"):
            near = _near(args, list(self.commands), ctx.command_path, by_meaning=ctx.parent is None)
            ctx.fail(f"No such command {word!r}.{f' Did you mean {near!r}?' if near else ''}")
        return super().resolve_command(ctx, args)


def _near(args: Sequence[str], commands: Sequence[str], path: str, *, by_meaning: bool) -> str | None:
    """Return the command that was probably meant: by synonym, as in Slack, or by similar letters."""
    from bot.verbs import VERBS, find_meaning  # noqa: PLC0415 - imported only where it is used

    if by_meaning and (found := find_meaning(VERBS, " ".join(args))) is not None:
        name = {"help": "--help", "version": "--version"}.get(found.verb.name, found.verb.name)
        return f"{path} {name}" if name in commands or name.startswith("--") else None
    return next((f"{path} {each}" for each in get_close_matches(args[0], commands, n=1)), None)


def _dashed(args: Sequence[str], valued: set[str]) -> Iterator[str]:
    """Yield the words with `name=value` and `—name` as `--name`, where that is an option and not the value of one.

    A dash of a phone or a word processor arrives in what is pasted.
    """
    is_value = is_rest = False
    for word in args:
        name, equals, _ = word.partition("=")
        is_rest = is_rest or word == "--"
        is_dashed = name.startswith(("—", "–"))
        option = f"--{name.lstrip('—–').casefold()}"
        is_option = (bool(equals) or is_dashed) and option in valued and not (is_value or is_rest)
        yield f"{option}{word[len(name) :]}" if is_option else word
        is_value = (option if is_option and not equals else word) in valued and not (is_value or is_rest)
