"""The secrets of the settings, which no log of any command shows."""

from collections.abc import Iterable
from urllib.parse import unquote

from pydantic import SecretStr

from bot.config import Settings
from storage.address import ServerAddress


def secrets(settings: Settings) -> Iterable[str]:
    """Yield every secret of the settings, so that no log can show one."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, SecretStr):
                yield each.get_secret_value()
    if isinstance(settings.database, ServerAddress) and settings.database.password:
        yield settings.database.password
        yield unquote(settings.database.password)
    if settings.way_out is not None:
        yield from settings.way_out.secrets  # its password stands in no log without its URL, either
