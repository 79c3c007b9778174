"""The page's own files: all of them are loaded, at once, and none makes markup out of text."""

import re
from importlib import resources
from pathlib import Path

from .conftest import World

STATIC = Path(str(resources.files("bot.sandbox.page") / "static"))
INDEX = (STATIC / "index.html").read_text(encoding="utf-8")
MODULES = sorted(STATIC.glob("js/**/*.js"))
STYLES = sorted(STATIC.glob("css/*.css"))
_MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|createContextualFragment"
)
_REFUSED = 'const REFUSED = new Set(["style", "innerHTML", "outerHTML", "srcdoc"]);'
ROOMS = ("base", "state", "text", "blocks", "views", "composer", "timeline", "shell", "world")
"""The folders of the modules, each standing on those before it; `main.js` stands on all."""
_NAMES = re.compile(r'^import \{([^}]*)\} from "([^"]+)";', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:function|const) (\w+)", re.MULTILINE)
_FOR_TESTS = {"formatMoment"}
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_IMPORT = re.compile(r'^(?:import|export)\b[^;]*?from "([^"]+)";', re.MULTILINE)


def _address(file: Path) -> str:
    return f"/static/{file.relative_to(STATIC).as_posix()}"


async def test_the_page_asks_for_every_module_before_one_imports_it(world: World) -> None:
    """No module waits for another to name it: the first screen takes one round of requests."""
    async with world.http.get(world.page.url) as answer:
        page = await answer.text()
    assert answer.content_type == "text/html"
    assert re.findall(r'<link rel="modulepreload" href="([^"]+)">', page) == [_address(file) for file in MODULES]
    assert set(re.findall(r'<script [^>]*src="([^"]+)"', page)) == {"/static/scheme.js", "/static/js/main.js"}


def test_the_page_links_every_style() -> None:
    """A style that nothing links would be dead, and one that is missing would be a page without it."""
    assert set(re.findall(r'<link rel="stylesheet" href="([^"]+)">', INDEX)) == {_address(file) for file in STYLES}


def test_a_style_names_what_is_there() -> None:
    """A class is that of some element, and a property that is set is used."""
    css = _COMMENT.sub("", "\n".join(file.read_text(encoding="utf-8") for file in STYLES))
    drawn = INDEX + "\n".join(file.read_text(encoding="utf-8") for file in MODULES)
    parts = tuple(re.findall(r"([a-z]+-)\$\{", drawn))
    unused = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", css))) - set(re.findall(r"[\w-]+", drawn))
    assert {name for name in unused if not name.startswith(parts)} == set()
    assert set(re.findall(r"(--[\w-]+)\s*:", css)) == set(re.findall(r"var\((--[\w-]+)", css))


def test_no_module_makes_markup_out_of_text() -> None:
    """Texts of people and scenarios become text nodes: there is no call that would read them as markup."""
    sources = {_address(file): file.read_text(encoding="utf-8").replace(_REFUSED, "") for file in MODULES}
    assert {name: found[0] for name, source in sources.items() if (found := _MARKUP.search(source))} == {}


def test_every_module_imports_what_is_there() -> None:
    """Imports are relative and lead to a file of the page."""
    imports = [(file, target) for file in MODULES for target in _IMPORT.findall(file.read_text(encoding="utf-8"))]
    assert len(imports) > len(MODULES)
    for file, target in imports:
        assert target.startswith("."), target
        assert (file.parent / target).resolve() in MODULES, f"{_address(file)}: {target}"


def test_a_room_imports_only_from_rooms_before_it() -> None:
    """The page's parts stand on its texts and its state, and these on the elements: none reaches up."""
    rooms = {file: file.parent.name for file in MODULES if file.parent.name != "js"}
    assert set(rooms.values()) == set(ROOMS)
    assert [file.name for file in MODULES if file not in rooms] == ["main.js"]
    for file, room in rooms.items():
        targets = _IMPORT.findall(file.read_text(encoding="utf-8"))
        used = {rooms[(file.parent / target).resolve()] for target in targets}
        assert not used - set(ROOMS[: ROOMS.index(room) + 1]), f"{_address(file)}: {used}"


def test_what_a_module_exports_is_imported_and_used() -> None:
    """No module is there for nobody, none exports what nobody asks for, and none imports what it does not use."""
    asked: dict[Path, set[str]] = {file: set() for file in MODULES}
    for file in MODULES:
        source = file.read_text(encoding="utf-8")
        for names, target in _NAMES.findall(source):
            imported = {name.strip() for name in names.split(",") if name.strip()}
            asked[(file.parent / target).resolve()] |= imported
            unused = {name for name in imported if len(re.findall(rf"\b{name}\b", source)) == 1}
            assert not unused, f"{_address(file)}: {unused}"
    for file, names in asked.items():
        exported = set(_EXPORT.findall(file.read_text(encoding="utf-8")))
        assert exported - names <= _FOR_TESTS, f"{_address(file)}: {exported - names}"
        assert names or file.name == "main.js", _address(file)


def test_every_module_tells_one_story() -> None:
    """A module begins with a comment on what it is, and ends before 300 lines."""
    for file in MODULES:
        lines = file.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("// "), _address(file)
        assert len(lines) < 300, _address(file)
