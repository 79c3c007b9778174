"""The image is made of files that are there, and of all that the bot is built from."""

import re
import shlex
from typing import Final

from tests.deploy.files import DEPLOY, ROOT
from tests.supply_chain.test_supply_chain import SOURCES

DOCKERFILE: Final = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
KNOWN: Final = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "ENTRYPOINT", "CMD"}
NOT_BUILT_FROM: Final = {".gitignore"}


def instructions() -> list[tuple[str, list[str]]]:
    """Return each instruction with its words; a comment is none, and a line may go on in the next."""
    lines = [line for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(name, shlex.split(rest)) for name, _, rest in (line.partition(" ") for line in whole)]


def test_every_line_is_an_instruction() -> None:
    """No line is torn off: each begins with a word of a Dockerfile, and the first names the base."""
    assert {name for name, _ in instructions()} == KNOWN
    assert instructions()[0][0] == "FROM"


def test_what_it_copies_is_there_and_is_all_that_is_needed() -> None:
    """What comes from the clone is there, is let through to the build, and is what a wheel is built from."""
    copied = {
        word for name, words in instructions() if name == "COPY" for word in words[:-1] if "--from" not in words[0]
    }
    assert all((ROOT / each).exists() for each in copied)
    assert copied == (set(SOURCES) - NOT_BUILT_FROM) | {"constraints.txt"}
    passed = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert next(line for line in passed if not line.startswith("#")) == "*"
    assert {line.removeprefix("!") for line in passed if line.startswith("!")} == copied


def test_it_installs_the_pinned_versions_with_the_engine() -> None:
    """The versions are those of the constraints, with the extra that an address needs."""
    (installing,) = [
        words for name, words in instructions() if name == "RUN" and "install" in words and "pip" in str(words)
    ]
    assert installing[-3:] == ["--constraint", "constraints.txt", ".[postgres]"]


def test_it_runs_the_bot_as_a_user_without_rights() -> None:
    """The process is the installed command, as a user of the image that has a directory of its own."""
    words = dict(instructions())
    entry = re.findall(r'"([^"]+)"', DOCKERFILE.partition("ENTRYPOINT")[2].splitlines()[0])
    (environment,) = {
        word for name, each in instructions() if name == "COPY" for word in each if word.endswith("/.venv")
    }
    assert entry == [f"{environment}/bin/session-bot"]
    assert words["CMD"] == ["[run]"]
    user, group = words["USER"][0].split(":")
    assert f"--uid {user} --gid {group}" in DOCKERFILE
    assert int(user) > 0
    assert f"--owner {user} --group {group} --mode 700 {words['WORKDIR'][0]}" in DOCKERFILE


def test_the_bot_of_the_first_stage_is_that_of_the_last() -> None:
    """An environment cannot be moved: it is made where it will stand."""
    assert DOCKERFILE.count("/opt/session-bot/.venv") >= 4
    assert "python -m venv /opt/session-bot/.venv" in DOCKERFILE
    bases = [words[0] for name, words in instructions() if name == "FROM"]
    assert len(set(bases)) == 1
