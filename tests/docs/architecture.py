"""The parts of docs/architecture.md that are made from the code: `make reference` writes them into the page.

wings       the import contract's layers, each wing in its own words
arrows      which wing imports which, as a drawing; what follows from other arrows is left out
contracts   the rules that `make imports` holds
session     which state of a session may follow which
stop        the same of a stop
"""

import functools
import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import grimp

import bot
from storage import stop
from storage.records import NEXT, State
from storage.stop import StopState
from tests.docs.pages import ROOT
from tests.docs.tables import code, drawing, fenced, table

PAGE: Final = Path("docs/architecture.md")
_PART: Final = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str) -> str:
    """Return the page with its parts as the code makes them."""
    made = {
        "wings": wings,
        "arrows": arrows,
        "contracts": contracts,
        "session": lambda: drawing(NEXT, first=State.starting),
        "stop": lambda: drawing(stop.NEXT, first=StopState.not_asked),
    }
    return _PART.sub(lambda part: f"{part[1]}{made[part[2]]()}\n{part[3]}", page)


def wings() -> str:
    """Return the wings, highest first, and what each is about."""
    rows = [(code(name), _story(name)) for layer in layers() for name in layer for name in _with_rooms(name)]
    return table(("package", "what it is about"), rows)


def arrows() -> str:
    """Return a drawing of the wings, each with the arrows that no other arrows imply."""
    follows = imports()
    order = [name for layer in layers() for name in layer]
    lines = ["flowchart TD"]
    lines += [f"    {_node(name)}[{name.removeprefix('bot.')}]" for name in order]
    lines += [
        f"    {_node(name)} --> {_node(below)}"
        for name in order
        for below in order
        if below in follows[name] and not any(below in beneath(each) for each in follows[name] - {below})
    ]
    return fenced("mermaid", "\n".join(lines))


def contracts() -> str:
    """Return the names of the import contracts."""
    return "\n".join(f"* {contract['name']}." for contract in _contracts())


def layers() -> list[list[str]]:
    """Return the wings by the layers of the first contract, highest first; storage is the lowest."""
    (first,) = (each for each in _contracts() if each["type"] == "layers" and each["containers"] == ["bot"])
    named = [[f"bot.{name}" for name in re.split(r" [|:] ", layer)] for layer in first["layers"]]
    return [*([name for name in layer if name != "bot.__main__"] for layer in named[1:]), ["storage"]]


@functools.cache
def imports() -> Mapping[str, frozenset[str]]:
    """Return for each wing those that it imports, as the code stands."""
    graph = grimp.build_graph("bot", "storage", cache_dir=None)
    wings_of = {module: _wing(module) for module in graph.modules}
    found: dict[str, set[str]] = {wing: set() for wing in wings_of.values()}
    for module, wing in wings_of.items():
        found[wing] |= {wings_of[each] for each in graph.find_modules_directly_imported_by(module)} - {wing}
    return {wing: frozenset(others) for wing, others in found.items()}


@functools.cache
def beneath(wing: str) -> frozenset[str]:
    """Return all that a wing stands on, near and far."""
    near = imports()[wing]
    return near.union(*map(beneath, near))


def _wing(module: str) -> str:
    return "storage" if module.startswith("storage") else ".".join(module.split(".")[:2])


def _with_rooms(wing: str) -> Iterator[str]:
    """Yield a wing and the packages inside it; the sandbox's own rooms are not the bot's."""
    yield wing
    package = importlib.import_module(wing)
    if package.__name__ != f"{bot.__name__}.sandbox":
        yield from (f"{wing}.{each.name}" for each in pkgutil.iter_modules(package.__path__) if each.ispkg)


def _story(package: str) -> str:
    """Return the first sentence of a package."""
    return (importlib.import_module(package).__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")


def _contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(settings["tool"]["importlinter"]["contracts"])


def _node(wing: str) -> str:
    return wing.replace(".", "_")
