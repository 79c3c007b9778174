"""The files of deploy, read; and what an overlay makes of a base, as kustomize does."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
KUBERNETES: Final = DEPLOY / "kubernetes"
KUSTOMIZATION: Final = {"apiVersion", "kind", "resources", "patches", "images"}
"""The keys that are used of a kustomization, whose schema is in no package."""

Object = dict[str, Any]


def documents(path: Path) -> list[Object]:
    """Return the documents of a file."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def built(folder: Path) -> list[Object]:
    """Return the objects that a folder's kustomization makes: its resources, with its patches put into them."""
    (own,) = documents(folder / "kustomization.yaml")
    assert set(own) <= KUSTOMIZATION, folder
    assert (own["apiVersion"], own["kind"]) == ("kustomize.config.k8s.io/v1beta1", "Kustomization")
    objects: list[Object] = []
    for name in own["resources"]:
        objects += built(folder / name) if (folder / name).is_dir() else documents(folder / name)
    for each in own.get("patches", []):
        assert set(each) == {"path"}
        (patch,) = documents(folder / each["path"])
        (patched,) = [number for number, found in enumerate(objects) if identity(found) == identity(patch)]
        objects[patched] = merged(objects[patched], patch)
    for image in own.get("images", []):
        assert set(image) == {"name", "newName", "newTag"}
        containers = [each for found in objects if found["kind"] == "Deployment" for each in containers_of(found)]
        (container,) = [each for each in containers if each["image"] == image["name"]]
        container["image"] = f"{image['newName']}:{image['newTag']}"
    return objects


def identity(found: Object) -> tuple[str, str, str]:
    """Return what tells an object from the others."""
    return found["apiVersion"], found["kind"], found["metadata"]["name"]


def merged(base: Any, patch: Any, key: str = "") -> Any:
    """Return a value with a strategic merge patch in it: named entries by their name, ports by their number."""
    if isinstance(base, dict) and isinstance(patch, dict):
        both = {name: merged(base.get(name), value, name) for name, value in patch.items() if value is not None}
        return {name: value for name, value in base.items() if name not in patch} | both
    by = {"containers": "name", "env": "name", "ports": "containerPort"}.get(key)
    if by and isinstance(base, list):
        changes = {each[by]: each for each in patch}
        there = [merged(each, changes.pop(each[by], {})) for each in base]
        return there + list(changes.values())
    return patch


def containers_of(deployment: Object) -> list[Object]:
    """Return the containers of a Deployment."""
    found: list[Object] = deployment["spec"]["template"]["spec"]["containers"]
    return found


def of_kind(objects: list[Object], kind: str) -> list[Object]:
    """Return the objects of a kind."""
    return [each for each in objects if each["kind"] == kind]


def settings_named(text: str) -> set[str]:
    """Return the words of a text that look like settings of the bot."""
    return set(re.findall(r"\b(?:SESSION_BOT|SLACK|VOXIMPLANT)_[A-Z0-9_]*[A-Z0-9]\b", text))


def changed(tree: Any) -> Iterator[Any]:
    """Yield this tree again and again, each time with a field that nobody knows in another one of its mappings."""
    for place in _places(tree, ()):
        copy = yaml.safe_load(yaml.safe_dump(tree))
        found = copy
        for step in place:
            found = found[step]
        found["unheardOf"] = "x"
        yield place, copy


def _places(tree: Any, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(tree, dict):
        yield place
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, below in steps:
        yield from _places(below, (*place, step))
