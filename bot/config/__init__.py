"""The settings: the environment and `session-bot.toml` as one frozen `Settings`, every problem listed at once."""

from bot.config._grants import Grant
from bot.config._loading import SettingsProblems, load_settings, setting_descriptions
from bot.config._misspelt import misspelt_variables
from bot.config._paths import PathKind, closed_path_words, is_closed, path_kind, resolve_path
from bot.config._settings import Settings
from bot.config._stop_setting import DEFAULT_STOP, stop_request
from bot.config._tables import DirectoryConfig, RuleConfig
from bot.config._value_forms import CHANNEL_ID, COMMAND_NAME, COMMAND_NAME_WORDS

__all__ = [
    "CHANNEL_ID", "COMMAND_NAME", "COMMAND_NAME_WORDS", "DEFAULT_STOP", "DirectoryConfig", "Grant", "PathKind",
    "RuleConfig", "Settings", "SettingsProblems", "closed_path_words", "is_closed", "load_settings",
    "misspelt_variables", "path_kind", "resolve_path", "setting_descriptions", "stop_request",
]  # fmt: skip
