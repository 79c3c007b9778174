"""The page on the architecture, held against the code: its walk, its wings and its drawings."""

import ast
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from tests.conversations.conftest import MakeWorld
from tests.docs import architecture
from tests.docs.pages import ROOT, examples, read, rows

PAGE = str(architecture.PAGE)
AT_MOST = 12


def walk() -> list[tuple[str, str, str]]:
    """Return the steps of the walk: what happens, the file, and the function."""
    cells = [row.strip("| ").split(" | ") for row in rows(read(PAGE), "| step | what happens | file | function |")]
    assert [number for number, *_ in cells] == [str(number) for number in range(1, len(cells) + 1)]
    return [(happens, file.strip("`"), function.strip("`")) for _, happens, file, function in cells]


def test_the_walk_is_short_and_complete() -> None:
    """In at most twelve steps it says where a stop is decided, sent, confirmed and shown."""
    steps = walk()
    assert len(steps) <= AT_MOST
    marked = [found[1] for happens, *_ in steps if (found := re.match(r"\*\*(\w+)\*\*", happens))]
    assert marked == ["Decided", "Sent", "Confirmed", "Shown"]


@pytest.mark.parametrize(("happens", "file", "function"), walk())
def test_each_step_is_there(happens: str, file: str, function: str) -> None:
    """The file of a step has its function."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in ast.walk(tree) if hasattr(node, "name")}, happens


async def test_a_typed_stop_goes_this_way(make_world: MakeWorld) -> None:
    """A stop that nobody obeys passes every step in the order of the walk."""
    steps = [(str(ROOT / file), function) for _, file, function in walk()]
    with called(set(steps)) as calls:
        async with make_world(environ={"SESSION_BOT_CONFIRM_SECONDS": "5"}) as world:
            await world.started("stuck")
            calls.clear()
            await world.says(world.ann, "stop 1 it hangs", expect="Not confirmed")
            await world.shows("stop not confirmed")
    passed = iter(calls)
    assert [step for step in steps if step not in passed] == []


def test_its_parts_are_what_the_code_makes() -> None:
    """Wings, arrows, contracts and the lives of session and stop are the code's; `make reference` writes them."""
    assert architecture.filled(read(PAGE)) == read(PAGE), "make reference writes it anew"


def test_every_wing_stands_in_a_layer() -> None:
    """The drawing has every package of the bot, and its arrows go down the layers of the contract."""
    order = [name for layer in architecture.layers() for name in layer]
    packages = {f"bot.{each.parent.name}" for each in (ROOT / "bot").glob("*/__init__.py")}
    assert set(order) == {*packages, "storage"}
    for wing, others in architecture.imports().items():
        if wing in order:
            assert all(order.index(each) > order.index(wing) for each in others), wing


def test_the_way_of_a_command_is_one_of_imports() -> None:
    """In its drawing an arrow between wings is an import, a broken one goes through the ports; all of them exist."""
    (drawn,) = (each for each in examples(read(PAGE), "mermaid") if each.startswith("sequenceDiagram"))
    named = dict(re.findall(r"participant (\w+) as ([\w/]+)", drawn))
    assert all((ROOT / path / "__init__.py").is_file() for path in named.values())
    wing = {name: path.replace("/", ".") for name, path in named.items()}
    imports = architecture.imports()
    drawn_arrows = re.findall(r"^ +(\w+)(-?->>)(\w+):", drawn, re.MULTILINE)
    ours = [(wing[one], arrow, wing[other]) for one, arrow, other in drawn_arrows if one in wing and other in wing]
    assert ours
    for one, arrow, other in ours:
        if arrow == "->>":
            assert other in imports[one], f"{one} does not import {other}"
        else:
            assert "bot.ports" in imports[one]


def test_the_tables_it_names_are_tables() -> None:
    """What it says is kept is kept in a table of that name."""
    table = "\n".join(row.split("|")[1] for row in rows(read(PAGE), "| table | what a row is |"))
    named = set(re.findall(r"`(\w+)`", table))
    schema = (path.read_text(encoding="utf-8") for path in (ROOT / "storage" / "sqlite").glob("*.py"))
    made = {name for source in schema for name in re.findall(r"create table (\w+)", source)}
    assert named == made


@contextmanager
def called(functions: set[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Record the calls of these functions, by file and name, in this thread and in those that begin meanwhile."""
    calls: list[tuple[str, str]] = []

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and (step := (frame.f_code.co_filename, frame.f_code.co_name)) in functions:
            calls.append(step)

    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type] - as the documentation has it
