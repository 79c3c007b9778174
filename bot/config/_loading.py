"""Settings read from the environment and the config file, with every problem at once.

No value is repeated: a misplaced one may be a secret.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from bot.config._config_file import Config, read
from bot.config._gaps import incomplete, misplaced, no_authorities, no_way_to_slack
from bot.config._misspelt import refused
from bot.config._paths import PathKind, path_kind, resolve_path
from bot.config._settings import Settings
from bot.config._value_forms import in_our_words
from bot.text import foreign

_CONFIG_FILE = "session-bot.toml"


class SettingsProblems(Exception):  # noqa: N818 - it is a list of problems, told one sentence each
    """The problems that keep the bot from starting; `problems` has one sentence for each, none with a value in it."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_settings(environ: Mapping[str, str], cwd: Path, *, slack: bool = True) -> Settings:
    """Read the environment and the config file; relative paths start at `cwd`.

    Without `slack` nothing of Slack's is needed, nor looked at: a terminal works on a day without it.
    An empty variable counts as unset. Raises `SettingsProblems` with everything that is wrong, at once.
    """
    wanted = [name for name in setting_descriptions() if slack or not name.startswith("SLACK_")]
    given = {name: value for name in wanted if (value := foreign(environ.get(name, "")).strip())}
    path = _config_path(given, cwd)
    config = read(path) if path else Config()
    tables = {name: getattr(config, name) for name in ("rules", "grants", "limits", "directory")}
    known = {**tables, "SESSION_BOT_CONFIG": path}
    problems: list[str] = []
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(given | known, context={"cwd": cwd})
    except ValidationError as error:
        problems = [_sentence(problem) for problem in error.errors(include_input=False, include_url=False)]
    problems += refused(environ, setting_descriptions())
    problems += no_way_to_slack(given, setting_descriptions()) if slack else []
    problems += [*incomplete(given), *misplaced(given, cwd), *config.problems]
    problems += no_authorities(environ, cwd)
    if settings is None or problems:
        raise SettingsProblems(tuple(problems))  # outside the except: a ValidationError shows values
    return settings


def setting_descriptions() -> dict[str, str]:
    """Return each environment variable's name and its description."""
    return {
        str(field.validation_alias): field.description or ""
        for field in Settings.model_fields.values()
        if field.validation_alias
    }


def _config_path(given: Mapping[str, str], cwd: Path) -> Path | None:
    if named := given.get("SESSION_BOT_CONFIG"):
        path = resolve_path(cwd, named)
        return path if path_kind(path) in {PathKind.file, PathKind.unreadable} else None  # `misplaced` says why not
    path = cwd / _CONFIG_FILE
    return None if path_kind(path) is PathKind.nothing else path


def _sentence(problem: Mapping[str, object]) -> str:
    """Return the problem with one variable, by its name, never by its value."""
    loc = problem["loc"]
    name, *place = loc if isinstance(loc, tuple) else (str(loc),)
    entry = f", entry {place[0] + 1}," if place and isinstance(place[0], int) else ""
    return f"{name}{entry} {in_our_words(problem)}."
