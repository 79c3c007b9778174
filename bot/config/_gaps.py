"""Problems between settings that are each valid: something is missing beside them, or a path leads nowhere."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from bot.config._paths import PathKind, closed_path_words, path_kind, resolve_path
from bot.config._value_forms import is_path
from storage.address import ServerAddress


def no_way_to_slack(given: Mapping[str, str], described: Mapping[str, str]) -> list[str]:
    """Return the reasons why Slack cannot be reached at all, in either mode."""
    problems = []
    if "SLACK_BOT_TOKEN" not in given:
        problems.append(f"SLACK_BOT_TOKEN is not set: {described['SLACK_BOT_TOKEN']}")
    if not given.keys() & {"SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"}:
        problems.append("Slack needs a way in: SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP mode.")
    return problems


def incomplete(given: Mapping[str, str]) -> list[str]:
    """Return the settings that are missing because of the presence, or absence, of others."""
    problems = []
    pair = ("VOXIMPLANT_ACCOUNT_ID", "VOXIMPLANT_API_KEY")
    missing = [name for name in pair if name not in given]
    if len(missing) == 1:
        problems.append(f"{' and '.join(pair)} go together: {missing[0]} is not set.")
    elif missing and "VOXIMPLANT_CREDENTIALS" not in given:
        problems.append(f"The platform needs VOXIMPLANT_CREDENTIALS, or {' and '.join(pair)}.")
    if _is_on_server(given) and "SESSION_BOT_SECRET_KEY" not in given:
        problems.append(
            "A database on a server needs SESSION_BOT_SECRET_KEY: every replica opens the URLs that another has sealed."
        )
    if "SESSION_BOT_INBOX_PORT" in given and "SESSION_BOT_ANNOUNCE_SECRET" not in given:
        problems.append("SESSION_BOT_INBOX_PORT needs SESSION_BOT_ANNOUNCE_SECRET: only what is signed is read there.")
    return problems


def misplaced(given: Mapping[str, str], cwd: Path) -> list[str]:
    """Return the paths that lead nowhere, or where this user may not look."""
    files = [name for name in ("VOXIMPLANT_CREDENTIALS", "SESSION_BOT_CONFIG") if name in given]
    problems = [problem for name in files if (problem := _no_file(name, given[name], cwd)) is not None]
    if "SESSION_BOT_DATABASE" in given and not _is_on_server(given):
        database = resolve_path(cwd, given["SESSION_BOT_DATABASE"])
        stands = path_kind(database)
        if stands is PathKind.hidden:
            problems.append(f"SESSION_BOT_DATABASE: {closed_path_words(database)}")
        elif stands is PathKind.directory or path_kind(database.parent) is not PathKind.directory:
            problems.append("SESSION_BOT_DATABASE must name a file in a directory that is there.")
    return problems


def _is_on_server(given: Mapping[str, str]) -> bool:
    return ServerAddress.of(given.get("SESSION_BOT_DATABASE", "")) is not None


def no_authorities(environ: Mapping[str, str], cwd: Path) -> list[str]:
    """Return the problems of SSL_CERT_FILE and SSL_CERT_DIR: OpenSSL reports none, and trusts nobody."""
    problems = []
    if (file := environ.get("SSL_CERT_FILE")) is not None and (why := _no_certificates(file, cwd)) is not None:
        problems.append(f"SSL_CERT_FILE {why}, so no server could prove its name. Correct it, or unset it.")
    folders = environ.get("SSL_CERT_DIR")
    if folders is not None and not any((cwd / each).is_dir() for each in folders.split(os.pathsep) if each):
        problems.append("SSL_CERT_DIR names no directory that is there. Correct it, or unset it.")
    return problems


def _no_certificates(file: str, cwd: Path) -> str | None:
    if not file:
        return "is empty, which is not the same as unset"
    shown = cwd / file if is_path(file) else "a file"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cwd / file)
    except ssl.SSLError:
        return f"names {shown}, which holds no certificates in PEM form"
    except OSError as problem:
        return f"names {shown}, which cannot be read ({problem.strerror})"
    return None


def _no_file(name: str, typed: str, cwd: Path) -> str | None:
    """Return the reason why a variable is not the path of a file; a text that may be a secret is not repeated."""
    shown = resolve_path(cwd, typed) if is_path(typed) else "a file"
    return {
        PathKind.nothing: f"{name} names {shown}, which is not there.",
        PathKind.directory: f"{name} names {shown}, which is a directory; it must be a file.",
        PathKind.hidden: f"{name}: {closed_path_words(shown)}",
    }.get(path_kind(resolve_path(cwd, typed)))
