"""All pages, held against the code: what they name exists, what they quote is said, and each example is run."""

import ast
import re
from collections.abc import Iterator

import pytest
import typer.main
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.terminal._verbs import USAGES
from bot.config import setting_descriptions
from bot.verbs import BY_NAME, VERBS
from tests.docs.pages import PAGES, ROOT, anchors, named, read, rows, texts
from tests.docs.shell import shell
from tests.docs.test_check import CHECK
from tests.docs.test_contributing import ITS_TEST, ONE_TEST
from tests.docs.test_install import HTTP, MANIFEST, RUN, SANDBOX, SANDBOX_RUN
from tests.docs.test_operate import BACKUP, KEY, SERVICE
from tests.docs.test_tutorial import DEMO, TEXT
from tests.docs.test_uploader import UPLOADER

SETUP = "make setup"  # run by CI: every target of the Makefile begins with it
README_LINES = 200
STOPS = "docs/how-to/stop.md"
KIT_SECRET = "SESSION_BOT_SECRET"  # of an application at the platform, and no setting
ADDED = "age"  # by the example of a verb
MADE = {"bot/verbs/_age.py", "tests/conversations/test_age.py"}


def test_the_readme_is_short() -> None:
    """The first page is read in a few minutes; what is longer has a page of its own."""
    assert len(read("README.md").splitlines()) <= README_LINES


def test_every_page_is_reached_from_the_readme() -> None:
    """Links from the first page lead to every other."""
    seen: set[str] = set()
    waiting = ["README.md"]
    while waiting:
        seen.add(page := waiting.pop())
        linked = {named((ROOT / page).parent.joinpath(target).resolve()) for target in links(read(page)) if target}
        waiting += [each for each in linked if each.endswith(".md") and each not in seen]
    assert {named(page) for page in PAGES} <= seen


@pytest.mark.parametrize("name", list(map(named, PAGES)))
def test_its_links_lead_somewhere(name: str) -> None:
    """Every link of ours has a file, and a heading where it names one, at its end."""
    for target in re.findall(r"\]\(([^)]+)\)", read(name)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = (ROOT / name).parent / path if path else ROOT / name
        assert there.is_file(), target
        assert not anchor or anchor in anchors(there.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("name", list(map(named, PAGES)))
def test_every_command_line_it_names_exists(name: str) -> None:
    """What it tells people to run is a command of ours with that option, or a target of the Makefile."""
    page = read(name)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^    |`)make ([a-z-]+)", page, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for command, rest in re.findall(r"`session-bot\s((?:scenario\s)?[a-z]+(?:-[a-z]+)?)([^`]*)`", page):
        shown = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
        assert shown.exit_code == 0, command
        assert all(option in shown.output for option in re.findall(r"--[a-z]+", rest)), command


def test_every_command_shown_is_run() -> None:
    """Each example for a shell is one that CI or a test beside this one runs as it stands."""
    run = {
        SETUP,
        MANIFEST,
        RUN,
        SANDBOX,
        SANDBOX_RUN,
        UPLOADER,
        CHECK,
        HTTP,
        SERVICE,
        BACKUP,
        KEY,
        DEMO,
        TEXT,
        ONE_TEST,
        ITS_TEST,
    }
    assert {block.splitlines()[0] for block in shell()} == run
    assert len(set(shell())) == len(run), "two examples begin alike and differ"
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "lint", "types", "imports", "tests", "sandbox-tests"):
        assert f"\n{target}: setup\n" in makefile


@pytest.mark.parametrize("name", list(map(named, PAGES)))
def test_every_word_of_ours_that_it_names_is_one(name: str) -> None:
    """A variable is a setting, what stands after the slash command is a verb, and a metric is one that is served."""
    page = read(name)
    assert set(
        re.findall(r"\b(?:SESSION_BOT|SLACK|VOXIMPLANT)_[A-Z0-9_]*[A-Z0-9]\b", page)
    ) <= setting_descriptions().keys() | {KIT_SECRET}
    assert set(re.findall(r"/session ([a-z]+)", page)) <= {*BY_NAME, ADDED}
    assert all(f"`{metric}" in read("docs/reference/metrics.md") for metric in re.findall(r"`(session_bot_\w+)", page))


@pytest.mark.parametrize("name", list(map(named, PAGES)))
def test_every_path_that_it_names_exists(name: str) -> None:
    """A path of the tree is one that is there, but for those that the example of a verb makes."""
    named_here = set(re.findall(r"`((?:bot|storage|tests|docs|deploy)/[\w./-]*)`", read(name)))
    assert {path for path in named_here if not (ROOT / path).exists()} <= MADE


def test_the_three_verbs_are_verbs() -> None:
    """The README's short table says of each verb what `help` says, and leaves away only what may be left away."""
    verbs = {verb.name: verb for verb in VERBS}
    short = [row.strip("| ").split(" | ") for row in rows(read("README.md"), "| you type | what it does |")]
    assert len(short) == 3
    for typed, summary in short:
        words = typed.strip("`").removeprefix("/session ").split()
        assert summary == verbs[words[0]].summary
        assert set(words) <= set(verbs[words[0]].usage.split()) | {"<rule>"}


def test_what_to_do_at_night_stands_on_both_pages() -> None:
    """The README and the page on stops have the same table for a stuck session."""
    first, second = (rows(read(name), "| you want to | press, or type |") for name in ("README.md", STOPS))
    assert first == [row.replace("(without-slack.md)", "(docs/how-to/without-slack.md)") for row in second]


def test_the_table_of_the_terminal_is_its_verbs() -> None:
    """Every verb that there is at a terminal stands there, as it is typed, and no other."""
    table = rows(read("docs/how-to/without-slack.md"), "| at the terminal | what it does |")
    assert [row.split(" | ")[0] for row in table] == [f"| `session-bot {usage}`" for usage in USAGES.values()]
    made = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    database = {"audit", "backup", "restore", "copy", "forget"}
    others = {"run", "demo", "sandbox", "manifest", "doctor", "scenario"} | database
    assert made.keys() - others == USAGES.keys()


def test_every_text_that_is_quoted_is_one_that_is_said() -> None:
    """Every quoted text stands in the code in these words; `…` is the variable part."""
    said = list(texts_of_the_code())
    page = read("docs/how-to/troubleshoot.md")
    head = "| you read | it means | what to do |"
    quoted = [row.split(" | ")[0].strip("| ") for number in (0, 1) for row in rows(page, head, number)]
    quoted = [quote for quote in quoted if quote.startswith("`")]  # others tell what is seen instead
    assert len(quoted) > 20
    for quote in quoted:
        parts = [part.strip() for part in quote.strip("`").split("…")]
        assert all(any(part in text for text in said) for part in parts), quote


def test_the_pages_are_read() -> None:
    """The pages are those of the README and of docs, all four kinds."""
    kinds = {name.split("/")[1] for name in texts() if name.count("/") == 2}
    assert kinds == {"tutorial", "how-to", "reference", "explanation"}


def links(page: str) -> Iterator[str]:
    """Yield the files that a page links to."""
    for target in re.findall(r"\]\(([^)]+)\)", page):
        if "://" not in target:
            yield target.partition("#")[0]


def texts_of_the_code() -> Iterator[str]:
    """Yield every text in the code; those with values in them come in pieces."""
    for folder in ("bot", "storage"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
