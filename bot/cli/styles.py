"""Options of a command line in either style: `--state open` and `state=open` are the same, for every command."""

from collections.abc import Iterator, Sequence

import typer
from typer.core import TyperCommand


class BothStyles(TyperCommand):
    """A command whose options can be written either way, each at most once: none silently goes before another."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Read the command line; a problem with it ends in a line on standard error and exit code 2."""
        names = {name: option for option in self.params for name in option.opts if name.startswith("--")}
        valued = {name for name, option in names.items() if not getattr(option, "is_flag", True)}
        args = list(_dashed(args, valued))
        given = [word.partition("=")[0] for word in args[: args.index("--") if "--" in args else None]]
        for name in valued:
            if given.count(name) > 1:
                ctx.fail(f"{name} stands there twice.")
        return super().parse_args(ctx, args)


def _dashed(args: Sequence[str], valued: set[str]) -> Iterator[str]:
    """Yield the words with `name=value` as `--name=value` where that is an option, which the value of one is not."""
    is_value = is_rest = False
    for word in args:
        name, equals, _ = word.partition("=")
        is_rest = is_rest or word == "--"
        is_option = bool(equals) and f"--{name.casefold()}" in valued and not (is_value or is_rest)
        yield f"--{name.casefold()}{word[len(name) :]}" if is_option else word
        is_value = word in valued and not (is_value or is_rest)
